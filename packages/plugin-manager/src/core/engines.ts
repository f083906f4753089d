import type { PluginHost } from '../protocol/host.ts';
import type { Receipt } from '../protocol/receipt.ts';
import { inRange } from './release-version.ts';

/** What `engines` of a package.json does not hold of the host: its version, or that of its plugin SDK. */
interface EnginesMismatch {
  /** In words. */
  readonly reason: string;
  readonly expected: string;
  readonly found: string;
}

/** Compares `engines` of package.json, as a receipt keeps it, with the host; what it does not name is not checked. */
export function enginesMismatch(
  { engines, sdk }: Pick<NonNullable<Receipt['compat']>, 'engines' | 'sdk'>,
  host: PluginHost,
): EnginesMismatch | undefined {
  const ranges = [
    { what: host.product, expected: engines, found: host.version },
    { what: 'the plugin SDK', expected: sdk, found: host.sdkVersion },
  ];
  for (const { what, expected, found } of ranges) {
    if (expected === undefined || inRange(found, expected) === true) continue;
    return { reason: `its package.json is for ${what} ${expected}, and the host has ${found}`, expected, found };
  }
  return undefined;
}
