import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import type { WatchEnd } from './watch-transport.ts';

/** A watch that runs. */
export interface RunningWatch {
  readonly serial: number;
  /** Of the clock that is never set; undefined until the server accepted it. */
  readonly openedAt: number | undefined;
  /** It brought an event or a bookmark. */
  readonly heard: boolean;
  /** Where its events are that are kept aside. */
  readonly keptPosition: string | undefined;
  /** The list that had just been read when it began, until it has run for long enough to tell more than that one. */
  readonly follows: 'list' | 'poll' | undefined;
}

/** Why a list is read: nothing is known yet, something was missed, the caller asked, or it is time to poll. */
export type ListReason = 'start' | 'missed' | 'refetch' | 'poll';

/** A list that is being read. */
export interface RunningList {
  readonly serial: number;
  readonly reason: ListReason;
  /** `'0'` any state, `''` the newest, else not older than it. */
  readonly at: string;
  /** Without a limit, after a page's `continue` had expired. */
  readonly whole: boolean;
  readonly pages: number;
  /** The first page's. */
  readonly resourceVersion: string | undefined;
}

/** What a wait ends with. */
export type NextAttempt =
  { readonly kind: 'list'; readonly reason: ListReason; readonly at: string } | { readonly kind: 'watch' };

interface Common {
  /** The last number that a list, a watch or a refresh of credentials was given; later callbacks of others are stale. */
  readonly serial: number;
  /** What the store has, and the next watch begins after; undefined while a list is needed first. */
  readonly position: string | undefined;
  /** The first list is in. */
  readonly isSynced: boolean;
  /** The last list was of the newest state, and nothing was heard since; a 410 then is not cured by another at once. */
  readonly isFresh: boolean;
  /** Failures since the last success. */
  readonly failures: number;
  /** The credentials were refreshed since the last success. */
  readonly isRefreshed: boolean;
  /** The last failure, until what failed succeeds. */
  readonly error: KubeWatchError | undefined;
}

/**
 * What a reflector does; `listing` and `streaming` until something can be shown, `relisting` while items are shown. In
 * `relisting` and `backoff` a watch may run on: its events are kept aside and applied after the list.
 */
export type ReflectorState = Common &
  (
    | { readonly name: 'idle' }
    | { readonly name: 'listing'; readonly list: RunningList; readonly watch?: undefined }
    | { readonly name: 'relisting'; readonly list: RunningList; readonly watch: RunningWatch | undefined }
    | { readonly name: 'streaming'; readonly watch: RunningWatch }
    | { readonly name: 'rewatching'; readonly watch: RunningWatch; readonly after: 'list' | 'poll' | 'end' | 'failure' }
    | { readonly name: 'live'; readonly watch: RunningWatch }
    | { readonly name: 'backoff'; readonly next: NextAttempt; readonly watch: RunningWatch | undefined }
    | { readonly name: 'refreshing'; readonly refresh: number; readonly next: NextAttempt }
    /** Refused with 403, 404 or another 4xx: tried again every 30 s. */
    | { readonly name: 'probing' }
    /** Until it is listed again: there is no watch, or it is forbidden. */
    | { readonly name: 'polling' }
    | { readonly name: 'stopped' }
  );

/** The state of that name. */
export type StateOf<N extends ReflectorState['name']> = Extract<ReflectorState, { name: N }>;

/** What happens to a reflector. `at` is the time of a clock that is never set. */
export type ReflectorEvent =
  | { readonly type: 'start' }
  | {
      readonly type: 'page';
      readonly list: number;
      readonly resourceVersion: string;
      readonly continueToken: string | undefined;
      /** `maxItems` is reached: read no further. */
      readonly isCut: boolean;
    }
  | { readonly type: 'list-failed'; readonly list: number; readonly error: KubeWatchError }
  | { readonly type: 'opened'; readonly watch: number; readonly at: number }
  /** Events came; `position` is the last one's resourceVersion. */
  | { readonly type: 'events'; readonly watch: number; readonly position: string | undefined; readonly at: number }
  /** The bookmark that ends the initial events of a watch-list. */
  | { readonly type: 'initial-events-end'; readonly watch: number; readonly position: string; readonly at: number }
  /** The carrier was lost and resumes by itself; `error` says why, where that is known. */
  | { readonly type: 'interrupted'; readonly watch: number; readonly error: KubeWatchError | undefined }
  /** Something was missed, and the watch goes on. */
  | { readonly type: 'missed'; readonly watch: number }
  | { readonly type: 'ended'; readonly watch: number; readonly end: WatchEnd; readonly at: number }
  /** More events came beside a list than may be kept. */
  | { readonly type: 'overflow'; readonly error: KubeWatchError }
  | { readonly type: 'refreshed'; readonly refresh: number; readonly changed: boolean }
  /** Nobody could be asked for other credentials. */
  | { readonly type: 'refresh-failed'; readonly refresh: number }
  /** The timer that the last `timer` or `backoff` effect set has run out. */
  | { readonly type: 'timer' }
  | { readonly type: 'refetch' }
  /** The network came back, the page became visible, or somebody new looks. */
  | { readonly type: 'wake' }
  /** Another transport carries it from now on. */
  | { readonly type: 'transport' }
  | { readonly type: 'stop' };

export type ReflectorEffect =
  /** Ask for the first page; drop the pages of an earlier list. */
  | { readonly type: 'list'; readonly list: RunningList }
  /** Keep the page that came and ask for the next one. */
  | { readonly type: 'next-page'; readonly list: RunningList; readonly continueToken: string }
  /** Replace the store by the pages, or by the initial events; then apply what was kept. */
  | { readonly type: 'replace'; readonly from: 'pages' | 'initial-events'; readonly position: string }
  | { readonly type: 'abort-list' }
  | {
      readonly type: 'watch';
      readonly serial: number;
      readonly resourceVersion: string | undefined;
      readonly sendInitialEvents: boolean;
    }
  /** End the watch, and drop what was kept of it. */
  | { readonly type: 'unwatch' }
  /** Apply the events that came. */
  | { readonly type: 'apply' }
  /** Keep them aside until the list is in. */
  | { readonly type: 'keep' }
  | { readonly type: 'apply-kept' }
  | { readonly type: 'discard-kept' }
  /** Set the one timer. */
  | { readonly type: 'timer'; readonly ms: number }
  /** The same for the time that a back-off gives: the cluster's, or the target's own. */
  | { readonly type: 'backoff'; readonly scope: 'cluster' | 'target' }
  | { readonly type: 'clear-timer' }
  | { readonly type: 'refresh-credentials'; readonly refresh: number }
  /** A failed attempt, once. */
  | { readonly type: 'report'; readonly error: KubeWatchError }
  /** The API answered as it should. */
  | { readonly type: 'succeeded' }
  /** This cluster has no watch-list. */
  | { readonly type: 'refuse-watch-list' }
  /** The type does not exist: the target is empty. */
  | { readonly type: 'clear' };

export interface ReflectorTransition {
  readonly state: ReflectorState;
  readonly effects: readonly ReflectorEffect[];
}

/** What the machine needs to know of the options and of the transport of the moment. */
export interface ReflectorConfig {
  readonly target: Pick<WatchTarget, 'cluster' | 'namespace'>;
  /** False lists once. */
  readonly watch: boolean;
  /** The transport has watches. */
  readonly canWatch: boolean;
  /** The transport and the cluster take `sendInitialEvents`. */
  readonly hasWatchList: boolean;
  readonly canRefresh: boolean;
  readonly pollIntervalMs: number;
  readonly probeIntervalMs: number;
  /** Failures in a row after which the target stops; Infinity by default. */
  readonly maxRetries: number;
}
