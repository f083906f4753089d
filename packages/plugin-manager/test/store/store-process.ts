import { readFileSync } from 'node:fs';
import { parseState } from '../../src/core/state/schema.ts';
import type { StateEvent } from '../../src/core/state/transitions.ts';
import { mulberry32 } from './mulberry32.ts';
import { nodeFileSystem } from '../../src/node/store/file-system.ts';
import { openPluginStore } from '../../src/node/store/open-plugin-store.ts';
import { injectFaults } from '../../src/testing/fault-injector.ts';
import { PluginError } from '../../src/protocol/error.ts';
import { installFixture } from './store-fixture.ts';

// A process that works on a store: `<root> <seed> <operations> <number or name of the step to be killed at, or -1>`. It
// prints each change as a line of JSON once it has succeeded, with the generation of the state that it made.
const [root = '', seed = '0', operations = '0', killAt = '-1'] = process.argv.slice(2);
const random = mulberry32(Number(seed));
let generation: number | undefined;
const ignore = (): void => undefined;
const fileSystem = injectFaults(nodeFileSystem, ({ index, name, path }) => {
  if (String(index) === killAt || name === killAt) process.kill(process.pid, 'SIGKILL');
  if (name === 'rename' && path.endsWith('state.json.draft'))
    generation = parseState(readFileSync(path, 'utf8')).generation;
});
const store = await openPluginStore({
  root,
  now: () => 0,
  logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  lockTimeoutMs: 30_000,
  fileSystem,
});
for (let done = 0; done < Number(operations); done += 1) {
  const pluginId = `hub:repo/${random() < 0.5 ? 'clock' : 'map'}`;
  const version = `1.0.${String(Math.floor(random() * 6))}`;
  const dice = random();
  generation = undefined;
  try {
    if (dice < 0.6) {
      const { active, publisher } = await installFixture(store, { pluginId, version, installedAt: done });
      print({ type: 'update', pluginId, build: active, publisher });
    } else if (dice < 0.75) {
      await store.rollback(pluginId);
      print({ type: 'rollback', pluginId });
    } else if (dice < 0.85) {
      await store.uninstall(pluginId);
      print({ type: 'remove', pluginId });
    } else {
      const isEnabled = dice < 0.92;
      await store.setEnabled(pluginId, isEnabled);
      print({ type: 'setEnabled', pluginId, isEnabled });
    }
  } catch (error) {
    // What a plugin that is not there answers; anything else ends the process with a failure.
    if (!(error instanceof PluginError) || !['E_NOT_INSTALLED', 'E_NO_ROLLBACK'].includes(error.code)) throw error;
  }
}
await store.dispose();

function print(event: StateEvent): void {
  if (generation !== undefined) process.stdout.write(`${JSON.stringify({ generation, event })}\n`);
}
