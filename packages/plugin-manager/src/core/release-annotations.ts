import { PluginError } from '../protocol/error.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { ExtraFile, Release, ReleaseSignature } from '../protocol/release.ts';
import { shown } from './check-shape.ts';
import { parseDigest } from './digest.ts';
import { invalidResponse } from './invalid-response.ts';
import { readChanges } from './release-changes.ts';
import { parseVersion } from './release-version.ts';

const maxValueLength = 4_096;
const maxExtraFiles = 32;
/** Of all extra files of a release together. */
const maxOutputs = 64;
const extraFileKey =
  /^headlamp\/plugin\/extra-files\/(\d{1,4})\/(?:(url|checksum|arch)|output\/([^/]{1,64})\/(input|output))$/;

/** What a source knows of one version. */
export interface DescribedVersion {
  readonly ref: PluginRef;
  readonly version: string;
  readonly repositoryId: string;
  /** The source calls it a prerelease, whatever its version is. */
  readonly isPrerelease?: boolean | undefined;
  /** As it came; own properties alone are looked at, so that no name of one means anything. */
  readonly annotations: Readonly<Record<string, unknown>>;
  /** As it came; see `readChanges`. */
  readonly changes?: unknown;
}

/**
 * A release from the annotations of a package: those of Artifact Hub for Headlamp (`headlamp/plugin/archive-url`,
 * `archive-checksum`, `version-compat`, `distro-compat`, `extra-files/…`), and `fleetwire/plugin/version-compat`,
 * `signature` (base64) with `signature-key` (the id of its key). Unknown annotations are left alone.
 *
 * Throws a {@link PluginError}: E_RESPONSE_INVALID, E_CHECKSUM_MISSING, E_CHECKSUM_ALGORITHM, E_PATH_TRAVERSAL (of an
 * extra file).
 */
export function releaseFromAnnotations(described: DescribedVersion): Release {
  const { ref, annotations, repositoryId } = described;
  const pluginId = pluginIdOf(ref);
  const version = parseVersion(described.version);
  const where = (key: string): string => `annotation ${key} of ${pluginId} ${described.version}`;
  const fail = (key: string, expected: string, found: unknown) =>
    invalidResponse(where(key), { expected, found: shown(found), path: '' }, pluginId);
  if (version === undefined) throw fail('version', 'expected a Semantic Version 2.0.0', described.version);

  function optional(key: string): string | undefined {
    const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string' || value.length > maxValueLength)
      throw fail(key, `expected a text of up to ${String(maxValueLength)} characters`, value);
    return value.trim();
  }
  const archiveUrl = optional('headlamp/plugin/archive-url');
  if (archiveUrl === undefined) throw fail('headlamp/plugin/archive-url', 'expected the URL of an archive', undefined);
  const checksumKey = 'headlamp/plugin/archive-checksum';
  const distros = optional('headlamp/plugin/distro-compat')
    ?.split(',')
    .map((distro) => distro.trim().toLowerCase())
    .filter((distro) => distro !== '');
  return {
    ref,
    version: described.version,
    repositoryId,
    archiveUrl,
    digest: parseDigest(optional(checksumKey), where(checksumKey), pluginId),
    signature: signatureOf(optional, fail),
    isPrerelease: described.isPrerelease === true || version.prerelease.length > 0,
    headlampVersions: optional('headlamp/plugin/version-compat'),
    hostVersions: optional('fleetwire/plugin/version-compat'),
    distros: distros === undefined || distros.length === 0 ? undefined : distros,
    extraFiles: extraFilesOf(annotations, optional, fail, pluginId),
    changes: readChanges(described.changes),
  };
}

type Optional = (key: string) => string | undefined;
type Fail = (key: string, expected: string, found: unknown) => PluginError;

function signatureOf(optional: Optional, fail: Fail): ReleaseSignature | undefined {
  const value = optional('fleetwire/plugin/signature');
  const keyId = optional('fleetwire/plugin/signature-key');
  if (value === undefined && keyId === undefined) return undefined;
  // Half a signature is a mistake of the publisher, and must not pass for none.
  if (value === undefined) throw fail('fleetwire/plugin/signature', 'expected a signature in base64', value);
  if (keyId === undefined) throw fail('fleetwire/plugin/signature-key', 'expected the id of a key', keyId);
  return { keyId, value };
}

interface Draft {
  readonly fields: Map<string, string>;
  readonly outputs: Map<string, Map<string, string>>;
}

/** `extra-files/<n>/{url, checksum, arch, output/<k>/{input, output}}`, by n. */
function extraFilesOf(
  annotations: Readonly<Record<string, unknown>>,
  optional: Optional,
  fail: Fail,
  pluginId: string,
): readonly ExtraFile[] {
  const drafts = new Map<number, Draft>();
  let outputCount = 0;
  for (const key of Object.keys(annotations)) {
    const [, number, field, output, side = ''] = extraFileKey.exec(key) ?? [];
    if (number === undefined) continue;
    const draft: Draft = drafts.get(Number(number)) ?? { fields: new Map(), outputs: new Map() };
    drafts.set(Number(number), draft);
    if (drafts.size > maxExtraFiles) throw fail(key, `expected at most ${String(maxExtraFiles)} extra files`, key);
    const value = optional(key) ?? '';
    if (field !== undefined) draft.fields.set(field, value);
    if (output === undefined) continue;
    checkInside(value, key, pluginId);
    if (!draft.outputs.has(output)) outputCount += 1;
    if (outputCount > maxOutputs) throw fail(key, `expected at most ${String(maxOutputs)} outputs of extra files`, key);
    const sides = draft.outputs.get(output) ?? new Map<string, string>();
    draft.outputs.set(output, sides.set(side, value));
  }
  return [...drafts]
    .sort(([a], [b]) => a - b)
    .map(([number, { fields, outputs }]) => {
      const base = `headlamp/plugin/extra-files/${String(number)}`;
      const url = fields.get('url') ?? '';
      const arch = fields.get('arch') ?? '';
      if (url === '') throw fail(`${base}/url`, 'expected the URL of an extra file', undefined);
      if (arch === '') throw fail(`${base}/arch`, 'expected a platform such as "linux/x64"', undefined);
      const moves = [...outputs].map(([name, sides]) => {
        const input = sides.get('input') ?? '';
        const output = sides.get('output') ?? '';
        if (input === '' || output === '')
          throw fail(`${base}/output/${name}`, 'expected both input and output', { input, output });
        return { input, output };
      });
      return {
        url,
        arch,
        digest: parseDigest(fields.get('checksum'), `annotation ${base}/checksum`, pluginId),
        outputs: moves,
      };
    });
}

function checkInside(path: string, key: string, pluginId: string): void {
  const isOutside = /^[/\\]|^[A-Za-z]:|\\|\0/.test(path) || path.split('/').some((segment) => segment === '..');
  if (!isOutside) return;
  const message = `annotation ${key}: expected a path below the plugin's folder, got ${shown(path)}`;
  throw new PluginError('E_PATH_TRAVERSAL', message, { phase: 'resolve', pluginId, details: { key, path } });
}
