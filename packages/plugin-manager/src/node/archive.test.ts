import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits as limits } from '../protocol/limits.ts';
import { PluginError } from '../protocol/error.ts';
import { badArchives } from '../testing/bad-archives/bad-archives.ts';
import { goodTgz } from '../testing/bad-archives/bad-archive.ts';
import { extractArchive, planArchive } from './archive.ts';

const { signal } = new AbortController();
const emptyPlan = { topFolder: 'plugin', files: [], directories: [], totalBytes: 0 };
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'archive-'));
});
afterAll(() => rm(root, { recursive: true }));

async function errorOf(promise: Promise<unknown>): Promise<PluginError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PluginError) return error;
  throw new Error(`Expected a PluginError, came ${String(error)}`, { cause: error });
}

describe('a bad archive is refused with its code', () => {
  it.each(badArchives.map((archive, index) => ({ ...archive, index })))(
    '$name: $code',
    async ({ index, ...archive }) => {
      const folder = join(root, `bad-${index}`);
      await mkdir(join(folder, 'destination'), { recursive: true });
      const path = join(folder, 'archive.tgz');
      await writeFile(path, archive.bytes());
      const error = await errorOf(planArchive(path, limits, signal));
      expect(error).toMatchObject({ code: archive.code, phase: 'inspect', retryable: false });
      // Where the store is, is for nobody to see.
      expect(JSON.stringify([error.message, error.details ?? null])).not.toContain(root);
      const extracting = await errorOf(
        extractArchive(path, emptyPlan, join(folder, 'destination'), { limits, signal }),
      );
      expect(extracting.phase).toBe('extract');
      expect(await readdir(join(folder, 'destination'))).toEqual([]);
      expect(await readdir(folder)).toEqual(['archive.tgz', 'destination']);
      await rm(folder, { recursive: true });
    },
  );
});

describe('a good archive', () => {
  async function good(name: string) {
    const folder = join(root, name);
    const destination = join(folder, 'destination');
    await mkdir(destination, { recursive: true });
    const path = join(folder, 'archive.tgz');
    await writeFile(path, goodTgz());
    return { folder, destination, path, plan: await planArchive(path, limits, signal) };
  }

  it('is planned, and written with the modes of its kind whatever the umask is', async () => {
    const { destination, path, plan } = await good('good');
    expect(plan).toMatchObject({
      topFolder: 'plugin',
      files: [{ path: 'package.json', index: 0 }, { path: 'main.js' }],
    });
    const umask = process.umask(0o077);
    try {
      const files = await extractArchive(path, plan, destination, { limits, signal });
      expect(files).toMatchObject([{ path: 'package.json' }, { path: 'main.js', size: 11 }]);
    } finally {
      process.umask(umask);
    }
    expect((await stat(join(destination, 'package.json'))).mode & 0o7777).toBe(0o644);
    expect(await readFile(join(destination, 'main.js'), 'utf8')).toBe('export {};\n');
    expect((await stat(join(destination, 'main.js'))).mode & 0o7777).toBe(0o644);
  });

  it('is not written where it is not what was planned', async () => {
    const { destination, path, plan } = await good('changed');
    const [first, ...others] = plan.files;
    const other = { ...plan, files: others };
    const error = await errorOf(extractArchive(path, other, destination, { limits, signal }));
    expect(error).toMatchObject({ code: 'E_INTEGRITY', phase: 'extract' });
    expect(error.details).toEqual({ entry: first?.path, index: 0 });
    expect(await readdir(destination)).toEqual([]);
  });

  it('ends in bounded time where it holds nothing, and at once when it is cancelled', async () => {
    const { folder } = await good('nothing');
    const path = join(folder, 'empty-blocks.tgz');
    // A header of gzip, then stored blocks of length 0 (RFC 1951, 3.2.4), none of them the last.
    const block = Buffer.of(0, 0, 0, 0xff, 0xff);
    const header = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
    await writeFile(path, Buffer.concat([header, Buffer.alloc(block.length * 8_000_000, block)]));
    expect(await errorOf(planArchive(path, limits, signal))).toMatchObject({ code: 'E_ARCHIVE_TRUNCATED' });
    const controller = new AbortController();
    const planning = planArchive(path, limits, controller.signal);
    setImmediate(() => {
      controller.abort();
    });
    expect(await errorOf(planning)).toMatchObject({ code: 'E_CANCELLED', phase: 'inspect' });
  });

  it('is written to an empty folder only, and through no link', async () => {
    const { folder, destination, path, plan } = await good('occupied');
    await symlink(destination, join(folder, 'link'));
    const linked = extractArchive(path, plan, join(folder, 'link'), { limits, signal });
    expect(await errorOf(linked)).toMatchObject({ code: 'E_STORE' });
    await writeFile(join(destination, 'main.js'), 'mine');
    const occupied = extractArchive(path, plan, destination, { limits, signal });
    const refused = await errorOf(occupied);
    expect(refused).toMatchObject({ code: 'E_STORE', phase: 'extract' });
    expect(JSON.stringify([refused.message, refused.details ?? null])).not.toContain(root);
    expect(await readFile(join(destination, 'main.js'), 'utf8')).toBe('mine');
  });

  it('is neither planned nor written once the operation is cancelled', async () => {
    const { destination, path, plan } = await good('cancelled');
    const cancelled = AbortSignal.abort();
    expect(await errorOf(planArchive(path, limits, cancelled))).toMatchObject({
      code: 'E_CANCELLED',
      phase: 'inspect',
    });
    const controller = new AbortController();
    controller.abort(new PluginError('E_TIMEOUT', 'too long', { phase: 'extract' }));
    const late = extractArchive(path, plan, destination, { limits, signal: controller.signal });
    expect(await errorOf(late)).toMatchObject({ code: 'E_TIMEOUT' });
    expect((await readdir(destination)).filter((name) => name.endsWith('.js'))).toEqual([]);
  });
});
