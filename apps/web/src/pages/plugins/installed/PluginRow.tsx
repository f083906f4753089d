import type { ReactElement } from 'react';
import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { PluginSummary } from '@fleetwire/plugin-manager';
import { usePluginLoader } from '@fleetwire/plugin-manager/react';
import { folderOfId } from '../plugin-address.ts';
import { countKinds, type PluginContribution } from '../plugin-contributions.ts';
import { standingOf, type TabView } from '../plugin-standing.ts';
import { StandingMark } from '../StandingMark.tsx';
import { EnabledWord } from './EnabledWord.tsx';
import { EnableSwitch } from './EnableSwitch.tsx';
import { PluginMenu } from './PluginMenu.tsx';

/** An installed plugin: how it does, what it adds, and what can be done to it. */
export function PluginRow(props: {
  readonly plugin: PluginSummary;
  /** What tells it from all others. */
  readonly name: string;
  readonly view: TabView | undefined;
  readonly contributions: readonly PluginContribution[];
  readonly newVersion: string | undefined;
  readonly mayManage: boolean;
}): ReactElement {
  const { plugin, name, view, contributions, newVersion, mayManage } = props;
  const { id, title, version, isPinned } = plugin;
  const loader = usePluginLoader();
  const standing = standingOf(plugin, view);
  const adds = countKinds(contributions);
  return (
    <li className="fw-plugin" data-testid={`plugin-${id}`}>
      <div className="fw-plugin-what">
        <div className="fw-plugin-head">
          <Link to="/plugins/$id" params={{ id: folderOfId(id) }} className="fw-plugin-title" aria-label={name}>
            {title}
          </Link>
          <span className="fw-tag fw-numbers">{version}</span>
          {isPinned ? <span className="fw-tag">pinned</span> : null}
          {newVersion === undefined ? null : <span className="fw-tag fw-tag-new">{newVersion} available</span>}
        </div>
        <Text size="sm" c="dimmed" className="fw-anywhere">
          {id}
          {adds === '' ? '' : ` · adds ${adds}`}
        </Text>
        {standing.reason === undefined ? null : (
          <Text size="sm" className={standing.tone === 'bad' ? 'fw-reason' : 'fw-quiet'}>
            {standing.reason}
          </Text>
        )}
        {standing.remedy === undefined ? null : (
          <Button
            size="compact-sm"
            variant="default"
            mt={6}
            aria-label={standing.remedy === 'reload' ? undefined : `Try again in this tab: ${name}`}
            onClick={() => {
              if (standing.remedy === 'reload') location.reload();
              else loader?.retry(id);
            }}
          >
            {standing.remedy === 'reload' ? 'Load the page anew' : 'Try again in this tab'}
          </Button>
        )}
      </div>
      <StandingMark standing={standing} />
      <div className="fw-plugin-controls">
        {mayManage ? (
          <>
            <EnableSwitch plugin={plugin} name={name} />
            <PluginMenu plugin={plugin} name={name} newVersion={newVersion} adds={adds} />
          </>
        ) : (
          <EnabledWord plugin={plugin} standing={standing} />
        )}
      </div>
    </li>
  );
}
