import type { KubeObject } from '../../protocol/kube-object.ts';
import type { NewObject } from '../types.ts';
import { statusCode, type Cluster } from './cluster.ts';
import { hex } from './text.ts';

/** Records what happens as Events of core/v1, and removes the oldest. */
export interface EventRecorder {
  record(about: KubeObject, event: RecordedEvent): void;
  readonly size: number;
}

export interface RecordedEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Who reports it, such as `kubelet`. */
  readonly component: string;
  readonly host?: string | undefined;
}

function textOf(object: KubeObject, field: string): string {
  const text = object[field];
  return typeof text === 'string' ? text : '';
}

/** `maxEvents` are kept, for an hour each as the API server does by default; the oldest go first. */
export function createEventRecorder(cluster: Cluster, maxEvents: number, ttlMs = 3_600_000): EventRecorder {
  // In the order of their last occurrence; a repetition moves its entry to the end.
  const known = new Map<string, { object: KubeObject; lastAt: number }>();

  // Those of an earlier run count too, or every start would leave more behind.
  const earlier = [...cluster.cache('events').values()].map((object) => {
    return { object, lastAt: Date.parse(textOf(object, 'lastTimestamp') || (object.metadata.creationTimestamp ?? '')) };
  });
  for (const entry of earlier.sort((a, b) => a.lastAt - b.lastAt)) {
    const { uid } = (entry.object['involvedObject'] ?? {}) as { readonly uid?: string };
    known.set(`${uid} ${textOf(entry.object, 'reason')} ${textOf(entry.object, 'message')}`, entry);
  }

  const forget = (key: string, object: KubeObject) => {
    known.delete(key);
    cluster.remove('events', object);
  };
  const repeat = (key: string, object: KubeObject) => {
    const count = Number(object['count'] ?? 1) + 1;
    const next = { ...object, count, lastTimestamp: cluster.time() };
    const { resourceVersion: _, ...metadata } = object.metadata;
    known.delete(key);
    try {
      // Without a resourceVersion: an Event is written by its reporter alone.
      cluster.update('events', { ...next, metadata: metadata as KubeObject['metadata'] });
      known.set(key, { object: next, lastAt: cluster.clock.now() });
      return true;
    } catch (error) {
      if (statusCode(error) !== 404) throw error;
      return false;
    }
  };

  // Nothing can be created in a namespace that is going away, and what happens there is of no interest any more.
  const createUnlessTerminating = (event: NewObject) => {
    try {
      return cluster.create('events', event);
    } catch (error) {
      if (statusCode(error) === 403 || statusCode(error) === 404) return undefined;
      throw error;
    }
  };

  return {
    get size() {
      return known.size;
    },
    record: (about, { type, reason, message, component, host }) => {
      if (cluster.isWarm) return;
      const key = `${about.metadata.uid} ${reason} ${message}`;
      const before = known.get(key);
      if (before !== undefined && repeat(key, before.object)) return;
      const { name, namespace, uid, resourceVersion } = about.metadata;
      const time = cluster.time();
      const object = createUnlessTerminating({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.${hex(cluster.random, 16)}`, namespace: namespace ?? 'default' },
        involvedObject: {
          apiVersion: about.apiVersion,
          kind: about.kind,
          name,
          uid,
          resourceVersion,
          ...(namespace === undefined ? {} : { namespace }),
        },
        type,
        reason,
        message,
        count: 1,
        firstTimestamp: time,
        lastTimestamp: time,
        eventTime: null,
        source: host === undefined ? { component } : { component, host },
        reportingComponent: component,
        reportingInstance: host ?? '',
      });
      if (object === undefined) return;
      known.set(key, { object, lastAt: cluster.clock.now() });
      for (const [oldest, entry] of known) {
        if (known.size <= maxEvents && entry.lastAt > cluster.clock.now() - ttlMs) break;
        forget(oldest, entry.object);
      }
    },
  };
}
