// Before everything else: whoever comes later has the calls that it wraps.
import { beforeEachDiskStep } from '../support/disk-steps.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseState } from '../../src/core/state/schema.ts';
import type { StateEvent } from '../../src/core/state/transitions.ts';
import { createPluginManager } from '../../src/node/plugin-manager.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import { PluginError } from '../../src/protocol/error.ts';
import type { InstalledState } from '../../src/protocol/state.ts';
import { mulberry32 } from '../store/mulberry32.ts';
import { crashHost, crashPolicy, pluginIds, versions } from './crash-catalog.ts';

/** What the process is to do. */
export interface ManagerProcessOptions {
  readonly root: string;
  /** URL of the catalog. */
  readonly catalog: string;
  readonly seed: number;
  readonly operations: number;
  /** Number of the step of the disk before which it is killed; absent: none. */
  readonly killAt?: number | undefined;
}

/** A line of its output, once an operation has succeeded and changed something. */
export interface DoneOperation {
  /** Of the state that it made. */
  readonly generation: number;
  readonly event: StateEvent;
}

/** What the state of the store may refuse; anything else ends the process with a failure. */
const refusals: ReadonlySet<string> = new Set(['E_NOT_INSTALLED', 'E_NO_ROLLBACK', 'E_PINNED', 'E_UP_TO_DATE']);

const { root, catalog, seed, operations, killAt } = JSON.parse(process.argv[2] ?? '') as ManagerProcessOptions;
const random = mulberry32(seed);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

let steps = 0;
let generation: number | undefined;
beforeEachDiskStep(({ name, path }) => {
  if (steps === killAt) process.kill(process.pid, 'SIGKILL');
  steps += 1;
  // Under the lock of the store, so that the draft is this process's.
  if (name === 'rename' && path === join(root, 'state.json.draft'))
    generation = parseState(readFileSync(path, 'utf8')).generation;
});

const policy = crashPolicy(catalog);
const transport = createFetcher({ retries: 0 });
const manager = createPluginManager({
  root,
  host: crashHost,
  policy,
  sources: createSources(policy, transport),
  transport,
});
const installed = (pluginId: string, { active: build, publisher }: InstalledState): StateEvent => ({
  type: 'update',
  pluginId,
  build,
  publisher,
});

async function operate(pluginId: string): Promise<StateEvent> {
  const dice = random();
  if (dice < 0.35) {
    const result = await manager.install(pluginId, { version: pick(versions) });
    return installed(pluginId, result.installed);
  }
  if (dice < 0.5) return installed(pluginId, (await manager.update(pluginId)).installed);
  if (dice < 0.62) {
    await manager.rollback(pluginId);
    return { type: 'rollback', pluginId };
  }
  if (dice < 0.7) {
    await manager.uninstall(pluginId);
    return { type: 'remove', pluginId };
  }
  const isOn = random() < 0.5;
  if (dice < 0.85) {
    await manager.setEnabled(pluginId, isOn);
    return { type: 'setEnabled', pluginId, isEnabled: isOn };
  }
  // A pin keeps everything else from being done, so that it is more often taken away.
  const isPinned = isOn && random() < 0.5;
  await manager.setPinned(pluginId, isPinned);
  return { type: 'setPinned', pluginId, isPinned };
}

/** Whatever others do meanwhile, what is listed is whole. */
async function expectReadable(): Promise<void> {
  for (const plugin of await manager.list())
    if (!plugin.managed || plugin.status !== 'ok')
      throw new Error(`listed while others work: ${JSON.stringify(plugin)}`);
  for (const pluginId of pluginIds) {
    const report = await manager.verify(pluginId).then(
      ({ isIntact }) => isIntact,
      (error: unknown) => error instanceof PluginError && error.code === 'E_NOT_INSTALLED',
    );
    if (!report) throw new Error(`${pluginId} is verified as damaged while others work`);
  }
  for (const plugin of (await manager.runtime()).plugins)
    if (plugin.status === 'incompatible' || plugin.status === 'blocked')
      throw new Error(`in the runtime while others work: ${JSON.stringify(plugin)}`);
}

// The store is opened.
await manager.list();
process.stdout.write('ready\n');
for (let done = 0; done < operations; done += 1) {
  generation = undefined;
  try {
    const event = await operate(pick(pluginIds));
    if (generation !== undefined) process.stdout.write(`${JSON.stringify({ generation, event })}\n`);
  } catch (error) {
    if (!(error instanceof PluginError) || !refusals.has(error.code)) throw error;
  }
  await expectReadable();
}
await manager.dispose();
