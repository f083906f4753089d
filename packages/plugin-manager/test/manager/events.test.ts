import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PluginManager, PluginManagerEvent } from '../../src/node/plugin-manager-interface.ts';
import { createWorld, type World } from './manager-world.ts';

const pluginId = 'hub:acme/flux';
/** For machines that do much else. */
const patience = 10_000;
let world: World;
let manager: PluginManager;
let heard: PluginManagerEvent[];
beforeEach(async () => {
  world = await createWorld();
  manager = world.open();
  heard = [];
  world.publish('flux', { version: '1.0.0' });
});
afterEach(() => world.dispose());

const listen = (one = manager) => one.events.subscribe((event) => heard.push(event));
const generations = () => heard.flatMap((event) => (event.type === 'changed' ? [event.generation] : []));

it('tells the generation at the beginning and after each change, once', async () => {
  listen();
  await vi.waitFor(() => {
    expect(generations()).toEqual([0]);
  }, patience);
  await manager.install(pluginId);
  await manager.setEnabled(pluginId, false);
  await manager.setEnabled(pluginId, false);
  await manager.verify(pluginId);
  await manager.uninstall(pluginId);
  const last = await manager.generation();
  await vi.waitFor(() => {
    expect(generations().at(-1)).toBe(last);
  }, patience);
  expect(generations()).toEqual([...new Set(generations())].toSorted((a, b) => a - b));
});

it('tells what another manager of the store has changed', async () => {
  listen();
  const other = world.open();
  await other.install(pluginId);
  const generation = await other.generation();
  await vi.waitFor(() => {
    expect(generations().at(-1)).toBe(generation);
  }, patience);
  expect(generation).toBe(1);
});

it('tells of operations when they start, with who started them', async () => {
  listen();
  const operation = manager.install(pluginId, { actor: 'ada' });
  expect(heard).toEqual([{ type: 'operation', operation }]);
  expect(operation).toMatchObject({ action: 'install', pluginId, actor: 'ada' });
  await operation;
  const [line = ''] = (await readFile(join(world.root, 'audit.jsonl'), 'utf8')).split('\n');
  expect(JSON.parse(line)).toMatchObject({ operationId: operation.id, action: 'install', actor: 'ada' });
});

it('a listener that throws keeps no other from being told, and no operation from its end', async () => {
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const logging = world.open({ logger });
  logging.events.subscribe(() => {
    throw new Error('a faulty listener');
  });
  listen(logging);
  await logging.install(pluginId);
  await vi.waitFor(() => {
    expect(generations().at(-1)).toBe(1);
  }, patience);
  expect(heard.some(({ type }) => type === 'operation')).toBe(true);
  expect(logger.error).toHaveBeenCalledWith(
    expect.objectContaining({ event: 'operation' }),
    expect.stringContaining('listener'),
  );
});

it('tells nothing any more once it is undone, and nothing once the manager is disposed', async () => {
  const undo = listen();
  await vi.waitFor(() => {
    expect(heard).toHaveLength(1);
  }, patience);
  undo();
  undo();
  await manager.install(pluginId);
  expect(heard).toHaveLength(1);
  await manager.dispose();
  listen();
  await world.open().uninstall(pluginId);
  expect(heard).toHaveLength(1);
});
