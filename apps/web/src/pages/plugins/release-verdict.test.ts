import { expect, it } from 'vitest';
import type { PluginFailure } from '@fleetwire/plugin-manager';
import { ApiError } from '../../auth/auth-session.ts';
import { isRefused, noneTakenTitle, verdictOf } from './release-verdict.ts';

const compatible = { state: 'compatible', checked: [], notChecked: [] } as const;
const denied = (code: PluginFailure['code']): PluginFailure => ({
  code,
  message: 'no',
  phase: 'policy',
  retryable: false,
  details: {},
});

it('is one, also where a version fits and the policy is against it', () => {
  expect(verdictOf({ compatibility: compatible, publisher: 'same' })).toMatchObject({
    tone: 'good',
    label: 'Fits this server',
  });
  expect(verdictOf({ compatibility: compatible, denied: denied('E_PRERELEASE_DENIED'), publisher: 'same' })).toEqual({
    tone: 'bad',
    label: 'The policy of this server does not allow it',
    reason: 'no (E_PRERELEASE_DENIED)',
  });
  const incompatible = { ...compatible, state: 'incompatible', reason: 'needs 2.0.0' } as const;
  expect(
    verdictOf({ compatibility: incompatible, denied: denied('E_PRERELEASE_DENIED'), publisher: 'same' }),
  ).toMatchObject({
    label: 'Does not fit this server',
    reason: 'needs 2.0.0',
  });
});

it('names what is no matter of the policy, and leaves open what can be accepted', () => {
  const tones = [
    verdictOf({ compatibility: compatible, publisher: 'changed' }),
    ...(['E_INTEGRITY', 'E_PINNED'] as const).map((code) =>
      verdictOf({ compatibility: compatible, denied: denied(code), publisher: 'changed' }),
    ),
  ];
  expect(tones[0]?.label).toBe('Fits this server, and is of another publisher');
  expect(tones.map(({ tone }) => tone)).toEqual(['busy', 'bad', 'bad']);
  expect(tones.map(({ label }) => label).join()).not.toMatch(/policy/);
});

it('is no install where a version was passed over, does not fit, or a look at it ended in what stays so', () => {
  const known = { reason: undefined, data: undefined, error: null };
  const data = { compatibility: compatible, publisher: 'same' } as const;
  expect(isRefused(known)).toBe(false);
  expect(isRefused({ ...known, data })).toBe(false);
  expect(isRefused({ ...known, error: new ApiError('E_RESPONSE_TIMEOUT', 'late') })).toBe(false);
  expect(isRefused({ ...known, error: new ApiError('E_CHECKSUM_MISSING', 'none') })).toBe(true);
  expect(isRefused({ ...known, reason: 'passed over' })).toBe(true);
  expect(isRefused({ ...known, data: { ...data, denied: denied('E_PINNED') } })).toBe(true);
});

it('says that no version can be installed only where each was passed over', () => {
  const versions = ['2.0.0', '1.0.0'].map((version) => ({ version, isPrerelease: false }));
  const passedOver = versions.map(({ version }) => ({ version, reason: 'no checksum' }));
  expect(noneTakenTitle({ versions, passedOver })).toBe('No version can be installed');
  expect(noneTakenTitle({ versions: [], passedOver: [] })).toBe('No version can be installed');
  expect(noneTakenTitle({ versions, passedOver: passedOver.slice(0, 1) })).toBe(
    'The newest version cannot be installed; see Versions',
  );
});
