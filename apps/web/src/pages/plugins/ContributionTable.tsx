import type { ReactElement } from 'react';
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { DataTable } from '../../ui/DataTable.tsx';
import { folderOfId } from './plugin-address.ts';
import { kindTitle, type PluginContribution } from './plugin-contributions.ts';

/** What plugins add to this tab, each with the plugin that it is from unless `nameOf` is left out. */
export function ContributionTable(props: {
  readonly contributions: readonly PluginContribution[];
  readonly nameOf?: (pluginId: string) => string;
}): ReactElement {
  const { contributions, nameOf } = props;
  const heads = ['Contribution', 'Kind', 'Where', ...(nameOf === undefined ? [] : ['From'])];
  return (
    <DataTable heads={heads} name="contributions">
      {contributions.map(({ key, pluginId, kind, title, place, awaitsCode }) => (
        <tr key={key} className="fw-still">
          <td className="fw-anywhere">
            {title}
            {awaitsCode ? (
              <Text span size="sm" c="dimmed">
                {' '}
                not used yet
              </Text>
            ) : null}
          </td>
          <td>{kindTitle(kind)}</td>
          <td className="fw-anywhere" data-nothing={place === undefined}>
            {place ?? '–'}
          </td>
          {nameOf === undefined ? null : (
            <td>
              <Link to="/plugins/$id" params={{ id: folderOfId(pluginId) }} className="fw-link">
                {nameOf(pluginId)}
              </Link>
            </td>
          )}
        </tr>
      ))}
    </DataTable>
  );
}
