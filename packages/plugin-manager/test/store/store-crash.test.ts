import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderNameOf } from '../../src/core/state/folder-names.ts';
import { buildsOf, emptyState, stateTransition, type StateEvent } from '../../src/core/state/transitions.ts';
import { openPluginStore } from '../../src/node/store/open-plugin-store.ts';
import type { PluginState } from '../../src/protocol/state.ts';
import { countOf } from '../support/scale.ts';
import { mulberry32 } from './mulberry32.ts';

const script = fileURLToPath(new URL('store-process.ts', import.meta.url));
const ignore = (): void => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
/** How often a process is killed; `test/crash` kills whole managers. */
const kills = countOf('PLUGIN_STORE_KILLS', { everyday: 6, full: 200 });
let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plugin-store-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly done: readonly { readonly generation: number; readonly event: StateEvent }[];
  readonly errors: string;
}

async function work(seed: number, operations: number, killAt: number | string = -1): Promise<Ended> {
  const child = spawn(process.execPath, [script, root, String(seed), String(operations), String(killAt)]);
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('close', (code, signal) => {
      resolve([code, signal]);
    });
  });
  const [output, errors, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const lines = output.split('\n').filter((line) => line !== '');
  return { code, signal, errors, done: lines.map((line) => JSON.parse(line) as Ended['done'][number]) };
}

/** What holds after a start, whatever happened before. */
async function expectInOrder(): Promise<PluginState> {
  const store = await openPluginStore({ root, now: () => 0, logger });
  try {
    const state = await store.state();
    const { managed, unmanaged } = await store.list();
    expect(unmanaged).toEqual([]);
    expect(managed.map(({ status }) => status)).toEqual(managed.map(() => 'ok'));
    for (const { pluginId, installed } of managed) {
      expect(await store.verify(pluginId)).toMatchObject({ isIntact: true });
      const builds = buildsOf(installed).map(({ build }) => build);
      expect(builds.length).toBeLessThanOrEqual(3);
      expect(await readdir(join(root, 'store', folderNameOf(pluginId)))).toEqual([...builds].sort());
    }
    expect(await readdir(join(root, 'store'))).toEqual(managed.map((plugin) => plugin.folderName).sort());
    expect(await readdir(join(root, 'staging'))).toEqual([]);
    expect(await readdir(join(root, 'trash'))).toEqual([]);
    expect(await readdir(root)).not.toContain('state.json.draft');
    return state;
  } finally {
    await store.dispose();
  }
}

it(
  'a process that is killed at any step leaves a store that the next start puts in order, with what it had done',
  async () => {
    const random = mulberry32(7);
    let killed = 0;
    for (let round = 0; round < kills; round += 1) {
      const before = await expectInOrder();
      const { signal, code, errors, done } = await work(round, 8, Math.floor(random() * 220));
      expect([signal, code], errors).toEqual(signal === 'SIGKILL' ? ['SIGKILL', null] : [null, 0]);
      if (signal === 'SIGKILL') killed += 1;
      const after = await expectInOrder();
      // What was reported as done is on the disk, and at most one operation more.
      expect(after.generation - before.generation).toBeGreaterThanOrEqual(done.length);
      expect(after.generation - before.generation).toBeLessThanOrEqual(done.length + 1);
    }
    expect(killed).toBeGreaterThan(kills / 2);
  },
  10_000 + kills * 4_000,
);

it('a lock that a killed process held is free at once', async () => {
  // The first one of a first start makes the state, under the lock.
  const { signal } = await work(1, 1, 'rename');
  expect(signal).toBe('SIGKILL');
  const store = await openPluginStore({ root, now: () => 0, logger, lockTimeoutMs: 0 });
  expect((await store.state()).plugins).toEqual({});
  await store.dispose();
});

it('what two processes do at once is what one would have done, in the order of the generations', async () => {
  const ended = await Promise.all([work(11, 25), work(12, 25)]);
  for (const { code, errors } of ended) expect(code, errors).toBe(0);
  const changes = ended.flatMap(({ done }) => done).sort((left, right) => left.generation - right.generation);
  let state = emptyState;
  for (const { generation, event } of changes) {
    const isFirst = event.type === 'update' && !Object.hasOwn(state.plugins, event.pluginId);
    state = stateTransition(state, isFirst ? { ...event, type: 'install', isEnabled: true } : event).state;
    expect(state.generation).toBe(generation);
  }
  expect(changes.length).toBeGreaterThan(25);
  expect(await expectInOrder()).toEqual(state);
});
