import type { TableColumnDefinition, WatchEvent } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { errorOfStatus, toKubeWatchError } from './kube-watch-error.ts';
import type { ReflectorEvent } from './reflector-state.ts';
import type { WatchEnd, WatchTransport } from './watch-transport.ts';

/** The servers' own choice lies between five and ten minutes, so that their ends are spread. */
const WATCH_TIMEOUT_SECONDS = { least: 300, most: 600 };
/** Annotation of the bookmark that ends the initial events of a watch-list (KEP 3157). */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Runs one watch at a time and takes its batches apart. */
export interface WatchReader {
  begin(transport: WatchTransport, watch: WatchStart): void;
  end(): void;
}

export interface WatchStart {
  readonly serial: number;
  readonly resourceVersion: string | undefined;
  readonly sendInitialEvents: boolean;
}

type WatchReaderEvent = Extract<ReflectorEvent, { watch: number }>;

export interface WatchReaderOptions {
  readonly target: WatchTarget;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Of a clock that is never set. */
  readonly now: () => number;
  readonly onEvent: (event: WatchReaderEvent, batch?: readonly WatchEvent[]) => void;
  readonly onColumns: (columns: readonly TableColumnDefinition[]) => void;
  readonly onMalformed: (error: KubeWatchError) => void;
}

export function createWatchReader(options: WatchReaderOptions): WatchReader {
  const { target, random, now, onEvent, onColumns, onMalformed } = options;
  let current: { readonly serial: number; undo: (() => void) | undefined } | undefined;

  /** Takes a batch apart where an event is more than a change: an error, or the end of the initial events. */
  function deliver(watch: number, events: readonly WatchEvent[]): void {
    const at = now();
    let start = 0;
    const flush = (end: number) => {
      const batch = start === 0 && end === events.length ? events : events.slice(start, end);
      if (batch.length > 0) onEvent({ type: 'events', watch, position: positionOf(batch), at }, batch);
      start = end + 1;
    };
    for (let index = 0; index < events.length; index += 1) {
      const event = events[index] as WatchEvent;
      if (event.type === 'ERROR') {
        flush(index);
        end();
        return onEvent({ type: 'ended', watch, end: endOf(errorOfStatus(event.object, target)), at });
      }
      if (event.type !== 'BOOKMARK') continue;
      const { annotations, resourceVersion } = event.object.metadata;
      if (annotations?.[INITIAL_EVENTS_END] !== 'true') continue;
      flush(index);
      onEvent({ type: 'initial-events-end', watch, position: resourceVersion, at });
    }
    flush(events.length);
  }

  function end(): void {
    const ended = current;
    current = undefined;
    ended?.undo?.();
  }

  return {
    begin(transport, { serial, resourceVersion, sendInitialEvents }) {
      end();
      const mine: NonNullable<typeof current> = { serial, undo: undefined };
      current = mine;
      const { least, most } = WATCH_TIMEOUT_SECONDS;
      const timeoutSeconds = least + Math.floor(random() * (most - least + 1));
      const whileCurrent =
        <A extends unknown[]>(listener: (...values: A) => void) =>
        (...values: A): void => {
          if (current === mine) listener(...values);
        };
      const onEnd = whileCurrent((watchEnd: WatchEnd) => {
        current = undefined;
        onEvent({ type: 'ended', watch: serial, end: watchEnd, at: now() });
      });
      const listener = {
        onOpen: whileCurrent(() => onEvent({ type: 'opened', watch: serial, at: now() })),
        onEvents: whileCurrent((events: readonly WatchEvent[], columns?: readonly TableColumnDefinition[]) => {
          if (columns !== undefined) onColumns(columns);
          deliver(serial, events);
        }),
        onMalformed: whileCurrent(onMalformed),
        onInterrupted: whileCurrent((error?: KubeWatchError) => onEvent({ type: 'interrupted', watch: serial, error })),
        onGone: whileCurrent(() => onEvent({ type: 'missed', watch: serial })),
        onEnd,
      };
      try {
        const undo = transport.watch?.({ target, resourceVersion, sendInitialEvents, timeoutSeconds }, listener);
        // It may have been let go of by what it told while it was made.
        if (current === mine) mine.undo = undo;
        else undo?.();
      } catch (cause) {
        onEnd({ kind: 'error', error: toKubeWatchError(cause, target) });
      }
    },
    end,
  };
}

function endOf(error: KubeWatchError): WatchEnd {
  return error.code === 'KUBE_EXPIRED' ? { kind: 'gone', error } : { kind: 'error', error };
}

function positionOf(events: readonly WatchEvent[]): string | undefined {
  const last = events.at(-1);
  return last === undefined || last.type === 'ERROR' ? undefined : last.object.metadata.resourceVersion;
}
