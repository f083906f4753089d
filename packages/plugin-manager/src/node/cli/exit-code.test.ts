import { expect, it } from 'vitest';
import { pluginErrors, type PluginErrorCode } from '../../protocol/error-codes.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';

it('every code of a PluginError has an exit code: 2, 3, 4, 5 and 130 for those that have their own, else 1', () => {
  const others: Record<string, string[]> = {};
  const failures: string[] = [];
  for (const code of Object.keys(pluginErrors) as PluginErrorCode[]) {
    const exit = exitCodeOf(code);
    if (exit === exitCodes.failure) failures.push(code);
    else (others[exit] ??= []).push(code);
  }
  expect(others).toEqual({
    2: ['E_NAME_REQUIRED', 'E_NAME_INVALID'],
    3: ['E_INCOMPATIBLE_HOST', 'E_INCOMPATIBLE_DISTRO'],
    4: [
      'E_CHECKSUM_MISSING',
      'E_CHECKSUM_ALGORITHM',
      'E_INTEGRITY',
      'E_SIGNATURE_MISSING',
      'E_SIGNATURE_INVALID',
      'E_KEY_UNKNOWN',
      'E_KEY_REVOKED',
      'E_FILES_CHANGED',
    ],
    5: ['E_LOCKED'],
    130: ['E_CANCELLED'],
  });
  expect(failures).toEqual(expect.arrayContaining(['E_NETWORK', 'E_PATH_TRAVERSAL', 'E_STORE_FULL']));
});
