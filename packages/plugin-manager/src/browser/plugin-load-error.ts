import { FleetwireError } from '@fleetwire/websocket-core';

/** How a code is treated: whether the same may succeed later, and when it arises. */
interface CodeInfo {
  readonly retryable: boolean;
  readonly when: string;
}

/** Every code of a {@link PluginLoadError}, a closed set. */
export const pluginLoadErrors = {
  E_RUNTIME_INVALID: { retryable: true, when: 'the list of plugins, or an item of it, is not what it must be' },
  E_FETCH: { retryable: true, when: 'the entry could not be fetched' },
  E_FETCH_TOO_LARGE: { retryable: false, when: 'the entry is larger than the list says' },
  E_INTEGRITY: { retryable: false, when: 'the bytes of the entry are not those that the server verified' },
  E_PLUGIN_SYNTAX: { retryable: false, when: 'the entry does not parse or link as an ES module' },
  E_PLUGIN_EVALUATE: { retryable: false, when: 'the entry throws while it is evaluated' },
  E_PLUGIN_NO_ENTRY: { retryable: false, when: 'the entry exports no definition of a plugin' },
  E_PLUGIN_ACTIVATE: { retryable: false, when: '`activate` throws' },
  E_PLUGIN_DEACTIVATE: { retryable: false, when: '`deactivate`, or something that the plugin disposes of, throws' },
  E_PLUGIN_TIMEOUT: { retryable: true, when: 'a step took longer than it may' },
  E_PLUGIN_CRASHED: {
    retryable: false,
    when: 'a contribution throws while it is rendered or run, or the plugin beside its contributions',
  },
  E_PLUGIN_STOPPED: { retryable: false, when: 'the plugin was stopped before' },
  E_CONTRIBUTION_INVALID: {
    retryable: false,
    when: 'a contribution is not what its kind must be, is one too many, or is declared and not registered',
  },
  E_CONTRIBUTION_DUPLICATE: { retryable: false, when: 'the id of a contribution, or the path of a route, is taken' },
} as const satisfies Readonly<Record<string, CodeInfo>>;

/** A code of a {@link PluginLoadError}. */
export type PluginLoadErrorCode = keyof typeof pluginLoadErrors;

/** Those that are `retryable` above. A page gets these alone, and not what is to be read there. */
const retryableCodes: ReadonlySet<string> = new Set<PluginLoadErrorCode>([
  'E_RUNTIME_INVALID',
  'E_FETCH',
  'E_PLUGIN_TIMEOUT',
]);

/** The steps of a plugin's life in the page. */
export type PluginLoadPhase = 'list' | 'fetch' | 'verify' | 'evaluate' | 'activate' | 'run' | 'deactivate';

/** What a {@link PluginLoadError} says beside its code and message. */
export interface PluginLoadErrorOptions {
  /** Undefined for an item of the list that does not even have an id. */
  readonly pluginId: string | undefined;
  readonly phase: PluginLoadPhase;
  readonly cause?: unknown;
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Codes of a module's own outcome. A page keeps that for each URL: importing it again comes to the same. */
const keptByPage: ReadonlySet<PluginLoadErrorCode> = new Set([
  'E_PLUGIN_SYNTAX',
  'E_PLUGIN_EVALUATE',
  'E_PLUGIN_NO_ENTRY',
]);

/** What went wrong with one plugin in the page; the message begins with its id. */
export class PluginLoadError extends FleetwireError {
  declare readonly code: PluginLoadErrorCode;
  readonly pluginId: string | undefined;
  readonly phase: PluginLoadPhase;
  /** The message without the id, for where that is shown above it. */
  readonly reason: string;
  /** Starting the plugin again comes to the same in this page; loading the page anew may help. */
  readonly needsReload: boolean;

  constructor(code: PluginLoadErrorCode, message: string, options: PluginLoadErrorOptions) {
    const { pluginId, phase, cause, retryAfterMs } = options;
    const named = pluginId === undefined ? message : `${pluginId}: ${message}`;
    super(code, named, { retryable: retryableCodes.has(code), retryAfterMs, cause });
    this.pluginId = pluginId;
    this.phase = phase;
    this.reason = message;
    this.needsReload = keptByPage.has(code);
  }
}

/** Whether something that was thrown is a {@link PluginLoadError}. Never throws, as `instanceof` does of some proxies. */
export function isPluginLoadError(thrown: unknown): thrown is PluginLoadError {
  try {
    return thrown instanceof PluginLoadError;
  } catch {
    return false;
  }
}
