import { expect, it, vi } from 'vitest';
import { SignInPrefill } from './sign-in-prefill.ts';

const nothing = { username: '', password: '' };
const at = (pathname: string, hash: string) => {
  const replaceState = vi.fn();
  return {
    replaceState,
    prefill: new SignInPrefill({ pathname, search: '?next=%2F', hash }, { state: 1, replaceState }),
  };
};

it('takes name and password out of the address of the sign-in, and gives them until it is told to forget', () => {
  const { prefill, replaceState } = at('/login', '#username=admin&password=a%20b');
  expect(replaceState).toHaveBeenCalledExactlyOnceWith(1, '', '/login?next=%2F');
  expect(prefill.get()).toEqual({ username: 'admin', password: 'a b' });
  expect(prefill.get()).toEqual({ username: 'admin', password: 'a b' });
  prefill.forget();
  expect(prefill.get()).toEqual(nothing);
});

it('leaves every other address alone', () => {
  for (const { prefill, replaceState } of [at('/clusters', '#password=x'), at('/login', '#main'), at('/login', '')]) {
    expect(replaceState).not.toHaveBeenCalled();
    expect(prefill.get()).toEqual(nothing);
  }
});
