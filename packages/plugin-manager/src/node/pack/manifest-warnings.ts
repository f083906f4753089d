import { readContributes } from '../../core/declared-contributes.ts';
import type { PluginManifest } from '../../core/manifest.ts';
import { inRange } from '../../core/release-version.ts';
import { sdkVersion } from '../../protocol/sdk-version.ts';
import { unusedPatterns } from './file-patterns.ts';
import type { PackedFile } from './list-files.ts';

/** What {@link manifestWarnings} looks at. */
export interface PackageToCheck {
  /** package.json, as it is. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly manifest: PluginManifest;
  /** `files` of package.json. */
  readonly patterns?: readonly string[] | undefined;
  readonly files: readonly PackedFile[];
}

/** Names under which private keys are kept. */
const keyName = /(?:^|\/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|[^/]*\.(?:pem|key|p12|pfx|jks|keystore))$/i;
/** What `npm pack`, and `pack` under another name, leave behind. */
const archiveName = /\.(?:tgz|tar|tar\.gz|zip)$/i;
/** There in each package, whatever it says. */
const usual = /^(?:package\.json|readme(?:\.[^/]*)?|licen[cs]e(?:\.[^/]*)?)$/i;
const maxNamed = 3;

/** What of package.json has no effect or not the one that was meant, and files that are likely packed by mistake. */
export function manifestWarnings({ value, manifest, patterns, files }: PackageToCheck): readonly string[] {
  const { entry, contributes, sdkVersions } = manifest;
  const { problems } = readContributes(contributes);
  const paths = files.map(({ path }) => path);
  const unused = unusedPatterns(patterns ?? [], paths);
  const beside = paths.filter((path) => path !== entry && !usual.test(path));
  return [
    ...unknownKeys(value['fleetwire'], 'fleetwire', ['entry', 'contributes'], () => true),
    ...unknownKeys(value['engines'], 'engines', ['fleetwire', 'fleetwire-sdk'], (key) => /fleetwire/i.test(key)),
    ...problems.map((problem) => `package.json: fleetwire.${problem}; the dashboard leaves it out`),
    ...(sdkVersions === undefined || inRange(sdkVersion, sdkVersions) === true
      ? []
      : [
          `package.json: engines["fleetwire-sdk"] ${JSON.stringify(sdkVersions)} does not hold ${sdkVersion}, the SDK of ` +
            'this program and of the dashboards of its release, which will not load the plugin',
        ]),
    ...(unused.length === 0 ? [] : [`package.json: "files" names ${named(unused)}, and nothing that is packed fits`]),
    ...(patterns === undefined && beside.length > 0
      ? [`package.json: there is no "files", so everything in the folder is packed: ${named(beside)}`]
      : []),
    ...about(
      beside.filter((path) => keyName.test(path)),
      'may hold a private key, and is packed',
    ),
    ...about(
      beside.filter((path) => archiveName.test(path)),
      'is an archive, and is packed',
    ),
  ];
}

function unknownKeys(
  value: unknown,
  place: string,
  known: readonly string[],
  isOurs: (key: string) => boolean,
): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value)
    .filter((key) => !known.includes(key) && isOurs(key))
    .slice(0, maxNamed)
    .map(
      (key) =>
        `package.json: ${place}[${JSON.stringify(key.slice(0, 100))}] has no effect; expected ${known.join(' or ')}`,
    );
}

function about(paths: readonly string[], what: string): readonly string[] {
  return paths.length === 0 ? [] : [`${named(paths)} ${what}; "files" of package.json says what is`];
}

function named(paths: readonly string[]): string {
  const more = paths.length - maxNamed;
  return `${paths.slice(0, maxNamed).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
