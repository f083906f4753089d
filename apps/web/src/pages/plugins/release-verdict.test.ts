import { expect, it } from 'vitest';
import type { PluginFailure } from '@fleetwire/plugin-manager';
import { verdictOf } from './release-verdict.ts';

const compatible = { state: 'compatible', checked: [], notChecked: [] } as const;
const denied = (code: PluginFailure['code']): PluginFailure => ({
  code,
  message: 'no',
  phase: 'policy',
  retryable: false,
  details: {},
});

it('is one, also where a version fits and the policy is against it', () => {
  expect(verdictOf({ compatibility: compatible })).toMatchObject({ tone: 'good', label: 'Fits this server' });
  expect(verdictOf({ compatibility: compatible, denied: denied('E_PRERELEASE_DENIED') })).toEqual({
    tone: 'bad',
    label: 'The policy of this server does not allow it',
    reason: 'no (E_PRERELEASE_DENIED)',
  });
  const incompatible = { ...compatible, state: 'incompatible', reason: 'needs 2.0.0' } as const;
  expect(verdictOf({ compatibility: incompatible, denied: denied('E_PRERELEASE_DENIED') })).toMatchObject({
    label: 'Does not fit this server',
    reason: 'needs 2.0.0',
  });
});

it('names what is no matter of the policy, and leaves open what can be accepted', () => {
  const tones = (['E_PUBLISHER_CHANGED', 'E_INTEGRITY', 'E_PINNED'] as const).map((code) =>
    verdictOf({ compatibility: compatible, denied: denied(code) }),
  );
  expect(tones.map(({ tone }) => tone)).toEqual(['busy', 'bad', 'bad']);
  expect(tones.map(({ label }) => label).join()).not.toMatch(/policy/);
});
