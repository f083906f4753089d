import { createPluginManager } from '../../src/node/plugin-manager.ts';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';
import { catalogPolicy, host } from './manager-world.ts';

/** What another process is told to do with a store. */
export interface ProcessCommand {
  readonly root: string;
  /** Of the catalog. */
  readonly url: string;
  readonly action: 'install' | 'update' | 'uninstall' | 'pin' | 'disable';
  readonly pluginId: string;
}

async function obey({ root, url, action, pluginId }: ProcessCommand): Promise<void> {
  const policy = catalogPolicy(url);
  const transport = createFetcher({ retries: 0 });
  const manager = createPluginManager({ root, host, policy, sources: createSources(policy, transport), transport });
  try {
    if (action === 'pin') await manager.setPinned(pluginId, true);
    else if (action === 'disable') await manager.setEnabled(pluginId, false);
    else await manager[action](pluginId);
  } finally {
    await manager.dispose();
  }
}

// Each command is answered by the message of its failure, or null.
process.on('message', (command: ProcessCommand) => {
  void obey(command).then(
    () => process.send?.(null),
    (error: unknown) => process.send?.(String(error)),
  );
});
