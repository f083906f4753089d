import { expect, it } from 'vitest';
import type { Release } from '../protocol/release.ts';
import type { InstalledState } from '../protocol/state.ts';
import { checkSuccession } from './install-checks.ts';

const ref = { source: 'hub', repo: 'acme', name: 'flux' };
const installed: InstalledState = {
  active: { version: '1.0.0+2', build: '1.0.0+2-000000000000', sha256: 'bb', installedAt: 1 },
  previous: [],
  isEnabled: true,
  isPinned: false,
  publisher: { repositoryId: 'acme-1', packageName: 'flux' },
};
const release = (version: string): Release => ({
  ref,
  version,
  repositoryId: 'acme-1',
  archiveUrl: 'https://github.com/a.tar.gz',
  digest: { algorithm: 'sha256', hex: '' },
  isPrerelease: false,
  extraFiles: [],
});
const update = (version: string, asked?: string) => () => {
  checkSuccession({ ref, mode: 'update', version: asked }, release(version), installed, {
    checkVersion: () => undefined,
  });
};

it('updates to no other build of the version that is installed, also where it is asked for', () => {
  const upToDate = expect.objectContaining({ code: 'E_UP_TO_DATE' }) as Error;
  for (const version of ['1.0.0+1', '1.0.0', '1.0.0+3']) {
    expect(update(version)).toThrow(upToDate);
    expect(update(version, version)).toThrow(upToDate);
  }
  expect(update('0.9.0')).toThrow(upToDate);
  expect(update('1.0.1')).not.toThrow();
});
