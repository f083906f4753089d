import type { ReactElement } from 'react';
import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Compatibility } from '../Compatibility.tsx';
import { usePluginActions } from '../installed/use-plugin-actions.ts';
import { folderOfId } from '../plugin-address.ts';
import { useRelease } from '../use-release.ts';
import { Changes } from './Changes.tsx';
import type { AvailableUpdate } from './update-list.ts';

/** A plugin that there is a newer version of, and what changes with it. */
export function UpdateItem(props: {
  readonly update: AvailableUpdate;
  readonly title: string;
  /** Whether an operation of it runs already. */
  readonly isBusy: boolean;
  /** Whether its compatibility is shown. */
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}): ReactElement {
  const { update, title, isBusy, isOpen, onToggle } = props;
  const { id, installedVersion, version, changes } = update;
  const actions = usePluginActions({ id, name: title });
  const release = useRelease(id, isOpen ? version : undefined);
  return (
    <li className="fw-plugin" data-testid={`update-${id}`}>
      <div className="fw-plugin-what">
        <div className="fw-plugin-head">
          <Link to="/plugins/$id" params={{ id: folderOfId(id) }} className="fw-plugin-title">
            {title}
          </Link>
          <span className="fw-numbers" data-testid="versions">
            {installedVersion} <span aria-label="to">→</span> <strong>{version}</strong>
          </span>
        </div>
        <Changes changes={changes} />
        <Button size="compact-sm" variant="default" mt={8} aria-expanded={isOpen} onClick={onToggle}>
          Compatibility
        </Button>
        {!isOpen ? null : release.data !== undefined ? (
          <Compatibility release={release.data} />
        ) : (
          <Text size="sm" mt={6} role="status" className={release.error === null ? 'fw-quiet' : 'fw-reason'}>
            {release.error === null ? 'Asking the source' : release.error.message}
          </Text>
        )}
      </div>
      <div className="fw-plugin-controls">
        <Button
          size="xs"
          loading={isBusy}
          aria-label={`Update ${title} to ${version}`}
          onClick={() => void actions.begin('update')}
        >
          Update
        </Button>
      </div>
    </li>
  );
}
