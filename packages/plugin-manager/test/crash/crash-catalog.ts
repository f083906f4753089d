import { gzipSync } from 'node:zlib';
import { parsePolicy, type PluginPolicy } from '../../src/core/policy.ts';
import { tarOf } from '../../src/testing/bad-archives/tar-builder.ts';
import type { CatalogPackage } from '../../src/testing/catalog-package.ts';

/** Plugins that the catalog has, each in all of {@link versions}. */
export const pluginIds = ['hub:acme/clock', 'hub:acme/map'] as const;
/** Newest first. */
export const versions = ['1.3.0', '1.2.0', '1.1.0', '1.0.0'] as const;
/** The host that they are for. */
export const crashHost = { product: 'fleetwire', version: '2.0.0', distro: 'web', sdkVersion: '1.0.0' };

/** Lets older versions follow newer ones. */
export function crashPolicy(url: string): PluginPolicy {
  return parsePolicy({
    sources: [{ name: 'hub', kind: 'artifact-hub', url, isLocal: true }],
    hosts: [new URL(url).host],
    downgrade: 'allow',
  });
}

/** What the entry of a version holds. */
export const entryText = (name: string, version: string): string => `export const version = '${name} ${version}';\n`;

/** What the catalog serves. */
export function crashPackages(): readonly CatalogPackage[] {
  return pluginIds.map((id) => {
    const name = id.slice('hub:acme/'.length);
    const [newest, ...older] = versions.map((version) => ({ version, archive: archiveOf(name, version) }));
    if (newest === undefined) throw new Error('expected a version');
    return { repo: 'acme', name, versions: [newest, ...older] };
  });
}

function archiveOf(name: string, version: string): Buffer {
  const manifest = { name, version, fleetwire: { entry: './main.js' } };
  return gzipSync(
    tarOf([
      { path: 'plugin/package.json', body: JSON.stringify(manifest) },
      { path: 'plugin/main.js', body: entryText(name, version) },
      // So much that a kill may come in the middle of it.
      { path: 'plugin/assets/data.bin', body: Buffer.alloc(200_000, `${name}${version}`) },
    ]),
    { level: 1 },
  );
}
