import { lazy, Suspense, type ReactElement } from 'react';
import { Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { CatalogDetails, PluginDetails } from '@fleetwire/plugin-manager';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { Fact } from '../Fact.tsx';
import { safeHref } from './safe-href.ts';

const Readme = lazy(async () => ({ default: (await import('./Readme.tsx')).Readme }));

/** What the plugin says of itself. */
export function AboutTab(props: {
  readonly installed: PluginDetails | undefined;
  readonly catalog: UseQueryResult<CatalogDetails>;
  readonly mayManage: boolean | undefined;
}): ReactElement {
  const { installed, catalog, mayManage } = props;
  const { data: entry } = catalog;
  const home = safeHref(entry?.homeUrl ?? installed?.homeUrl);
  const author = entry?.author ?? installed?.author;
  const hub = safeHref(installed?.artifacthubURL);
  return (
    <div className="fw-card">
      <dl className="fw-plugin-facts">
        {author === undefined ? null : <Fact name="Author">{author}</Fact>}
        {home === undefined ? null : (
          <Fact name="Home page">
            <ExternalLink href={home} />
          </Fact>
        )}
        {hub === undefined ? null : (
          <Fact name="Artifact Hub">
            <ExternalLink href={hub} />
          </Fact>
        )}
      </dl>
      {entry?.readme !== undefined && entry.readme !== '' ? (
        <Suspense fallback={<LoadingRows rows={6} label="Loading the README" />}>
          <Title order={2} size="h5" mt="md">
            README
          </Title>
          <Readme text={entry.readme} isCutBefore={entry.readmeIsCut === true} home={home} />
        </Suspense>
      ) : mayManage === false ? (
        <StateView kind="denied" title="Its README is in the catalog">
          The catalog is for those who manage plugins.
        </StateView>
      ) : catalog.error !== null ? (
        <StateView
          kind="error"
          title="The catalog cannot be read"
          action={{ label: 'Try again', run: () => void catalog.refetch() }}
        >
          {catalog.error.message}
        </StateView>
      ) : entry === undefined ? (
        <LoadingRows rows={6} label="Loading the README" />
      ) : (
        <StateView kind="empty" title="It has no README">
          {entry.description === '' ? undefined : entry.description}
        </StateView>
      )}
    </div>
  );
}

function ExternalLink({ href }: { readonly href: string }): ReactElement {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="fw-link">
      {href}
    </a>
  );
}
