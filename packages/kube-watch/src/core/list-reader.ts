import type { KubeObject, TableColumnDefinition } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { createAbort, type Abort } from './abort-signal.ts';
import { createKubeWatchError, toKubeWatchError } from './kube-watch-error.ts';
import { isListPage, listItems } from './list-items.ts';
import type { ReflectorEvent, RunningList } from './reflector-state.ts';
import type { ListPage, ListRequest, WatchTransport } from './watch-transport.ts';

/** A whole list. */
export interface ReadList {
  readonly items: readonly KubeObject[];
  readonly isCut: boolean;
  readonly columns: readonly TableColumnDefinition[] | undefined;
}

/** Reads one list at a time, page by page. */
export interface ListReader {
  /** Asks for the first page; an earlier list is aborted. */
  begin(transport: WatchTransport, list: RunningList): void;
  next(transport: WatchTransport, list: RunningList, continueToken: string): void;
  /** What was read; nothing is left here. */
  take(): ReadList;
  abort(): void;
}

export interface ListReaderOptions {
  readonly target: WatchTarget;
  readonly pageSize: number;
  readonly maxItems: number;
  readonly onEvent: (event: Extract<ReflectorEvent, { type: 'page' | 'list-failed' }>) => void;
  /** Items that are none. */
  readonly onMalformed: (error: KubeWatchError) => void;
}

export function createListReader({ target, pageSize, maxItems, onEvent, onMalformed }: ListReaderOptions): ListReader {
  const nothing: ReadList = { items: [], isCut: false, columns: undefined };
  let items: KubeObject[] = [];
  let read = nothing;
  let current: Abort | undefined;

  function request(transport: WatchTransport, list: RunningList, continueToken: string | undefined): void {
    const abort = createAbort();
    current = abort;
    askFor(transport, requestOf(list, continueToken), abort).then(
      (page) => {
        if (current === abort) onPage(page, list);
      },
      (error: unknown) => {
        if (current === abort)
          onEvent({ type: 'list-failed', list: list.serial, error: toKubeWatchError(error, target) });
      },
    );
  }

  function requestOf(list: RunningList, continueToken: string | undefined): ListRequest {
    const limit = list.whole ? undefined : pageSize;
    // The token says of which resourceVersion it is; the API refuses both.
    if (continueToken !== undefined) return { target, limit, continueToken };
    const isAny = list.at === '' || list.at === '0';
    return { target, limit, resourceVersion: list.at, resourceVersionMatch: isAny ? undefined : 'NotOlderThan' };
  }

  function onPage(page: unknown, { serial }: RunningList): void {
    if (!isListPage(page)) {
      const error = malformed('expected a list with kind, metadata.resourceVersion and items');
      return onEvent({ type: 'list-failed', list: serial, error });
    }
    collect(page);
    const continueToken = page.metadata.continue || undefined;
    const isFull = items.length >= maxItems;
    if (isFull && (continueToken !== undefined || items.length > maxItems)) read = { ...read, isCut: true };
    const { resourceVersion } = page.metadata;
    onEvent({ type: 'page', list: serial, resourceVersion, continueToken, isCut: isFull });
  }

  function collect(page: ListPage): void {
    const found = listItems(page);
    const missing = page.items.length - found.length;
    if (missing > 0) onMalformed(malformed(`expected items with metadata.name, got ${String(missing)} without`));
    for (const item of found) items.push(item);
    read = { ...read, columns: page.columns ?? read.columns };
  }

  function malformed(message: string): KubeWatchError {
    const { cluster, namespace } = target;
    return createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, namespace });
  }

  function clear(): void {
    current = undefined;
    items = [];
    read = nothing;
  }

  return {
    begin(transport, list) {
      current?.abort();
      clear();
      request(transport, list, undefined);
    },
    next: request,
    take() {
      const taken = { ...read, items };
      clear();
      return taken;
    },
    abort() {
      current?.abort();
      clear();
    },
  };
}

/** What a transport throws is a rejection like any other. */
async function askFor(transport: WatchTransport, request: ListRequest, abort: Abort): Promise<unknown> {
  return transport.list(request, abort.signal);
}
