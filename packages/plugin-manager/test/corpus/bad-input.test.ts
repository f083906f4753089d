// Before everything else: whoever comes later has the calls that it wraps.
import { beforeEachDiskStep } from '../support/disk-steps.ts';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PluginError } from '../../src/protocol/error.ts';
import { badArchives } from '../../src/testing/bad-archives/bad-archives.ts';
import { badAnnotations, badBodies, nonJson, otherPackages, pages, resets } from './bad-answers.ts';
import { badExtraFiles } from './bad-extra-files.ts';
import { badManifests } from './bad-manifests.ts';
import { badRollbacks, badStates } from './bad-states.ts';
import { badChecksums, badSignatures, installedSignature, signaturePolicy } from './bad-trust.ts';
import { badAddresses, badRedirects, badUrls, rebinding } from './bad-ways.ts';
import { offered, type CorpusCase } from './corpus-case.ts';
import { corpus, expectedOf } from './table.ts';
import { archiveOf, createWorld, detailPath, pluginId, type World } from './world.ts';

const archives = badArchives.map((bad) => offered(bad.name, () => ({ archive: bad.bytes() })));
const ways = [...badUrls, ...badAddresses, ...rebinding, ...badRedirects];
const answers = [...badBodies, ...resets, ...pages, ...nonJson, ...otherPackages, ...badAnnotations, ...badExtraFiles];

/** What the archives of the corpus would write to, were they let. */
const targets = ['/etc/cron.d/evil', '/evil', 'C:', 'c:evil', 'evil', 'main.js', 'plugin', 'other'];

let world: World;
afterAll(() => world.dispose());

/** Where an operation that is refused may write. Steps of file handles have no path; those of their `open` have. */
function isScratch(path: string): boolean {
  const { root } = world;
  return path === '' || path === join(root, 'audit.jsonl') || path.startsWith(join(root, 'staging/'));
}

async function refuses({ name, offer }: CorpusCase): Promise<void> {
  const { codes, phase } = expectedOf(name);
  const manager = world.open(await offer(world.server.url));
  const before = await world.snapshot();
  const touched = new Set<string>();
  try {
    await manager.list();
    beforeEachDiskStep(({ path }) => touched.add(path));
    const error: unknown = await manager.update(pluginId).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    beforeEachDiskStep(() => undefined);
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ phase, pluginId });
    expect(codes).toContain((error as PluginError).code);
    expect(await world.snapshot()).toEqual(before);
    await world.expectOldVersion(manager);
  } finally {
    await manager.dispose();
  }
  expect(await readdir(join(world.root, 'staging'))).toEqual([]);
  expect(touched).toContain(join(world.root, 'audit.jsonl'));
  expect([...touched].filter((path) => !isScratch(path))).toEqual([]);
  expect(targets.filter((path) => existsSync(path))).toEqual([]);
}

describe.each([
  ['archives', archives],
  ['manifests', badManifests],
  ['checksums', badChecksums],
  ['ways', ways],
  ['answers', answers],
])('an update to bad %s is refused, and the old version stays', (_what, cases) => {
  beforeAll(async () => {
    world = await createWorld();
    return () => world.dispose();
  });
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => refuses(one));
});

describe('an update with a bad signature is refused, and the old version stays', () => {
  beforeAll(async () => {
    world = await createWorld({ annotations: installedSignature, policy: signaturePolicy });
    return () => world.dispose();
  });
  it.each(badSignatures.map((one) => [one.name, one] as const))('%s', (_name, one) => refuses(one));
});

describe('what is harmless', () => {
  beforeAll(async () => {
    world = await createWorld();
  });

  it('annotations of __proto__ mean nothing', async () => {
    const key = 'headlamp/plugin/extra-files/__proto__/url';
    const manager = world.open({ annotations: { [key]: 'https://evil.test/', '__proto__/x': 'polluted' } });
    expect((await manager.update(pluginId)).installed.active.version).toBe('1.1.0');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    await manager.uninstall(pluginId);
    await manager.dispose();
  });

  it('a bad archive of a plugin that is not installed leaves a store with nothing', async () => {
    const manager = world.open({ archive: archiveOf('9.9.9') });
    await expect(manager.install(pluginId)).rejects.toMatchObject({ code: 'E_MANIFEST_MISMATCH' });
    expect(await manager.list()).toEqual([]);
    expect(await readdir(join(world.root, 'store'))).toEqual([]);
    expect(world.server.requests.some((path) => path.startsWith(detailPath))).toBe(true);
    await manager.dispose();
  });
});

describe('corpus.json', () => {
  const cases = [...archives, ...badManifests, ...badChecksums, ...badSignatures, ...ways, ...answers];
  const names = [...cases, ...badStates, ...badRollbacks].map(({ name }) => name);
  const said = Object.values(corpus).flatMap((row) => Object.entries(row));

  it('has at least one case for every row of the specification, and no case twice', () => {
    expect(Object.values(corpus).filter((row) => Object.keys(row).length === 0)).toEqual([]);
    expect(new Set(said.map(([name]) => name)).size).toBe(said.length);
    expect(new Set(names).size).toBe(names.length);
  });

  it('says of every case what comes of it, and of no other', () => {
    const inTable = said.filter(([, outcome]) => / in \w+$/.test(outcome)).map(([name]) => name);
    expect(inTable.toSorted()).toEqual([...names, 'a lock that another holds'].toSorted());
  });

  it('names tests that there are', () => {
    const root = dirname(dirname(import.meta.dirname));
    const files = said.flatMap(([, outcome]) => /: (test\/\S+)$/.exec(outcome)?.[1] ?? []);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    expect(files.length).toBeGreaterThan(4);
  });

  it('agrees with the codes that come with the archives', () => {
    for (const { name, code } of badArchives) expect(expectedOf(name).codes).toEqual([code]);
  });
});
