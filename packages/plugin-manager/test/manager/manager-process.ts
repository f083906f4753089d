import { parsePolicy } from '../../src/core/policy.ts';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import { createPluginManager } from '../../src/node/plugin-manager.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';

// Another process on the same store: `<root> <URL of the catalog> <install | update | uninstall | pin | disable> <id>`.
const [root = '', url = '', action = '', pluginId = ''] = process.argv.slice(2);
const policy = parsePolicy({
  sources: [{ name: 'hub', kind: 'artifact-hub', url, isLocal: true }],
  hosts: [new URL(url).host],
});
const transport = createFetcher({ retries: 0 });
const manager = createPluginManager({
  root,
  host: { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' },
  policy,
  sources: createSources(policy, transport),
  transport,
});
try {
  if (action === 'install' || action === 'update' || action === 'uninstall') await manager[action](pluginId);
  else if (action === 'pin') await manager.setPinned(pluginId, true);
  else await manager.setEnabled(pluginId, false);
} finally {
  await manager.dispose();
}
