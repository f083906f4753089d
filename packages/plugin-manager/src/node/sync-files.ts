import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, basename, extname, join } from 'node:path';
import { isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod/mini';
import { shown } from '../core/check-shape.ts';
import type { LockedPlugin, SyncLock, WantedPlugin } from '../core/sync-plan.ts';
import { parseVersion } from '../core/release-version.ts';
import { PluginError } from '../protocol/error.ts';
import { pluginIdPattern } from '../protocol/id-part.ts';
import type { ReceiptExtraFile } from '../protocol/receipt.ts';
import { digestAlgorithms, type Digest } from '../protocol/release.ts';
import { text } from '../protocol/text-schema.ts';
import { openRegularFile } from './open-regular-file.ts';
import { storeError } from './store/store-error.ts';

const maxPlugins = 1_000;
const maxFileBytes = 1024 * 1024;
const maxLockBytes = 4 * 1024 * 1024;

const id = z
  .string('expected a plugin id, <source>:<repo>/<name>')
  .check(z.regex(pluginIdPattern, 'expected a plugin id, <source>:<repo>/<name>'));
const version = z
  .string('expected a version in quotes, such as "1.2.3"')
  .check(z.refine((value: string) => parseVersion(value) !== undefined, 'expected a version such as "1.2.3"'));
const flag = z.boolean('expected true or false');

const fileSchema = z.strictObject({
  plugins: z
    .array(
      z.strictObject({
        id,
        version: z.optional(version),
        enabled: z.optional(flag),
        pinned: z.optional(flag),
      }),
      'expected a list of plugins',
    )
    .check(z.refine((list: unknown[]) => list.length <= maxPlugins, `expected at most ${String(maxPlugins)} plugins`)),
});

const hex = z.string().check(z.regex(/^[0-9a-f]{64,128}$/, 'expected a digest in lower-case hex'));
const digest = z.strictObject({ algorithm: z.enum(digestAlgorithms), hex });
const lockSchema = z.strictObject({
  schemaVersion: z.literal(1),
  plugins: z.record(
    id,
    z.strictObject({
      version,
      digest,
      sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in lower-case hex')),
      archiveUrl: text(0, 4_096),
      repositoryId: text(1, 200),
      packageName: text(1, 214),
      keyId: z.optional(text(1, 128)),
      extraFiles: z.optional(
        z
          .array(z.strictObject({ arch: z.optional(text(1, 4_096)), url: text(1, 4_096), digest }))
          .check(z.refine((list) => list.length <= 32, 'expected at most 32')),
      ),
    }),
  ),
});

/** Where the lock of `plugins.yaml` is, unless it is said: `plugins.lock.json` beside it. */
export function lockFileOf(file: string): string {
  return join(dirname(file), `${basename(file, extname(file))}.lock.json`);
}

/**
 * Reads `plugins.yaml` (or JSON, which is YAML too): `plugins: [{id, version?, enabled?, pinned?}]`. Throws a
 * {@link PluginError} with E_SYNC_INVALID that names the key, its line and what was expected there.
 */
export async function readSyncFile(file: string): Promise<readonly WantedPlugin[]> {
  const source = await readBounded(file, maxFileBytes);
  if (source === undefined) throw invalid(`expected a file with plugins at ${file}; there is none`, { file });
  return parseSyncFile(source, file);
}

/** What the text of such a file says; `file` names it in messages. */
export function parseSyncFile(source: string, file: string): readonly WantedPlugin[] {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const [broken] = document.errors;
  if (broken !== undefined) {
    const line = lineAt(broken.pos[0]);
    throw invalid(`${file}:${String(line)}: expected YAML; ${broken.message}`, { file, line });
  }
  let value: unknown;
  try {
    // An alias stands for as much as it likes: none are needed here.
    value = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw invalid(`${file}: expected YAML without aliases`, { file }, cause);
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = pathOf(issue);
    const line = lineAt(offsetOf(document, path));
    const key = keyText(path);
    const found = path.length === 0 ? shown(value) : asWritten(document.getIn(path, true));
    const message = `${file}:${String(line)}: ${key === '' ? 'the whole' : key}: ${expectation(issue)}; got ${found}`;
    throw invalid(message, { file, line, key });
  }
  const seen = new Map<string, number>();
  for (const [index, plugin] of parsed.data.plugins.entries()) {
    const line = lineAt(offsetOf(document, ['plugins', index, 'id']));
    const first = seen.get(plugin.id);
    if (first !== undefined) {
      const message = `${file}:${String(line)}: plugins[${String(index)}].id: expected each plugin once; ${plugin.id} stands in line ${String(first)} too`;
      throw invalid(message, { file, line, key: `plugins[${String(index)}].id` });
    }
    seen.set(plugin.id, line);
  }
  return parsed.data.plugins;
}

/** A number as the file has it: `1.0` is 1 to YAML, and nobody has written that. */
function asWritten(node: unknown): string {
  if (!isNode(node)) return shown(node);
  const isNumber = isScalar(node) && typeof node.value === 'number';
  return isNumber && node.source !== undefined ? node.source.slice(0, 120) : shown(node.toJSON());
}

/** Reads a lock file; empty where there is none. Throws a {@link PluginError} with E_SYNC_INVALID. */
export async function readSyncLock(file: string): Promise<SyncLock | undefined> {
  const source = await readBounded(file, maxLockBytes);
  return source === undefined ? undefined : parseSyncLock(source, file);
}

/** What the text of a lock file says; `file` names it in messages. */
export function parseSyncLock(source: string, file: string): SyncLock {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw invalid(`${file}: expected JSON`, { file }, cause);
  }
  const found =
    typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : undefined;
  if (typeof found === 'number' && found > 1) {
    throw invalid(`${file}: expected schema version 1, got ${String(found)}: use the newer program`, { file });
  }
  const parsed = lockSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = keyText(pathOf(issue));
    throw invalid(`${file}: ${key === '' ? 'the whole' : key}: ${expectation(issue)}`, { file, key });
  }
  // zod leaves this one out of a record, without a word.
  if (/"__proto__"\s*:/.test(source)) throw invalid(`${file}: plugins.__proto__: expected a plugin id`, { file });
  return new Map(Object.entries(parsed.data.plugins));
}

/** Writes a lock whole or not at all, and only where it says something else than before. Gives whether it did. */
export async function writeSyncLock(file: string, lock: SyncLock, old: SyncLock | undefined): Promise<boolean> {
  const content = lockText(lock);
  if (old !== undefined && lockText(old) === content) {
    await removeLeftovers(file).catch(() => undefined);
    return false;
  }
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    await using handle = await open(draft, 'wx', 0o644);
    await handle.writeFile(content);
    await handle.sync();
    await rename(draft, file);
    await removeLeftovers(file).catch(() => undefined);
    return true;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw storeError(error);
  }
}

/** What a process that was killed while it wrote a lock has left beside it; one that writes takes no hour for it. */
async function removeLeftovers(file: string): Promise<void> {
  const beginning = `.${basename(file)}.`;
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(beginning) || !/^[0-9a-f]{12}$/.test(name.slice(beginning.length))) continue;
    const path = join(dirname(file), name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > 3_600_000) await rm(path, { force: true });
  }
}

function lockText(lock: SyncLock): string {
  const sorted = [...lock]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pluginId, plugin]) => [pluginId, ordered(plugin)]);
  return `${JSON.stringify({ schemaVersion: 1, plugins: Object.fromEntries(sorted) as unknown }, undefined, 2)}\n`;
}

function orderedDigest({ algorithm, hex: digits }: Digest): Digest {
  return { algorithm, hex: digits };
}

function ordered({
  version,
  digest: found,
  sha256,
  archiveUrl,
  repositoryId,
  packageName,
  keyId,
  extraFiles = [],
}: LockedPlugin): LockedPlugin {
  // In an order that is the same on all platforms, so that they write the same lock.
  const files = extraFiles
    .map(({ arch, url, digest: ofFile }) => ({
      ...(arch !== undefined && { arch }),
      url,
      digest: orderedDigest(ofFile),
    }))
    .sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1));
  const more = files.length > 0 ? { extraFiles: files } : {};
  return { version, digest: orderedDigest(found), sha256, archiveUrl, repositoryId, packageName, keyId, ...more };
}

function sortKeyOf({ arch = '', url, digest: { hex: digits } }: ReceiptExtraFile): string {
  return JSON.stringify([arch, url, digits]);
}

function pathOf(issue: z.core.$ZodIssue | undefined): readonly PropertyKey[] {
  return issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : (issue?.path ?? []);
}

function keyText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${String(key)}]`;
    return before === '' ? String(key) : `${before}.${String(key)}`;
  }, '');
}

function expectation(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return 'expected no such key';
  if (issue?.code === 'invalid_type' && !issue.message.startsWith('expected')) return `expected ${issue.expected}`;
  return issue?.message ?? 'not valid';
}

/** Where a key stands in the text; that of the nearest one above it, where it is missing. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

async function readBounded(file: string, maxBytes: number): Promise<string | undefined> {
  try {
    await using opened = await openRegularFile(file);
    if (opened === undefined) throw invalid(`${file}: expected a regular file`, { file });
    const { handle, status } = opened;
    if (status.size > maxBytes) {
      throw invalid(`${file}: expected at most ${String(maxBytes)} bytes, got ${String(status.size)}`, {
        file,
        maxBytes,
      });
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    if (error instanceof PluginError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw invalid(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { file }, error);
  }
}

function invalid(message: string, details: Readonly<Record<string, unknown>>, cause?: unknown): PluginError {
  return new PluginError('E_SYNC_INVALID', message, { phase: 'resolve', details, cause });
}
