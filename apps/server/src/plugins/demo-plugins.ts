import type { CatalogPackage, CatalogVersion } from '@fleetwire/plugin-manager/testing';
import { demoReadmes } from './demo-readmes.ts';

/** What an archive of the demo is made of. */
export interface DemoVersion extends Pick<CatalogVersion, 'version' | 'changes'> {
  /** The day it was published: `2026-09-14`. */
  readonly day: string;
  /** The ES module. */
  readonly entry: string;
  readonly contributes: Readonly<Record<string, unknown>>;
  /** Range of the versions of Fleetwire that it is for. */
  readonly hostVersions: string;
}

/** A plugin of the demo, newest version first. */
export interface DemoPlugin extends Pick<CatalogPackage, 'name'> {
  readonly title: string;
  readonly description: string;
  readonly readme: string;
  readonly versions: readonly [DemoVersion, ...DemoVersion[]];
}

/** The widget that shows the time, in one time zone or in two. */
function clockEntry(zones: Readonly<Record<string, Intl.DateTimeFormatOptions>>): string {
  return `import { definePlugin } from '@fleetwire/plugin-manager/sdk';
import { createElement, useEffect, useState } from 'react';

const zones = ${JSON.stringify(zones)};

function Clock() {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  return createElement(
    'dl',
    null,
    Object.entries(zones).map(([label, options]) => [
      createElement('dt', { key: label }, label),
      createElement('dd', { key: label + ' time' }, now.toLocaleTimeString(undefined, options)),
    ]),
  );
}

export default definePlugin({
  activate(context) {
    context.register('overviewWidget', { id: 'clock', title: 'Clock', component: Clock });
  },
});
`;
}

const clustersEntry = `import { definePlugin } from '@fleetwire/plugin-manager/sdk';
import { createElement, useSyncExternalStore } from 'react';

export default definePlugin({
  activate({ register, sdk }) {
    function ClusterStates() {
      const clusters = useSyncExternalStore(sdk.clusters.subscribe, sdk.clusters.getSnapshot) ?? [];
      const ready = clusters.filter(({ state }) => state === 'ready').length;
      return createElement('p', null, ready + ' of ' + clusters.length + ' clusters are ready');
    }
    register('overviewWidget', { id: 'states', title: 'Cluster states', component: ClusterStates });
    register('command', { id: 'open', title: 'Open the list of clusters', run: () => sdk.navigate('/clusters') });
  },
});
`;

const widget = (id: string, title: string) => ({ overviewWidget: [{ id, title }] });

/** What the demo catalog has: one with an update, one with another kind of contribution, one that is for a later Fleetwire. */
export const demoPlugins: readonly DemoPlugin[] = [
  {
    name: 'clock',
    title: 'Clock',
    description: 'The time, on the overview. Install 1.0.0 to try an update and the way back.',
    readme: demoReadmes['clock'],
    versions: [
      {
        version: '1.1.0',
        day: '2026-10-05',
        hostVersions: '<99.0.0',
        changes: [
          { kind: 'added', description: 'The time in UTC beside the time here' },
          { kind: 'changed', description: 'Times stand under the names of their zones' },
        ],
        entry: clockEntry({ Here: {}, UTC: { timeZone: 'UTC' } }),
        contributes: widget('clock', 'Clock'),
      },
      {
        version: '1.0.0',
        day: '2026-09-14',
        hostVersions: '<99.0.0',
        changes: [{ kind: 'added', description: 'The time here, on the overview' }],
        entry: clockEntry({ Here: {} }),
        contributes: widget('clock', 'Clock'),
      },
    ],
  },
  {
    name: 'cluster-states',
    title: 'Cluster states',
    description: 'How many clusters are ready, on the overview, and a command that opens their list.',
    readme: demoReadmes['cluster-states'],
    versions: [
      {
        version: '1.0.0',
        day: '2026-09-21',
        hostVersions: '<99.0.0',
        changes: [{ kind: 'added', description: 'A widget of the overview, and a command' }],
        entry: clustersEntry,
        contributes: {
          ...widget('states', 'Cluster states'),
          command: [{ id: 'open', title: 'Open the list of clusters' }],
        },
      },
    ],
  },
  {
    name: 'from-the-future',
    title: 'From the future',
    description: 'For a version of Fleetwire that is not there yet: to see how a plugin that does not fit is told.',
    readme: demoReadmes['from-the-future'],
    versions: [
      {
        version: '1.0.0',
        day: '2026-10-12',
        hostVersions: '>=99.0.0',
        entry: clockEntry({ Here: {} }),
        contributes: widget('clock', 'Clock'),
      },
    ],
  },
];
