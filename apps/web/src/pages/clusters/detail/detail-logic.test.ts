import { describe, expect, it } from 'vitest';
import type { KubeObject, KubeWatchError } from '@fleetwire/kube-watch';
import { conflictsOf, keptFields } from './apply-outcome.ts';
import { LineSplitter, LogBuffer, maxLineLength, maxLogLines, parseLogLine } from './log-lines.ts';
import { conditionsOf } from '../../../kube/read-object.ts';
import { isSameEditable, parseEdited, toEditableYaml, toYaml } from './object-yaml.ts';
import { relatedLists, resourceOfOwner } from './related-objects.ts';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u1',
    resourceVersion: '7',
    generation: 2,
    labels: { app: 'web' },
    managedFields: [{}],
  },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web' } } },
  status: { replicas: 2 },
} as unknown as KubeObject;

const pod = (name: string, labels: Readonly<Record<string, string>>, owner?: string): KubeObject =>
  ({
    kind: 'Pod',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      labels,
      ...(owner === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: owner, uid: owner }] }),
    },
    spec: { nodeName: 'node-1' },
  }) as unknown as KubeObject;

describe('an object as YAML', () => {
  it('is shown without the bookkeeping of the server, and edited without what it alone writes', () => {
    expect(toYaml(deployment)).toContain('status:');
    expect(toYaml(deployment)).not.toContain('managedFields');
    expect(toEditableYaml(deployment)).toBe(
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n  labels:\n    app: web\n' +
        'spec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: web\n',
    );
  });

  it('is another one when what a user may set changed, or it was made anew, not at each heartbeat', () => {
    const { metadata } = deployment;
    expect(isSameEditable(deployment, { ...deployment })).toBe(true);
    const later = { ...metadata, resourceVersion: '8' };
    expect(isSameEditable(deployment, { ...deployment, metadata: later, status: {} } as KubeObject)).toBe(true);
    expect(isSameEditable(deployment, { ...deployment, metadata: { ...later, labels: {} } })).toBe(false);
    expect(isSameEditable(deployment, { ...deployment, metadata: { ...metadata, uid: 'u2' } })).toBe(false);
  });

  it('comes back as it was edited', () => {
    const text = toEditableYaml(deployment).replace('replicas: 2', 'replicas: 5');
    expect(parseEdited(text, deployment)).toMatchObject({ object: { spec: { replicas: 5 } } });
  });

  it('says in which line it cannot be read', () => {
    expect(parseEdited('apiVersion: apps/v1\nkind: [', deployment)).toMatchObject({ line: 2 });
    expect(parseEdited('- 1', deployment)).toMatchObject({ line: 1 });
    expect(parseEdited('', deployment)).toMatchObject({ line: 1 });
  });

  it('refuses to become another object', () => {
    const text = toEditableYaml(deployment).replace('name: web', 'name: api');
    expect(parseEdited(text, deployment)).toEqual({
      message: 'metadata.name names the object: expected "web", got "api"',
      line: 4,
    });
    expect(parseEdited(toEditableYaml(deployment).replace('  namespace: shop\n', ''), deployment)).toEqual({
      message: 'metadata.namespace names the object: expected "shop", got none',
      line: undefined,
    });
  });
});

describe('the conditions of an object', () => {
  it('are shown as far as they can be read', () => {
    const conditions = [null, 'x', {}, { type: 'Ready', status: true, message: { a: 1 } }];
    const object = { ...deployment, status: { conditions } } as unknown as KubeObject;
    expect(conditionsOf(object)).toMatchObject([{ type: 'Ready', status: 'true', message: 'a=1', reason: undefined }]);
    expect(conditionsOf({ ...deployment, status: { conditions: {} } } as unknown as KubeObject)).toEqual([]);
  });
});

describe('the outcome of an apply', () => {
  it('names the fields and managers of a conflict', () => {
    const error = {
      status: 409,
      details: {
        kind: 'Status',
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "kubectl" using apps/v1',
              field: '.spec.replicas',
            },
          ],
        },
      },
    } as unknown as KubeWatchError;
    expect(conflictsOf(error)).toEqual([{ field: '.spec.replicas', manager: 'kubectl' }]);
    expect(conflictsOf({ ...error, status: 422 })).toBeUndefined();
    expect(conflictsOf({ status: 409 } as KubeWatchError)).toBeUndefined();
  });

  it('tells what was taken out and is still there', () => {
    const before = { metadata: { labels: { a: '1', b: '2' } }, spec: { c: [{ name: 'x', v: 1 }, { name: 'y' }] } };
    const edited = { metadata: { labels: { a: '1' } }, spec: { c: [{ name: 'x' }] } };
    expect(keptFields(before, edited, before)).toEqual(['.metadata.labels.b', '.spec.c[x].v', '.spec.c[y]']);
    expect(keptFields(before, edited, edited)).toEqual([]);
    expect(keptFields(before, before, before)).toEqual([]);
  });
});

describe('lines of logs', () => {
  it('come with the time that the kubelet wrote', () => {
    expect(parseLogLine('2026-11-21T10:00:00.123456789Z GET / 200')).toEqual({
      at: '2026-11-21T10:00:00.123456789Z',
      text: 'GET / 200',
    });
    expect(parseLogLine('no time')).toEqual({ at: undefined, text: 'no time' });
  });

  it('are whole, however the stream was cut', () => {
    const splitter = new LineSplitter();
    expect(splitter.push('on')).toEqual([]);
    expect(splitter.push('e\r\ntwo\nth')).toEqual(['one', 'two']);
    expect(splitter.end()).toEqual(['th']);
    expect(splitter.end()).toEqual([]);
  });

  it('come without the colours of a terminal', () => {
    expect(parseLogLine('\u001b[1;31mfailed\u001b[0m\u001b[K at [5m]').text).toBe('failed at [5m]');
  });

  it('that never end are cut at a bound, and the next one is whole again', () => {
    const splitter = new LineSplitter();
    for (let sent = 0; sent <= maxLineLength; sent += 1_000) expect(splitter.push('x'.repeat(1_000))).toEqual([]);
    expect(splitter.push('\nnext\n')).toEqual([`${'x'.repeat(maxLineLength)}…`, 'next']);
  });

  it('of several pods stand in the order of their times, and each pod’s in its own', () => {
    const buffer = new LogBuffer();
    const append = (source: string, lines: readonly string[]): void => {
      buffer.append(source, lines.map(parseLogLine));
    };
    append('a', ['2026-01-01T00:00:01Z a1', '2026-01-01T00:00:03Z a2', 'a3']);
    append('b', ['2026-01-01T00:00:02Z b1']);
    expect(buffer.lines.map(({ text }) => text)).toEqual(['a1', 'a2', 'a3', 'b1']);
    buffer.clear();
    append('a', ['2026-01-01T00:00:01Z a1', '2026-01-01T00:00:03Z a2']);
    append('b', ['2026-01-01T00:00:02Z b1']);
    expect(buffer.lines.map(({ text }) => text)).toEqual(['a1', 'b1', 'a2']);
  });

  it('are bounded, and what was dropped is counted', () => {
    const buffer = new LogBuffer();
    buffer.append(
      'a',
      Array.from({ length: maxLogLines + 5 }, (_, index) => ({ at: undefined, text: String(index) })),
    );
    expect(buffer.lines).toHaveLength(maxLogLines);
    expect(buffer.lines[0]?.text).toBe('5');
    expect(buffer.dropped).toBe(5);
  });
});

describe('related objects', () => {
  const noCell = (): undefined => undefined;
  const [ofReplicaSet] = relatedLists({ apiVersion: 'apps/v1', kind: 'ReplicaSet' });
  const replicaSet = { ...deployment, kind: 'ReplicaSet' };

  it('are what an object owns', () => {
    expect(ofReplicaSet?.belongs(pod('p', {}, 'u1'), replicaSet, noCell)).toBe(true);
    expect(ofReplicaSet?.belongs(pod('p', {}, 'u2'), replicaSet, noCell)).toBe(false);
    expect(ofReplicaSet?.belongs(pod('p', {}), replicaSet, noCell)).toBe(false);
  });

  it('are what its selector selects', () => {
    const pods = relatedLists(deployment).at(-1);
    expect(pods?.belongs(pod('p', { app: 'web', x: 'y' }), deployment, noCell)).toBe(true);
    expect(pods?.belongs(pod('p', { app: 'api' }), deployment, noCell)).toBe(false);
  });

  it('of a pod are the services whose printed selector it carries', () => {
    const [list] = relatedLists({ apiVersion: 'v1', kind: 'Pod' });
    const selects = (selector: string | undefined, type = 'ClusterIP'): boolean | undefined =>
      list?.belongs(service, pod('p', { app: 'web', tier: 'a', empty: '' }), (column) =>
        column === 'Selector' ? selector : column === 'Type' ? type : undefined,
      );
    const service = { ...deployment, kind: 'Service' };
    expect(selects('app=web')).toBe(true);
    expect(selects('app=web,tier=a')).toBe(true);
    expect(selects('empty=')).toBe(true);
    expect(selects('app=web,tier=b')).toBe(false);
    expect(selects('app=web', 'ExternalName')).toBe(false);
    // kubectl and the server print this where there is none.
    expect(selects('<none>')).toBe(false);
    expect(selects('')).toBe(false);
    expect(selects(undefined)).toBe(false);
  });

  it('are asked for by what the server can tell, not all of the namespace or the cluster', () => {
    const query = (apiVersion: string, kind: string, spec: object): unknown =>
      relatedLists({ apiVersion, kind })
        .at(-1)
        ?.query({ ...deployment, apiVersion, kind, spec } as unknown as KubeObject);
    const matchExpressions = [
      { key: 'tier', operator: 'In', values: ['a', 'b'] },
      { key: 'env', operator: 'NotIn', values: ['dev'] },
      { key: 'team', operator: 'Exists' },
      { key: 'old', operator: 'DoesNotExist' },
    ];
    const selector = { matchLabels: { app: 'web' }, matchExpressions };
    const text = { labelSelector: 'app=web,tier in (a,b),env notin (dev),team,!old' };
    expect(query('apps/v1', 'StatefulSet', { selector })).toEqual(text);
    expect(query('apps/v1', 'Deployment', { selector })).toEqual(text);
    expect(query('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: selector })).toEqual(text);
    expect(query('v1', 'Service', { selector: { app: 'web' } })).toEqual({ labelSelector: 'app=web' });
    expect(query('v1', 'Service', {})).toBeUndefined();
    expect(query('v1', 'Service', { selector: {} })).toBeUndefined();
    expect(query('v1', 'Service', { selector: { app: 'web' }, type: 'ExternalName' })).toBeUndefined();
    expect(query('v1', 'Node', {})).toEqual({ fieldSelector: 'spec.nodeName=web' });
    expect(query('batch/v1', 'CronJob', {})).toEqual({});
  });

  it('of a policy or a budget with an empty selector are every pod of the namespace, of a budget with none no pod', () => {
    const found = (apiVersion: string, kind: string, spec: object) => {
      const subject = { ...deployment, apiVersion, kind, spec } as unknown as KubeObject;
      const [list] = relatedLists(subject);
      const query = list?.query(subject);
      return query === undefined
        ? undefined
        : { query, belongs: list?.belongs(pod('p', { any: 'x' }), subject, noCell) };
    };
    const all = { query: {}, belongs: true };
    expect(found('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: {} })).toEqual(all);
    expect(found('networking.k8s.io/v1', 'NetworkPolicy', {})).toEqual(all);
    expect(found('policy/v1', 'PodDisruptionBudget', { selector: {} })).toEqual(all);
    expect(found('policy/v1', 'PodDisruptionBudget', { selector: { matchLabels: {} } })).toEqual(all);
    expect(found('policy/v1', 'PodDisruptionBudget', {})).toBeUndefined();
    expect(found('policy/v1', 'PodDisruptionBudget', { selector: null })).toBeUndefined();
  });

  it('say how they do by what is printed', () => {
    const cells: Readonly<Record<string, string>> = { Status: 'Running', Ready: '1', Desired: '3', Completions: '0/1' };
    const state = (kind: string, apiVersion: string, without = ''): string | undefined =>
      relatedLists({ apiVersion, kind })[0]?.stateOf?.((column) => (column === without ? undefined : cells[column]));
    expect(state('Deployment', 'apps/v1')).toBe('1/3');
    expect(state('ReplicaSet', 'apps/v1')).toBe('Running');
    expect(state('CronJob', 'batch/v1')).toBe('Running');
    expect(state('CronJob', 'batch/v1', 'Status')).toBe('0/1');
  });

  it('are not those of a kind of the same name in another group', () => {
    expect(relatedLists({ apiVersion: 'serving.knative.dev/v1', kind: 'Service' })).toEqual([]);
  });

  it('find the resource type of an owner by its kind, group and version', () => {
    const resources = [
      { group: 'apps', version: 'v1', resource: 'replicasets', kind: 'ReplicaSet' },
      { version: 'v1', resource: 'nodes', kind: 'Node' },
    ];
    const owner = { name: 'x', uid: 'y' };
    expect(resourceOfOwner({ ...owner, apiVersion: 'apps/v1', kind: 'ReplicaSet' }, resources)).toBe(resources[0]);
    expect(resourceOfOwner({ ...owner, apiVersion: 'v1', kind: 'Node' }, resources)).toBe(resources[1]);
    expect(resourceOfOwner({ ...owner, apiVersion: 'apps/v2', kind: 'ReplicaSet' }, resources)).toBeUndefined();
  });
});
