import { expect, it } from 'vitest';
import { candidatesOf, editText, emptyForm, nameCluster, namedContexts, pick, refuse, takeText } from './add-form.ts';
import { problemOfName, problemsOfNames } from './name-problems.ts';

function kubeconfig(users: Readonly<Record<string, object>>, current?: string): string {
  const names = Object.keys(users);
  return JSON.stringify({
    'current-context': current,
    clusters: [{ name: 'c', cluster: { server: 'https://c.example' } }],
    users: Object.entries(users).map(([name, user]) => ({ name, user })),
    contexts: names.map((name) => ({ name, context: { cluster: 'c', user: name } })),
  });
}

const plain = { token: 't' };
const refused = { exec: { command: 'aws' } };
const pickedOf = (form: typeof emptyForm) => namedContexts(candidatesOf(form)).map(({ context }) => context);

it('the current context is picked at first, or the only one that can be', () => {
  expect(pickedOf(takeText(emptyForm, kubeconfig({ a: plain, b: plain }, 'b'), 'file'))).toEqual(['b']);
  expect(pickedOf(takeText(emptyForm, kubeconfig({ a: refused, b: plain }, 'a'), 'file'))).toEqual(['b']);
  expect(pickedOf(takeText(emptyForm, kubeconfig({ a: plain, b: plain }), 'file'))).toEqual([]);
});

it('what cannot be sent is not picked by any means', () => {
  const form = takeText(emptyForm, kubeconfig({ a: refused, b: plain }, 'b'), 'file');
  expect(pickedOf(pick(form, ['a', 'b'], true))).toEqual(['b']);
});

it('what was chosen and named stays when the text is changed', () => {
  let form = takeText(emptyForm, kubeconfig({ a: plain, b: plain }, 'a'), 'file');
  form = nameCluster(pick(form, ['b'], true), 'b', ' mine ');
  form = takeText(editText(form), 'contexts: [', undefined);
  expect(candidatesOf(form)).toEqual([]);
  form = takeText(form, kubeconfig({ b: plain, c: plain }, 'c'), undefined);
  expect(namedContexts(candidatesOf(form))).toEqual([
    { context: 'b', name: 'mine' },
    { context: 'c', name: 'c' },
  ]);
});

it('a text that cannot be read is shown, also when it came from a file', () => {
  expect(takeText(emptyForm, 'hello', 'file').origin).toBeUndefined();
  expect(takeText(emptyForm, kubeconfig({ a: plain }), 'file').origin).toBe('file');
});

it('what the server refuses stands with the context that it quotes, until its name is changed', () => {
  const form = pick(takeText(emptyForm, kubeconfig({ a: plain, b: plain }, 'a'), 'file'), ['b'], true);
  const named = namedContexts(candidatesOf(form));
  const answered = refuse(form, named, '"a": its network is not allowed\nthere are too many');
  expect(answered.problems).toEqual({
    general: ['there are too many'],
    byContext: new Map([['a', ['its network is not allowed']]]),
  });
  expect(nameCluster(answered, 'a', 'x').problems.byContext.size).toBe(0);
  expect(takeText(answered, answered.text, undefined).problems.general).toEqual([]);
});

it('a context whose name no cluster may have gets one that is like it', () => {
  const form = takeText(emptyForm, kubeconfig({ 'shop/api-example-com:6443/kube:admin': plain }), 'file');
  expect(namedContexts(candidatesOf(form))[0]?.name).toBe('shop-api-example-com:6443-kube:admin');
});

it('contexts that cannot be picked come after the others', () => {
  const form = takeText(emptyForm, kubeconfig({ a: refused, b: plain, c: plain }, 'a'), 'file');
  expect(candidatesOf(form).map(({ context }) => context.name)).toEqual(['b', 'c', 'a']);
});

it('names are not empty, not taken, not twice the same, and fit into an address', () => {
  const taken = new Set(['demo']);
  expect(problemOfName('east', taken)).toBeUndefined();
  expect(problemOfName(' demo ', taken)).toMatch(/already/);
  for (const name of ['', ' ', 'a,b', 'a/b', 'a\nb', '..', 'x'.repeat(1000)])
    expect(problemOfName(name, taken)).toBeDefined();
  const problems = problemsOfNames(
    [
      { context: 'a', name: 'x' },
      { context: 'b', name: 'x ' },
      { context: 'c', name: 'y' },
    ],
    taken,
  );
  expect([...problems.keys()]).toEqual(['b']);
});
