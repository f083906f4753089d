import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readContributes } from '../core/declared-contributes.ts';
import { checkManifest, findManifest, parseManifest, type PluginManifest } from '../core/manifest.ts';
import { PluginError } from '../protocol/error.ts';
import { defaultLimits, type PluginLimits } from '../protocol/limits.ts';
import { makeFolder } from './make-folder.ts';
import { checkModules } from './pack/check-modules.ts';
import { fileFilterOf } from './pack/file-patterns.ts';
import { listFiles } from './pack/list-files.ts';
import { manifestWarnings } from './pack/manifest-warnings.ts';
import { packError } from './pack/pack-error.ts';
import { planEntries } from './pack/plan-entries.ts';
import { writeArchive, type WrittenArchive } from './pack/write-archive.ts';

/** How far {@link packPlugin} is, in bytes of the files; told at most once for each percent. */
export interface PackProgress {
  readonly done: number;
  readonly total: number;
}

/** Settings of {@link packPlugin}. */
export interface PackOptions {
  /** Folder for the archive; made if it is not there. */
  readonly destination: string;
  /** Of those who install it. Default: {@link defaultLimits}. */
  readonly limits?: PluginLimits | undefined;
  /** Specifiers that the page shares with its plugins. Default: those of the Fleetwire dashboard. */
  readonly shared?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PackProgress) => void) | undefined;
}

/** What {@link packPlugin} wrote. */
export interface PackedPlugin {
  /** Of the archive; the file `<path>.sha256` beside it is what `sha256sum -c` reads. */
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** `SHA256:<hex>`, as Artifact Hub's annotation `headlamp/plugin/archive-checksum` has it. */
  readonly checksum: string;
  readonly name: string;
  readonly version: string;
  readonly files: number;
  /** What installs, and is likely not meant: `file:line:column`, what was found there and how it is mended. */
  readonly warnings: readonly string[];
}

/** The modules that the Fleetwire dashboard shares with its plugins, by its import map. */
const sharedByDashboard = [
  'react',
  'react-dom',
  'react/jsx-runtime',
  '@fleetwire/plugin-manager/sdk',
  '@fleetwire/kube-watch/react',
];

/**
 * Packs the plugin in a folder as `<name>-<version>.tar.gz`, with one top folder that is named by the package. The same
 * files become the same bytes, whoever packs them, when and where; only another zlib may compress the same tar otherwise.
 *
 * What is packed: what `files` of package.json names, else everything; package.json, README and LICENSE always; never
 * node_modules, lock files, or names that begin with a dot. What a strict reader would refuse is refused here. A failed
 * or cancelled run leaves nothing behind, and an earlier archive of the same name as it was.
 *
 * Throws a {@link PluginError}: E_MANIFEST_MISSING, E_MANIFEST_INVALID, E_ENTRY_MISSING, E_ENTRY_INVALID, E_ENTRY_TYPE,
 * E_PATH_INVALID, E_PATH_TOO_LONG, E_ENTRY_DUPLICATE, E_ARCHIVE_SIZE, E_ARCHIVE_ENTRIES, E_ARCHIVE_RATIO, E_CANCELLED, E_STORE….
 */
export async function packPlugin(folder: string, options: PackOptions): Promise<PackedPlugin> {
  const { destination, limits = defaultLimits, shared = sharedByDashboard, signal } = options;
  const { onProgress = () => undefined } = options;
  const { value, manifest, entry, patterns } = await readPackage(folder, limits);
  const filter = fileFilterOf(patterns);
  const topFolder = topFolderOf(manifest.name);
  const archiveName = `${topFolder}-${manifest.version}.tar.gz`;
  const files = await listFiles(folder, (path) => filter(path) && !isOwnArchive(path, topFolder)).catch(
    (error: unknown) => {
      throw packError(error, 'inspect', `reading ${resolve(folder)}`);
    },
  );
  if (!files.some(({ path }) => path === entry)) throw await missingEntry(folder, entry);
  const { entries, plan } = planEntries(topFolder, files, limits);
  findManifest(plan, limits);
  checkManifest(manifest, { version: manifest.version, plan });
  const { contributes } = readContributes(manifest.contributes);
  const ofModules = await checkModules({ entry, files, shared, contributes, signal }).catch((error: unknown) => {
    throw packError(error, 'inspect', `reading the scripts of ${resolve(folder)}`);
  });
  const warnings = [...manifestWarnings({ value, manifest, patterns, files }), ...ofModules];

  const path = join(resolve(destination), archiveName);
  const part = join(resolve(destination), `.${archiveName}.${String(process.pid)}.part`);
  const onRead = countBytes(plan.totalBytes, onProgress);
  try {
    await makeFolder(resolve(destination));
    const written = await writeArchive({ entries, path: part, signal, onRead });
    checkPacked(written, limits);
    await writeFile(`${part}.sha256`, `${written.sha256}  ${basename(path)}\n`);
    await rename(part, path);
    await rename(`${part}.sha256`, `${path}.sha256`);
    const { bytes, sha256 } = written;
    const { name, version } = manifest;
    return { path, bytes, sha256, checksum: `SHA256:${sha256}`, name, version, files: files.length, warnings };
  } catch (error) {
    throw packError(error, 'commit', `writing ${path}`);
  } finally {
    await rm(part, { force: true });
    await rm(`${part}.sha256`, { force: true });
  }
}

/** The top folder of a package's archive, which is named by it, too: `acme-hello` of `@acme/hello`. */
export function topFolderOf(name: string): string {
  return name.replace(/^@/, '').replace('/', '-');
}

async function readPackage(folder: string, limits: PluginLimits) {
  const path = join(folder, 'package.json');
  const json = await readFile(path, 'utf8').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw packError(error, 'manifest', `reading ${path}`);
    const message = `expected a folder with a package.json; there is none at ${resolve(path)}`;
    throw new PluginError('E_MANIFEST_MISSING', message, { phase: 'manifest', details: { path }, cause: error });
  });
  if (Buffer.byteLength(json) > limits.maxManifestBytes) {
    const message = `expected at most ${String(limits.maxManifestBytes)} bytes in package.json`;
    throw new PluginError('E_MANIFEST_INVALID', message, { phase: 'manifest', details: { path } });
  }
  const manifest: PluginManifest = parseManifest(json);
  if (manifest.entry === undefined) {
    const message = `expected "fleetwire": {"entry": "<path of an ES module>"} in ${path}; it names no entry`;
    throw new PluginError('E_ENTRY_MISSING', message, { phase: 'manifest', details: { path } });
  }
  const value = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const { files } = value;
  if (files !== undefined && !isTexts(files)) {
    const message = `expected files of package.json to be an array of paths; got ${JSON.stringify(files).slice(0, 100)}`;
    throw new PluginError('E_MANIFEST_INVALID', message, { phase: 'manifest', details: { at: 'files' } });
  }
  return { value, manifest, entry: manifest.entry, patterns: files };
}

/** It was not built, or it is left out: these are mended in different places. */
async function missingEntry(folder: string, entry: string): Promise<PluginError> {
  const isThere = await access(join(folder, entry)).then(
    () => true,
    () => false,
  );
  const reason = isThere
    ? 'it is there, and is not packed: see "files" of package.json'
    : `there is no ${resolve(folder, entry)}: has it been built?`;
  const message = `expected the entry ${entry} of package.json among the files; ${reason}`;
  return new PluginError('E_ENTRY_MISSING', message, { phase: 'inspect', details: { entry } });
}

/** What those who install it would refuse of the archive as a whole. */
function checkPacked({ bytes, unpackedBytes }: WrittenArchive, limits: PluginLimits): void {
  const options = { phase: 'inspect', details: { bytes, unpackedBytes } } as const;
  if (bytes > limits.maxDownloadBytes) {
    const message = `expected an archive of at most ${String(limits.maxDownloadBytes)} bytes; it has ${String(bytes)}`;
    throw new PluginError('E_ARCHIVE_SIZE', message, options);
  }
  if (unpackedBytes > limits.ratioFreeBytes && unpackedBytes > bytes * limits.maxRatio) {
    const message = `expected files that compress to 1/${String(limits.maxRatio)} at most; ${String(unpackedBytes)} bytes became ${String(bytes)}`;
    throw new PluginError('E_ARCHIVE_RATIO', message, options);
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** What earlier runs, or those of `npm pack`, wrote into a folder that is packed, whatever the version was. */
function isOwnArchive(path: string, topFolder: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.startsWith(`${topFolder}-`) && /\.(?:tgz|tar\.gz(?:\.sha256)?)$/.test(name);
}

function countBytes(total: number, onProgress: (progress: PackProgress) => void): (bytes: number) => void {
  let done = 0;
  let told = 0;
  return (bytes) => {
    done += bytes;
    const percent = Math.floor((100 * done) / total);
    if (percent === told) return;
    told = percent;
    onProgress({ done, total });
  };
}
