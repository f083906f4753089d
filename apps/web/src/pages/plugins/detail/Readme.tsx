import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { Text } from '@mantine/core';
import { Fence } from '../../../ui/Fence.tsx';
import { LoadingRows } from '../../../ui/StateViews.tsx';
import { cutReadme } from './cut-readme.ts';
import { parseInWorker } from './parse-in-worker.ts';
import type { ReadmeNode } from './readme-node.ts';
import { ReadmeNodes } from './ReadmeNodes.tsx';

/** The README of a plugin: the text of a stranger, which is set where it cannot keep the page from anything. */
export function Readme(props: {
  readonly text: string;
  /** The server gives the beginning alone. */
  readonly isCutBefore: boolean;
  /** Where the whole of it may be read. */
  readonly home: string | undefined;
}): ReactElement {
  const { text, isCutBefore, home } = props;
  const { shown, isCut } = useMemo(() => cutReadme(text, isCutBefore), [text, isCutBefore]);
  const [parsed, setParsed] = useState<{ readonly of: string; readonly nodes: readonly ReadmeNode[] | undefined }>();
  useEffect(
    () =>
      parseInWorker(shown, (nodes) => {
        setParsed({ of: shown, nodes });
      }),
    [shown],
  );
  if (parsed?.of !== shown) return <LoadingRows rows={6} label="Loading the README" />;
  const plain = <PlainReadme>{shown}</PlainReadme>;
  return (
    <>
      <div className="fw-readme" data-testid="readme">
        {parsed.nodes === undefined ? (
          plain
        ) : (
          <Fence text={plain}>
            <ReadmeNodes nodes={parsed.nodes} />
          </Fence>
        )}
      </div>
      {isCut ? (
        <Text size="sm" c="dimmed" data-testid="readme-cut">
          It is longer than this page shows.{' '}
          {home === undefined ? null : (
            <a href={home} target="_blank" rel="noopener noreferrer nofollow" className="fw-link">
              See its home page for the rest
            </a>
          )}
        </Text>
      ) : null}
    </>
  );
}

function PlainReadme({ children }: { readonly children: string }): ReactElement {
  return (
    <>
      <Text size="sm" c="dimmed">
        It stands here as it was written, since it takes too much to set it.
      </Text>
      <pre className="fw-readme-plain" tabIndex={0}>
        {children}
      </pre>
    </>
  );
}
