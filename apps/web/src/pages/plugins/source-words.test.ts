import { expect, it } from 'vitest';
import { ApiError } from '../../auth/auth-session.ts';
import { isSilence, mayAskAgain, notInstallableTitle, notKnownTitle, whySilent } from './source-words.ts';

it('says in words why a source did not answer, and what the server says where there are none', () => {
  const failure = { code: 'E_NETWORK', message: 'the connection failed: https://a.example/ (ENOTFOUND)' } as const;
  expect(whySilent({ ...failure, details: { reason: 'ENOTFOUND' } })).toBe('its name cannot be resolved (E_NETWORK)');
  for (const details of [{}, { reason: 'toString' }, { reason: 1 }]) {
    expect(whySilent({ ...failure, details })).toBe(`${failure.message} (E_NETWORK)`);
  }
});

it('tells a source that did not answer from one that did', () => {
  expect(['E_NETWORK', 'E_RESPONSE_TIMEOUT', 'E_HTTP_STATUS'].map((code) => isSilence({ code }))).not.toContain(false);
  expect(['E_NOT_FOUND', 'E_CHECKSUM_MISSING', 'FORBIDDEN'].map((code) => isSilence({ code }))).not.toContain(true);
});

it('does not say of a plugin that it is not installed where the source has not answered', () => {
  expect(notKnownTitle(new ApiError('E_NETWORK', 'the connection failed'))).toBe('The source does not answer');
  expect(notKnownTitle(new ApiError('E_NOT_FOUND', 'not there'))).toBe('It is not installed');
  expect(notKnownTitle(new ApiError('E_RESPONSE_INVALID', 'odd'))).toBe('It cannot be shown');
  expect(notKnownTitle(null)).toBe('It is not installed');
});

it('says of a version whether it cannot be installed, or nobody has answered: then to ask again may help', () => {
  const titles = ['E_CHECKSUM_MISSING', 'E_RESPONSE_TIMEOUT', 'UNREACHABLE'].map((code) => {
    const error = new ApiError(code, 'no');
    return [notInstallableTitle(error), mayAskAgain(error)];
  });
  expect(titles).toEqual([
    ['This version cannot be installed', false],
    ['The source does not answer', true],
    ['The server does not answer', true],
  ]);
});
