import { FleetwireError } from '@fleetwire/websocket-core';
import { pluginErrors, type PluginErrorCode } from './error-codes.ts';

/** The steps of an operation, in order; an error names the one that it arose in. */
export const pluginPhases = [
  'resolve',
  'policy',
  'download',
  'integrity',
  'signature',
  'inspect',
  'extract',
  'manifest',
  'compat',
  'commit',
  'cleanup',
] as const;

/** One of {@link pluginPhases}. */
export type PluginPhase = (typeof pluginPhases)[number];

/** What a {@link PluginError} may say beside its code and message. */
export interface PluginErrorOptions {
  readonly phase: PluginPhase;
  /** `<source>:<repo>/<name>`, where it is known. */
  readonly pluginId?: string | undefined;
  /** Facts for a program: `entry`, `index`, `expected`, `found`, `url`, … Never secrets. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Default: what the table says of the code. */
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Why an operation on a plugin failed; the message says what was expected, what came and where. */
export class PluginError extends FleetwireError {
  declare readonly code: PluginErrorCode;
  declare readonly details: Readonly<Record<string, unknown>>;
  readonly phase: PluginPhase;
  readonly pluginId: string | undefined;

  constructor(code: PluginErrorCode, message: string, options: PluginErrorOptions) {
    const { phase, pluginId, details = {}, retryable = pluginErrors[code].retryable, retryAfterMs, cause } = options;
    super(code, message, { retryable, retryAfterMs, details, cause });
    this.phase = phase;
    this.pluginId = pluginId;
  }
}
