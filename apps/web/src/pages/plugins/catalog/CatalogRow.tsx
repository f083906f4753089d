import type { ReactElement } from 'react';
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { CatalogSearch } from '@fleetwire/plugin-manager';
import { formatCount } from '../../../ui/format.ts';
import { folderOfId } from '../plugin-address.ts';
import { newestVersion } from '../plugins-search.ts';

/** A plugin that a source offers. */
export function CatalogRow(props: {
  readonly item: CatalogSearch['items'][number];
  /** What tells it from all others. */
  readonly name: string;
  readonly installedVersion: string | undefined;
}): ReactElement {
  const { item, name, installedVersion = item.installedVersion } = props;
  const { id, title, description, version, author, isOfficial, stars } = item;
  const params = { id: folderOfId(id) };
  return (
    <li className="fw-plugin" data-testid={`catalog-${id}`}>
      <div className="fw-plugin-what">
        <div className="fw-plugin-head">
          <Link to="/plugins/$id" params={params} className="fw-plugin-title" aria-label={name}>
            {title}
          </Link>
          <span className="fw-tag fw-numbers">{version}</span>
          {isOfficial === true ? <span className="fw-tag">official</span> : null}
          {installedVersion === undefined ? null : (
            <span className="fw-tag fw-tag-new" data-testid="installed">
              {installedVersion === version ? 'installed' : `${installedVersion} installed`}
            </span>
          )}
        </div>
        {description === '' ? null : (
          <Text size="sm" className="fw-anywhere" lineClamp={3}>
            {description}
          </Text>
        )}
        <Text size="sm" c="dimmed" className="fw-anywhere fw-numbers">
          {[id, author, stars === undefined ? undefined : `${formatCount(stars)} ${stars === 1 ? 'star' : 'stars'}`]
            .filter((part) => part !== undefined && part !== '')
            .join(' · ')}
        </Text>
      </div>
      {installedVersion === undefined ? (
        <div className="fw-plugin-controls">
          <Link
            to="/plugins/$id"
            params={params}
            search={{ install: newestVersion }}
            className="fw-button"
            aria-label={`Install ${name}`}
          >
            Install
          </Link>
        </div>
      ) : null}
    </li>
  );
}
