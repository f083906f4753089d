import { PluginError, type PluginPhase } from '../../protocol/error.ts';
import type { PluginErrorCode } from '../../protocol/error-codes.ts';

// `errcode` of node:sqlite (https://sqlite.org/rescode.html): FULL, READONLY, PERM, CANTOPEN.
const byCode: Readonly<Record<string, PluginErrorCode>> = {
  ENOSPC: 'E_STORE_FULL',
  EDQUOT: 'E_STORE_FULL',
  EACCES: 'E_STORE_UNWRITABLE',
  EPERM: 'E_STORE_UNWRITABLE',
  EROFS: 'E_STORE_UNWRITABLE',
  'sqlite 13': 'E_STORE_FULL',
  'sqlite 8': 'E_STORE_UNWRITABLE',
  'sqlite 3': 'E_STORE_UNWRITABLE',
  'sqlite 14': 'E_STORE_UNWRITABLE',
};

/** The code for one of the file system (`ENOSPC`) or of SQLite (`sqlite 13`). */
export function storeCodeOf(system: string): PluginErrorCode {
  return byCode[system] ?? 'E_STORE';
}

/** The error of a store for one of the file system or of SQLite; a {@link PluginError} stays what it is. */
export function storeError(
  error: unknown,
  { phase = 'commit', pluginId }: { readonly phase?: PluginPhase; readonly pluginId?: string | undefined } = {},
): PluginError {
  if (error instanceof PluginError) return error;
  const system = systemCodeOf(error);
  // The message may reach others than the administrator of the machine, whose paths a system's error names: see the cause.
  const reason = system !== '' ? system : error instanceof Error ? error.name : 'an unknown failure';
  return new PluginError(storeCodeOf(system), `the plugin store cannot be used: ${reason}`, {
    phase,
    pluginId,
    retryable: passing.has(system) || undefined,
    cause: error,
  });
}

/** What the work gives; rejects with what {@link storeError} makes of its failure, in the phase `extract`. */
export async function whileExtracting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error, { phase: 'extract' });
  }
}

/** May be gone at the next try. */
const passing: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ENOMEM']);

function systemCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  // The low byte is the primary code; the others say more of it.
  if ('errcode' in error && typeof error.errcode === 'number') return `sqlite ${String(error.errcode & 0xff)}`;
  return 'code' in error ? String(error.code) : '';
}
