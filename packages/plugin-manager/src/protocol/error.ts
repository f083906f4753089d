import type { FleetwireError } from '@fleetwire/websocket-core';

/** The steps of an operation, in order; an error names the one that it arose in. */
export const PLUGIN_PHASES = [
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

/** One of {@link PLUGIN_PHASES}. */
export type PluginPhase = (typeof PLUGIN_PHASES)[number];

/** Codes of a request that could not begin, or had nothing to do. */
export const PLUGIN_REQUEST_CODES = [
  'E_NAME_REQUIRED',
  'E_NAME_INVALID',
  'E_NOT_INSTALLED',
  'E_NOT_FOUND',
  'E_UP_TO_DATE',
  'E_CANCELLED',
] as const;

/** One of {@link PLUGIN_REQUEST_CODES}. */
export type PluginRequestCode = (typeof PLUGIN_REQUEST_CODES)[number];

/** Why an operation on a plugin failed. */
export interface PluginError extends FleetwireError {
  readonly phase: PluginPhase;
  /** `<source>:<repo>/<name>`, where it is known. */
  readonly pluginId: string | undefined;
}
