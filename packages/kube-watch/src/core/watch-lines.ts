import type { KubeObject, Status, TableColumnDefinition, WatchEvent } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { createKubeWatchError } from './kube-watch-error.ts';
import { isTable, tableColumns, tableObjects } from './table.ts';

/** etcd takes objects of 1.5 MiB by default; this is far above what any event of a healthy server has. */
export const maxWatchLineLength: number = 16 * 1024 * 1024;

/** Takes text apart into lines. */
export interface LineDecoder {
  /** The lines that this chunk completes, without their line ends; empty ones are left out. */
  push(chunk: string): string[];
  /** What the stream ended with, when its last line has no line end. */
  end(): string[];
}

/**
 * Makes a decoder of newline-delimited text. A line of more than `maxLineLength` UTF-16 units is skipped to its end and
 * told once to `onTooLong`.
 */
export function createLineDecoder(
  onTooLong: (length: number) => void,
  maxLineLength: number = maxWatchLineLength,
): LineDecoder {
  let rest = '';
  let skipping = false;

  const complete = (line: string, lines: string[]) => {
    if (skipping) skipping = false;
    else if (line.length > maxLineLength) onTooLong(line.length);
    else if (line.trim() !== '') lines.push(line);
  };

  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
        const tail = chunk.slice(start, end);
        complete(rest === '' ? tail : rest + tail, lines);
        rest = '';
        start = end + 1;
      }
      if (skipping) return lines;
      rest += chunk.slice(start);
      if (rest.length > maxLineLength) {
        onTooLong(rest.length);
        rest = '';
        skipping = true;
      }
      return lines;
    },
    end() {
      const lines: string[] = [];
      complete(rest, lines);
      rest = '';
      return lines;
    },
  };
}

/** What one message of a watch holds: usually one event; a Table has one for each of its rows. */
export type WatchMessage =
  | {
      readonly ok: true;
      readonly events: readonly WatchEvent[];
      readonly columns: readonly TableColumnDefinition[] | undefined;
    }
  /** It is no watch event. `error` has the code `KUBE_MALFORMED`. */
  | { readonly ok: false; readonly error: KubeWatchError };

type TargetName = Pick<WatchTarget, 'cluster' | 'namespace'>;

/** Reads the text of one watch message. Never throws. */
export function parseWatchEvent(text: string, target: TargetName): WatchMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Neither the text nor the parser's words, which quote it: it may be a Secret's.
    return malformed('expected a watch event in JSON', `${text.length} characters that are none`, target);
  }
  return checkWatchEvent(value, target);
}

/** The same for a message that was parsed before. Never throws. */
export function checkWatchEvent(value: unknown, target: TargetName): WatchMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return malformed('expected a watch event, an object', describe(value), target);
  const { type, object } = value as { type?: unknown; object?: unknown };
  if (typeof object !== 'object' || object === null)
    return malformed('expected a watch event with an object', describe(value), target);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (isTable(object)) return tableMessage(type, object, target);
      return hasName(object)
        ? { ok: true, events: [value as WatchEvent], columns: undefined }
        : malformed('expected an object with metadata.name', describe(value), target);
    case 'BOOKMARK':
      return bookmarkMessage(object, target);
    case 'ERROR':
      return { ok: true, events: [{ type, object: object as Status }], columns: undefined };
    default:
      return malformed('expected ADDED, MODIFIED, DELETED, BOOKMARK or ERROR as the type', describe(value), target);
  }
}

function tableMessage(
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  table: Parameters<typeof tableObjects>[0],
  target: TargetName,
): WatchMessage {
  const events = tableObjects(table).map((object) => ({ type, object }));
  if (events.length < table.rows.length)
    return malformed('expected rows with an object that has metadata.name', describe(table), target);
  return { ok: true, events, columns: tableColumns(table) };
}

/** A bookmark of a table watch is a Table whose only row has the annotations. */
function bookmarkMessage(object: object, target: TargetName): WatchMessage {
  const row = isTable(object) ? object.rows[0]?.object : undefined;
  for (const candidate of [row, object]) {
    const metadata = (candidate as Partial<KubeObject> | undefined)?.metadata;
    if (typeof metadata?.resourceVersion === 'string' && metadata.resourceVersion !== '')
      return { ok: true, events: [{ type: 'BOOKMARK', object: { metadata } }], columns: undefined };
  }
  return malformed('expected a BOOKMARK with a resourceVersion', describe(object), target);
}

function hasName(object: object): object is KubeObject {
  const metadata: unknown = (object as Partial<KubeObject>).metadata;
  return typeof metadata === 'object' && metadata !== null && typeof (metadata as { name?: unknown }).name === 'string';
}

function malformed(expected: string, got: string, target: TargetName): WatchMessage {
  const { cluster, namespace } = target;
  const message = `${expected}, got ${got}`;
  return { ok: false, error: createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, namespace }) };
}

/** Keys alone: values of a Secret must not reach a log. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : `a ${typeof value}`;
  return `an object with ${Object.keys(value).slice(0, 8).join(', ').slice(0, 200) || 'no keys'}`;
}
