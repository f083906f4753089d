import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PluginError } from '../../protocol/error.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { Digest } from '../../protocol/release.ts';
import { buildNameOf } from '../../core/state/folder-names.ts';
import { parseReceipt } from '../../core/state/schema.ts';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import { asAbsent } from './as-absent.ts';
import { filesFolder, folderOf, receiptPath, type StoreLayout } from './store-layout.ts';
import type { VerifyReport } from './plugin-store.ts';

/** SHA-256 of a file, in hex; in constant memory. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  return hashOfFile(path, 'sha256', signal);
}

/** Digest of a file, in hex; in constant memory. Rejects with an AbortError once the signal says so. */
export async function hashOfFile(path: string, algorithm: Digest['algorithm'], signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}

/**
 * What the build of a receipt is called, by its text: all that it says counts but for when it was installed. So the URLs
 * of a build's files never stand for anything else, and a receipt that was edited is none.
 */
export function receiptBuildName(version: string, text: string): string {
  return buildName(version, JSON.parse(text) as object);
}

function buildName(version: string, receipt: object): string {
  const { installedAt: _, ...said } = receipt as Readonly<Record<string, unknown>>;
  return buildNameOf(version, createHash('sha256').update(JSON.stringify(said)).digest('hex'));
}

/** The text of a receipt. */
export function receiptText(receipt: Receipt): string {
  return `${JSON.stringify(receipt)}\n`;
}

/** What the build of a receipt that is not written yet will be called. Throws E_NAME_INVALID. */
export function buildOfReceipt(receipt: Receipt): string {
  return buildName(receipt.version, receipt);
}

/**
 * The receipt of a build. Throws a {@link PluginError} with E_FILES_CHANGED where there is none, or one that is not of
 * this plugin and build.
 */
export async function readReceipt(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  build: string,
): Promise<Receipt> {
  const options = { phase: 'integrity', pluginId, details: { build } } as const;
  const text = await fileSystem.read(receiptPath(folderOf(layout, pluginId, build)));
  if (text === undefined) {
    throw new PluginError('E_FILES_CHANGED', `build ${build} of ${pluginId} has no receipt`, options);
  }
  const receipt = parseReceipt(text);
  const name = receiptBuildName(receipt.version, text);
  if (pluginIdOf(receipt.ref) === pluginId && name === build) return receipt;
  const found = `${pluginIdOf(receipt.ref)} ${name}`;
  throw new PluginError('E_FILES_CHANGED', `the receipt of ${pluginId} ${build} is that of ${found}`, options);
}

/** Hashes each file of a build and compares with its receipt. Throws the reason of the signal. */
export async function verifyBuild(
  fileSystem: StoreFileSystem,
  layout: StoreLayout,
  pluginId: string,
  build: string,
  signal?: AbortSignal,
): Promise<VerifyReport> {
  const report = { pluginId, build, changed: [], missing: [], unexpected: [] };
  let receipt: Receipt;
  try {
    receipt = await readReceipt(fileSystem, layout, pluginId, build);
  } catch (error) {
    if (error instanceof PluginError) return { ...report, isIntact: false, reason: error.message };
    throw error;
  }
  const folder = filesFolder(folderOf(layout, pluginId, build));
  const real = await realpath(folder).catch(asAbsent);
  // What is behind a link belongs to somebody else, and is served to no page.
  if (real !== undefined && real !== folder) {
    return { ...report, isIntact: false, reason: `the files of ${pluginId} ${build} are reached through a link` };
  }
  const files = real === undefined ? [] : await walk(fileSystem, folder, '');
  const found = new Map(files.map(({ path, kind }) => [path, kind]));
  const changed: string[] = [];
  const missing: string[] = [];
  for (const file of receipt.files) {
    signal?.throwIfAborted();
    const kind = found.get(file.path);
    found.delete(file.path);
    const sha256 = kind === 'file' ? await sha256IfThere(join(folder, file.path)) : 'none';
    if (kind === undefined || sha256 === undefined) missing.push(file.path);
    else if (sha256 !== file.sha256) changed.push(file.path);
  }
  const unexpected = [...found.keys()];
  return {
    ...{ pluginId, build, changed, missing, unexpected },
    isIntact: changed.length + missing.length + unexpected.length === 0,
  };
}

/** Undefined for a file that another process has taken away since it was found. */
async function sha256IfThere(path: string): Promise<string | undefined> {
  return sha256OfFile(path).catch(asAbsent);
}

/** What is wrong with a build that is not what its receipt says: E_FILES_CHANGED. */
export function damageIn({ pluginId, build, changed, missing, unexpected, reason }: VerifyReport): PluginError {
  const found = [
    ...[reason ?? []].flat(),
    ...changed.map((path) => `${path} was changed`),
    ...missing.map((path) => `${path} is missing`),
    ...unexpected.map((path) => `${path} was added`),
  ];
  const shown = `${found.slice(0, 3).join(', ')}${found.length > 3 ? `, and ${String(found.length - 3)} more` : ''}`;
  return new PluginError('E_FILES_CHANGED', `${pluginId} ${build} is not what its receipt says: ${shown}`, {
    phase: 'integrity',
    pluginId,
    details: {
      build,
      changed: changed.slice(0, 20),
      missing: missing.slice(0, 20),
      unexpected: unexpected.slice(0, 20),
    },
  });
}

/** All files below a folder. */
export async function walk(
  fileSystem: StoreFileSystem,
  folder: string,
  prefix: string,
): Promise<readonly { readonly path: string; readonly kind: 'file' | 'other' }[]> {
  const found: { readonly path: string; readonly kind: 'file' | 'other' }[] = [];
  for (const { name, kind } of await fileSystem.entries(folder)) {
    const path = `${prefix}${name}`;
    if (kind === 'folder') found.push(...(await walk(fileSystem, join(folder, name), `${path}/`)));
    else found.push({ path, kind });
  }
  return found;
}
