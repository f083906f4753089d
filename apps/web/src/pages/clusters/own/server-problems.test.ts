import { expect, it } from 'vitest';
import { placeProblems } from './server-problems.ts';

const sent = [
  { context: 'dev', name: 'my "dev"' },
  { context: 'prod', name: 'prod' },
];
const place = (message: string) => {
  const { general, byContext } = placeProblems(message, sent);
  return { general, byContext: Object.fromEntries(byContext) };
};

it('problems of a kubeconfig stand with their contexts, and the rest stands on top', () => {
  const exec = 'users "dev": exec is not allowed: it names a program; make the file self-contained';
  const one = `contexts[0] "dev": ${exec}`;
  expect(place(`${one}; contexts[0] "dev": server: too long; and 3 more`)).toEqual({
    general: ['and 3 more'],
    byContext: { dev: [exec, 'server: too long'] },
  });
});

it('a long name that the server shortens is found by its place', () => {
  expect(place('contexts[1] "p \\"q…": server: no').byContext).toEqual({ prod: ['server: no'] });
});

it('problems of the request stand with their contexts', () => {
  expect(place('contexts.1.name: too long; contexts.0.name: empty')).toEqual({
    general: [],
    byContext: { prod: ['too long'], dev: ['empty'] },
  });
});

it('problems of clusters stand with the contexts that they were to be of', () => {
  expect(place('"my \\"dev\\"": you have a cluster of this name; "prod": its address is not allowed')).toEqual({
    general: [],
    byContext: { dev: ['you have a cluster of this name'], prod: ['its address is not allowed'] },
  });
});

it('what names none of them, or one that was not sent, stands on top', () => {
  for (const message of ['the feature is off; ask for it', 'contexts[7] "x": odd', '"dev": odd', 'contexts: odd']) {
    expect(place(message)).toEqual({ general: [message], byContext: {} });
  }
});
