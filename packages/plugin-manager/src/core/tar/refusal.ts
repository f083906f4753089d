import { PluginError, type PluginPhase } from '../../protocol/error.ts';
import type { PluginErrorCode } from '../../protocol/error-codes.ts';

/** Where in an archive something was read. */
export interface ArchivePlace {
  readonly phase: PluginPhase;
  /** Place among the entries of the archive, from 0. */
  readonly index: number;
  /** The path as the archive says it, where it is known. */
  readonly entry?: string | undefined;
}

const maxShownCharacters = 300;

/** The error that refuses a whole archive: what is wrong, and in which entry. */
export function refusal(code: PluginErrorCode, what: string, place: ArchivePlace, cause?: unknown): PluginError {
  const { phase, index } = place;
  const entry = place.entry?.slice(0, maxShownCharacters);
  const where = entry === undefined ? `entry ${index}` : `entry ${index}, ${JSON.stringify(entry)}`;
  const details = entry === undefined ? { index } : { index, entry };
  return new PluginError(code, `${what} (${where})`, { phase, details, cause });
}
