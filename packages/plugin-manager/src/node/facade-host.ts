import { checkCompatibility } from '../core/compat.ts';
import { shown } from '../core/check-shape.ts';
import { parseVersion } from '../core/release-version.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import type { Receipt } from '../protocol/receipt.ts';
import { sdkVersion } from '../protocol/sdk-version.ts';
import type { OnPluginProgress } from './facade-interface.ts';

/** For what chooses no version: nothing is compared with it. */
export const anyHost: PluginHost = { product: 'fleetwire', version: '0.0.0', distro: 'web', sdkVersion };

/** What a caller gave as the host. Throws a {@link PluginError} with E_INCOMPATIBLE_HOST for what is none. */
export function hostOf(host: unknown): PluginHost {
  if (typeof host === 'string' && parseVersion(host) !== undefined) {
    return { product: 'fleetwire', version: host, distro: 'web', sdkVersion };
  }
  if (isHost(host)) return host;
  const expected = 'expected the version of the host as the third argument, such as "1.2.3", or a whole PluginHost';
  const message = `${expected}; got ${shown(host)}`;
  throw new PluginError('E_INCOMPATIBLE_HOST', message, { phase: 'compat' });
}

/** What the plugin was compared with; what could not be is a warning of the operation. */
export function tellChecked({ compat = {} }: Receipt, host: PluginHost, tell: OnPluginProgress): void {
  const check = checkCompatibility(compat, host);
  if (check.state !== 'compatible') return;
  for (const what of check.checked) tell({ type: 'info', message: `Compatible: ${what}`, percentage: 100 });
}

/** As far as callers without types can be wrong about it. */
function isHost(host: unknown): host is PluginHost {
  if (typeof host !== 'object' || host === null) return false;
  const { product, version, distro, sdkVersion: sdk, compat } = host as Partial<Record<keyof PluginHost, unknown>>;
  return (
    [product, distro, sdk].every((value) => typeof value === 'string') &&
    typeof version === 'string' &&
    parseVersion(version) !== undefined &&
    (compat === undefined || (typeof compat === 'object' && compat !== null))
  );
}
