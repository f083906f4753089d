import { expect, it } from 'vitest';
import type { InstalledState } from '../protocol/state.ts';
import { checkBytes } from './install-bytes.ts';

const ref = { source: 'hub', repo: 'acme', name: 'flux' };
const build = (version: string, sha256: string) => ({
  version,
  build: `${version}-000000000000`,
  sha256,
  installedAt: 1,
});
const installed: InstalledState = {
  active: build('1.0.0+2', 'bb'),
  previous: [build('1.0.0+1', 'aa')],
  isEnabled: true,
  isPinned: false,
  publisher: { repositoryId: 'acme-1', packageName: 'flux' },
};
const check = (version: string, sha256: string, more: object = {}) => {
  checkBytes({ ref, mode: 'install', ...more }, version, sha256, installed);
};

it('takes other bytes under the same version for an attack, whatever stands after its "+"', () => {
  for (const version of ['1.0.0+2', '1.0.0', '1.0.0+3'])
    expect(() => {
      check(version, 'cc');
    }).toThrow(expect.objectContaining({ code: 'E_INTEGRITY' }));
  check('1.0.0+1', 'aa');
  check('1.0.1', 'cc');
  check('1.0.0+3', 'cc', { acceptChangedArchive: true });
  check('1.0.0+3', 'cc', { expected: { digest: { algorithm: 'sha256', hex: 'cc' }, sha256: 'cc' } });
});
