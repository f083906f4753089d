import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parsePluginId } from '../../src/protocol/plugin-id.ts';
import type { Receipt } from '../../src/protocol/receipt.ts';
import type { InstalledState } from '../../src/protocol/state.ts';
import type { PluginStore, Staging } from '../../src/node/store/plugin-store.ts';

/** A version of a made-up plugin. */
export interface FixtureVersion {
  readonly pluginId: string;
  readonly version: string;
  /** Milliseconds since 1970. Default: 0. */
  readonly installedAt?: number | undefined;
  /** Contents by path. Default: a package.json and an entry that tells the version. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

/** The receipt of a made-up version, and what its files hold. */
export function fixtureReceipt({ pluginId, version, installedAt = 0, files }: FixtureVersion): {
  readonly receipt: Receipt;
  readonly contents: Readonly<Record<string, string>>;
} {
  const ref = parsePluginId(pluginId);
  const contents = files ?? {
    'package.json': JSON.stringify({ name: ref.name, version }),
    'dist/main.js': `export const version = ${JSON.stringify(version)};\n`,
  };
  const sha256 = hash('sha256', JSON.stringify([pluginId, version, contents]), 'hex');
  const receipt: Receipt = {
    schemaVersion: 1,
    managed: true,
    ref,
    version,
    repositoryId: `id-of-${ref.repo}`,
    packageName: ref.name,
    title: ref.name,
    digest: { algorithm: 'sha256', hex: sha256 },
    sha256,
    archiveBytes: 1,
    urlChain: [`https://example.test/${ref.name}-${version}.tar.gz`],
    entry: 'dist/main.js',
    files: Object.entries(contents).map(([path, content]) => ({
      path,
      size: Buffer.byteLength(content),
      sha256: hash('sha256', content, 'hex'),
      integrity: `sha384-${hash('sha384', content, 'base64')}`,
    })),
    installedAt,
  };
  return { receipt, contents };
}

/** Writes a made-up version into a place of the store. */
export async function stageFixture(store: PluginStore, version: FixtureVersion): Promise<[Staging, Receipt]> {
  const { receipt, contents } = fixtureReceipt(version);
  const staging = await store.stage(version.pluginId);
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(staging.path, path)), { recursive: true });
    await writeFile(join(staging.path, path), content);
  }
  return [staging, receipt];
}

/** Stages and commits a made-up version. */
export async function installFixture(store: PluginStore, version: FixtureVersion): Promise<InstalledState> {
  const [staging, receipt] = await stageFixture(store, version);
  try {
    const { repositoryId, packageName } = receipt;
    return await store.commit(staging, receipt, () => ({ publisher: { repositoryId, packageName } }));
  } finally {
    await staging.discard();
  }
}

function hash(algorithm: string, text: string, encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(text).digest(encoding);
}
