import { expect, it } from 'vitest';
import { readContributes } from './declared-contributes.ts';

const navigation = { id: 'home', title: 'Home', to: '/home' };
const command = { id: 'run', title: 'Run' };

it('gives what is right as it is, and leaves out what is wrong with its place', () => {
  expect(readContributes(undefined)).toEqual({ problems: [] });
  expect(readContributes({ navigation: [navigation], command: [command] })).toEqual({
    contributes: { navigation: [navigation], command: [command] },
    problems: [],
  });
  expect(readContributes({ navigation: [{ ...navigation, to: '//evil' }, navigation], command: {}, menu: [] })).toEqual(
    {
      contributes: { navigation: [navigation] },
      problems: [
        'contributes.navigation[0].to: expected a path that begins with one "/"',
        'contributes.command: expected an array, got {}',
        'contributes: there is no kind "menu"',
      ],
    },
  );
});

it('of two with one id the first is taken; a kind apart, or a path, may be the same', () => {
  const contributes = { command: [command, { ...command, title: 'Again' }, { id: 'home', title: 'Home' }] };
  expect(readContributes({ ...contributes, navigation: [navigation] })).toEqual({
    contributes: { command: [command, { id: 'home', title: 'Home' }], navigation: [navigation] },
    problems: ['contributes.command[1].id: "run" is declared twice'],
  });
});

it.each([[null], [[]], ['text'], [7]])('of %j nothing is left', (value) => {
  const { contributes, problems } = readContributes(value);
  expect(contributes).toBeUndefined();
  expect(problems).toHaveLength(1);
});

it('is no way to reach what every object has', () => {
  const hostile: unknown = JSON.parse('{"__proto__": [{}], "constructor": [{}], "toString": [{}]}');
  expect(readContributes(hostile)).toMatchObject({ contributes: undefined, problems: { length: 3 } });
});

it('is bounded: 64 of a kind, and ten problems', () => {
  const many = Array.from({ length: 100 }, (_, index) => ({ ...command, id: `c${String(index)}` }));
  const { contributes, problems } = readContributes({ command: many, route: Array.from({ length: 50 }, () => ({})) });
  expect(contributes?.command).toHaveLength(64);
  expect(problems).toHaveLength(11);
  expect(problems[0]).toBe('contributes.command: expected at most 64, got 100');
  expect(problems[10]).toBe('contributes: 41 problems more');
});
