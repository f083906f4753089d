import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { lastSeenOf, type CoreEvent } from '../../kube/core-event.ts';

/** A warning of a cluster. */
export interface Warning {
  readonly cluster: string;
  readonly event: CoreEvent;
  /** Milliseconds since 1970; undefined when it does not say. */
  readonly at: number | undefined;
}

/** The warnings that happened last, the newest first; in one pass, as a fleet may have many thousands. */
export function newestWarnings(items: readonly ClusterObject<KubeObject>[], count: number): readonly Warning[] {
  const newest: (Warning & { readonly text: string })[] = [];
  for (const { cluster, object } of items) {
    const text = lastSeenOf(object);
    const last = newest.at(-1);
    if (newest.length >= count && last !== undefined && text <= last.text) continue;
    const time = Date.parse(text);
    const warning = { cluster, event: object as CoreEvent, at: Number.isNaN(time) ? undefined : time, text };
    const before = newest.findIndex((each) => each.text < text);
    newest.splice(before === -1 ? newest.length : before, 0, warning);
    if (newest.length > count) newest.pop();
  }
  return newest;
}
