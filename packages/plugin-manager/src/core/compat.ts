import { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { CatalogEntry, Release } from '../protocol/release.ts';
import { enginesMismatch } from './engines.ts';
import { inRange, newestFirst } from './release-version.ts';

/** Versions that are asked for until one fits: a bound on the requests that a catalog can cause. */
const maxConsidered = 20;

/** Versions that are kept with why they were passed over: a catalog may have thousands of prereleases. */
const maxPassedOver = 20;

/** A release that the host can run, with what was checked and what could not be. */
export interface CompatibleCheck {
  readonly state: 'compatible';
  readonly checked: readonly string[];
  /** Each says why, so that nobody takes it for checked. */
  readonly notChecked: readonly string[];
}

/** What comes of comparing a release with the host. */
export type HostCheck =
  | CompatibleCheck
  | {
      readonly state: 'incompatible';
      readonly code: 'E_INCOMPATIBLE_HOST' | 'E_INCOMPATIBLE_DISTRO';
      readonly reason: string;
    };

/** What a release, or the receipt of one, says about the hosts that it is for. */
export type HostRanges = Pick<Release, 'headlampVersions' | 'hostVersions' | 'distros'>;

/** Compares a release with the host: version ranges first, then the distribution. */
export function checkCompatibility(release: HostRanges, host: PluginHost): HostCheck {
  const checked: string[] = [];
  const notChecked: string[] = [];
  const unsaid: string[] = [];
  const ranges = [
    {
      what: 'Headlamp plugin API',
      versions: "versions of Headlamp's plugin API",
      version: host.compat?.headlamp,
      range: release.headlampVersions,
    },
    {
      what: host.product,
      versions: `versions of ${capitalised(host.product)}`,
      version: host.version,
      range: release.hostVersions,
    },
  ];
  for (const { what, versions, version, range } of ranges) {
    if (range === undefined) {
      // Where the host has no such level either, there is nothing to compare.
      if (version !== undefined) unsaid.push(versions);
    } else if (version === undefined) {
      notChecked.push(`${what}: the package is for ${range}, and the host has no such level`);
    } else {
      const isIn = inRange(version, range);
      const problem = isIn === undefined ? 'which is no range of versions' : `and the host has ${version}`;
      if (isIn !== true)
        return { state: 'incompatible', code: 'E_INCOMPATIBLE_HOST', reason: `it is for ${what} ${range}, ${problem}` };
      checked.push(`${what} ${version} is in ${range}`);
    }
  }
  if (release.distros === undefined) unsaid.push('distributions');
  else if (release.distros.includes(host.distro.toLowerCase())) checked.push(`distribution ${host.distro}`);
  else {
    const distributions = release.distros.length === 1 ? 'distribution' : 'distributions';
    const reason = `it is for the ${distributions} ${release.distros.join(', ')}, and the host is ${host.distro}`;
    return { state: 'incompatible', code: 'E_INCOMPATIBLE_DISTRO', reason };
  }
  if (unsaid.length > 0) notChecked.push(`the package does not say for which ${unsaid.join(' or ')} it is`);
  return { state: 'compatible', checked, notChecked };
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/**
 * Why an installed version is not for the host that there is now, in words; undefined where it is. A receipt that keeps
 * no ranges is of an older version of this program: nothing is checked then.
 */
export function incompatibility({ compat }: Pick<Receipt, 'compat'>, host: PluginHost): string | undefined {
  if (compat === undefined) return undefined;
  const check = checkCompatibility(compat, host);
  if (check.state === 'incompatible') return check.reason;
  return enginesMismatch(compat, host)?.reason;
}

/** Like {@link checkCompatibility}; throws E_INCOMPATIBLE_HOST or E_INCOMPATIBLE_DISTRO. For a version that the caller named. */
export function requireCompatible(release: Release, host: PluginHost): CompatibleCheck {
  const check = checkCompatibility(release, host);
  if (check.state === 'compatible') return check;
  const pluginId = pluginIdOf(release.ref);
  const considered = [{ version: release.version, reason: check.reason }];
  throw new PluginError(check.code, `${pluginId} ${release.version}: ${check.reason}`, {
    phase: 'compat',
    pluginId,
    details: { considered },
  });
}

/** A version that was passed over, and why. */
export interface PassedOver {
  readonly version: string;
  readonly reason: string;
}

/** Versions that were passed over. */
export interface PassedOverVersions {
  /** The newest 20. */
  readonly passedOver: readonly PassedOver[];
  /** Of all. */
  readonly passedOverCount: number;
}

/** The newest compatible release, and the newer ones that are not. */
export interface ChosenRelease extends PassedOverVersions {
  readonly release: Release;
  readonly check: CompatibleCheck;
}

/** What {@link chooseRelease} works on. */
export interface ChooseOptions {
  readonly entry: Pick<CatalogEntry, 'ref' | 'versions'>;
  readonly host: PluginHost;
  readonly prerelease: 'allow' | 'deny';
  /** Asks the source for one version; its failure is the result, since an older version would hide it. */
  readonly load: (version: string) => Promise<Release>;
}

/**
 * The newest compatible version, by precedence of Semantic Versioning; what the source lists first does not matter. At
 * most 20 versions are asked for.
 *
 * Throws {@link NoneFits}: E_NOT_FOUND, E_PRERELEASE_DENIED, E_INCOMPATIBLE_HOST or E_INCOMPATIBLE_DISTRO (the reason of
 * the newest), with `details.considered` (the newest 20), `details.consideredCount` and `details.known`; and what `load` throws.
 */
export async function chooseRelease({ entry, host, prerelease, load }: ChooseOptions): Promise<ChosenRelease> {
  const pluginId = pluginIdOf(entry.ref);
  const passedOver: PassedOver[] = [];
  let passedOverCount = 0;
  let newest: 'E_INCOMPATIBLE_HOST' | 'E_INCOMPATIBLE_DISTRO' | undefined;
  let asked = 0;
  const isDenied = (isPrerelease: boolean): boolean => prerelease === 'deny' && isPrerelease;
  const passOver = (version: string, reason: string): void => {
    passedOverCount += 1;
    if (passedOver.length < maxPassedOver) passedOver.push({ version, reason });
  };
  const passPrerelease = (version: string): void => {
    passOver(version, 'it is a prerelease, and the policy allows none');
  };
  for (const { item } of newestFirst(entry.versions)) {
    const { version, isPrerelease } = item;
    if (isDenied(isPrerelease)) {
      passPrerelease(version);
      continue;
    }
    if (asked === maxConsidered) break;
    asked += 1;
    const release = await load(version);
    if (isDenied(release.isPrerelease)) {
      passPrerelease(version);
      continue;
    }
    const check = checkCompatibility(release, host);
    if (check.state === 'compatible') return { release, check, passedOver, passedOverCount };
    passOver(version, check.reason);
    newest ??= check.code;
  }
  const code = newest ?? (passedOverCount > 0 ? 'E_PRERELEASE_DENIED' : 'E_NOT_FOUND');
  throw noneFits(code, pluginId, { passedOver, passedOverCount }, entry.versions.length);
}

const phases = {
  E_NOT_FOUND: 'resolve',
  E_PRERELEASE_DENIED: 'policy',
  E_INCOMPATIBLE_HOST: 'compat',
  E_INCOMPATIBLE_DISTRO: 'compat',
} as const;

/** No version fits. */
export class NoneFits extends PluginError {
  /** The versions that were looked at, and why not. */
  readonly considered: PassedOverVersions;

  constructor(
    code: keyof typeof phases,
    message: string,
    pluginId: string,
    { considered, known }: { readonly considered: PassedOverVersions; readonly known: number },
  ) {
    const { passedOver, passedOverCount } = considered;
    const details = { considered: passedOver, consideredCount: passedOverCount, known };
    super(code, message, { phase: phases[code], pluginId, details });
    this.considered = considered;
  }
}

function noneFits(
  code: keyof typeof phases,
  pluginId: string,
  considered: PassedOverVersions,
  known: number,
): NoneFits {
  const { passedOver, passedOverCount: count } = considered;
  const reasons = passedOver.slice(0, 5).map(({ version, reason }) => `${version}: ${reason}`);
  const rest = count > reasons.length ? `; and ${String(count - reasons.length)} more` : '';
  const message =
    count === 0
      ? `the source has no version of ${pluginId} that is a Semantic Version`
      : `no version of ${pluginId} fits (${String(count)} of ${String(known)} looked at). ${reasons.join('; ')}${rest}`;
  return new NoneFits(code, message, pluginId, { considered, known });
}
