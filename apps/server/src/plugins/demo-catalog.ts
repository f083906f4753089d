import type { CatalogPackage, CatalogServer } from '@fleetwire/plugin-manager/testing';
import { demoPlugins, type DemoPlugin, type DemoVersion } from './demo-plugins.ts';

const repo = 'demo';

/**
 * Starts a catalog on a free port of loopback, so that plugins can be tried without the Internet. It has an index at
 * `/index.json`, and its plugins go the way of all others: fetched, compared with their digest, unpacked, served.
 */
export async function startDemoCatalog(): Promise<Pick<CatalogServer, 'url' | 'dispose'>> {
  // Only the demo needs it.
  const { createCatalogServer, goodArchive } = await import('@fleetwire/plugin-manager/testing');
  const packageOf = ({ versions, ...plugin }: DemoPlugin): CatalogPackage => {
    const [newest, ...older] = versions;
    const versionOf = (version: DemoVersion) => ({
      version: version.version,
      archive: archiveOf(plugin.name, plugin.title, version),
      ts: Date.parse(version.day) / 1_000,
      annotations: {
        'fleetwire/plugin/version-compat': version.hostVersions,
        // The kind of host that the server is.
        'headlamp/plugin/distro-compat': 'web',
      },
      changes: version.changes,
    });
    return { repo, author: 'Fleetwire', ...plugin, versions: [versionOf(newest), ...older.map(versionOf)] };
  };
  const archiveOf = (name: string, title: string, { version, entry, contributes }: DemoVersion): Uint8Array => {
    const manifest = {
      name: `fleetwire-demo-${name}`,
      version,
      title,
      fleetwire: { entry: './index.js', contributes },
    };
    const archive = goodArchive({
      dialect: 'ustar',
      topFolder: name,
      hasFolderEntries: false,
      hasDotPrefix: false,
      hasGlobalHeader: false,
      files: [
        { path: 'package.json', body: Buffer.from(JSON.stringify(manifest, undefined, 2)) },
        { path: 'index.js', body: Buffer.from(entry) },
      ],
    });
    if (archive === undefined) throw new Error(`the demo plugin ${name} has a path that its archive cannot hold`);
    return archive;
  };
  return createCatalogServer(demoPlugins.map(packageOf));
}
