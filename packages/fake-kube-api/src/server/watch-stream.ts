import type { KubeObject } from '../protocol/kube-object.ts';
import { StatusError, type StatusCause } from '../protocol/status.ts';
import type { ResourceDefinition } from '../core/resource-definition.ts';
import { invalid } from '../core/status-errors.ts';
import { parseResourceVersion } from '../core/store/resource-version.ts';
import type { KubeStore, Selection } from '../core/types.ts';
import { type EventLines, errorLine } from './representations.ts';
import { isTrue } from './request-info.ts';
import { statusOf } from './respond.ts';

/** Where the lines of a watch go: a chunked answer or a WebSocket. */
export interface WatchSink {
  send(line: string): void;
  /** Ends the watch in order. Idempotent. */
  end(): void;
}

/** What a watch asks for, checked. */
export interface WatchPlan {
  readonly definition: ResourceDefinition;
  readonly selection: Selection;
  readonly resourceVersion: string;
  readonly initialEvents: 'none' | 'synthetic' | 'announced';
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
}

// The real server picks a duration between 30 and 60 minutes for watches that ask for none.
const MIN_TIMEOUT_SECONDS = 1800;

const forbiddenField = (field: string, why: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});

/**
 * Checks the parameters of a watch.
 *
 * @throws StatusError 400 for an unreadable resourceVersion, 422 for a wrong combination.
 */
export function planWatch(
  definition: ResourceDefinition,
  selection: Selection,
  query: URLSearchParams,
  options: { readonly random: () => number; readonly noWatchList: boolean },
): WatchPlan {
  const match = query.get('resourceVersionMatch') ?? '';
  const sendInitial = query.get('sendInitialEvents');
  const causes: StatusCause[] = [];
  if (sendInitial !== null) {
    if (match !== 'NotOlderThan') {
      causes.push(
        forbiddenField(
          'resourceVersionMatch',
          'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        ),
      );
    }
    if (options.noWatchList) {
      causes.push(
        forbiddenField(
          'sendInitialEvents',
          'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
        ),
      );
    }
  } else if (match !== '') {
    causes.push(
      forbiddenField(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  }
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);

  const resourceVersion = query.get('resourceVersion') ?? '';
  const from = parseResourceVersion(resourceVersion) ?? 0;
  const timeoutSeconds = Number(query.get('timeoutSeconds') ?? '0');
  return {
    definition,
    selection,
    resourceVersion,
    initialEvents:
      sendInitial !== null ? (isTrue(sendInitial) ? 'announced' : 'none') : from === 0 ? 'synthetic' : 'none',
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutMs: 1000 * (timeoutSeconds > 0 ? timeoutSeconds : Math.floor(MIN_TIMEOUT_SECONDS * (1 + options.random()))),
  };
}

/** Runs a watch into a sink; returns what stops it without a word. Errors of the store become ERROR events. */
export function runWatch(
  store: KubeStore,
  plan: WatchPlan,
  lines: EventLines,
  sink: WatchSink,
  bookmarkIntervalMs: number,
): () => void {
  const { definition, selection } = plan;
  let isFirst = true;
  let isOver = false;
  let unsubscribe = (): void => undefined;
  const takeFirst = (): boolean => {
    const was = isFirst;
    isFirst = false;
    return was;
  };
  const bookmark = (resourceVersion: string, isInitialEnd: boolean): void => {
    sink.send(lines.bookmark(resourceVersion, isInitialEnd, takeFirst()));
  };
  const stop = (): void => {
    isOver = true;
    clearInterval(ticker);
    clearTimeout(timeout);
    unsubscribe();
  };
  const end = (): void => {
    if (isOver) return;
    stop();
    sink.end();
  };
  const ticker = setInterval(() => {
    if (plan.bookmarks && !isOver) bookmark(store.resourceVersion, false);
  }, bookmarkIntervalMs);
  const timeout = setTimeout(
    () => {
      if (plan.bookmarks && !isOver) bookmark(store.resourceVersion, false);
      end();
    },
    Math.min(plan.timeoutMs, 2 ** 31 - 1),
  );

  try {
    let from = plan.resourceVersion === '' ? '0' : plan.resourceVersion;
    if (plan.initialEvents !== 'none' || Number(from) === 0) {
      const resourceVersionMatch = Number(from) === 0 ? undefined : 'NotOlderThan';
      const list = store.list(definition, selection, { resourceVersion: from, resourceVersionMatch });
      from = list.resourceVersion;
      if (plan.initialEvents !== 'none') {
        for (const object of list.items)
          sink.send(lines.event({ type: 'ADDED', object: object as KubeObject }, takeFirst()));
      }
      if (plan.initialEvents === 'announced' && plan.bookmarks) bookmark(from, true);
    }
    if (!isOver) {
      unsubscribe = store.watch(
        definition,
        selection,
        from,
        (event) => {
          if (!isOver) sink.send(lines.event(event, takeFirst()));
        },
        end,
      );
      // The sink may have given up during the replay.
      if (isOver) unsubscribe();
    }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    sink.send(errorLine(statusOf(error)));
    end();
  }
  return stop;
}
