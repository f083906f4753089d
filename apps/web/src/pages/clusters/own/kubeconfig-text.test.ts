import { expect, it } from 'vitest';
import { readKubeconfig, writeKubeconfig, type KubeconfigContext } from './kubeconfig-text.ts';

const text = `
apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: east
  cluster: {server: "https://east.example:6443", certificate-authority-data: Q0E=}
- name: west
  cluster: {server: "https://west.example"}
users:
- name: me
  user: {token: secret-of-me}
- name: other
  user: {token: secret-of-other}
contexts:
- name: prod
  context: {cluster: east, user: me, namespace: shop}
- name: test
  context: {cluster: west, user: other}
- name: anonymous
  context: {cluster: west}
- name: lost
  context: {cluster: none, user: nobody}
`;

function contextsOf(source: string): readonly KubeconfigContext[] {
  const reading = readKubeconfig(source);
  if (reading.status !== 'read') throw new Error(JSON.stringify(reading));
  return reading.contexts;
}

it('the contexts of a file are read with what they name', () => {
  expect(contextsOf(text)).toMatchObject([
    {
      name: 'prod',
      isCurrent: true,
      namespace: 'shop',
      userName: 'me',
      cluster: { server: 'https://east.example:6443', 'certificate-authority-data': 'Q0E=' },
      user: { token: 'secret-of-me' },
    },
    { name: 'test', isCurrent: false, namespace: undefined },
    { name: 'anonymous', userName: undefined, user: undefined },
    { name: 'lost', cluster: undefined, userName: 'nobody', user: undefined },
  ]);
});

it('JSON is read as well', () => {
  const json = writeKubeconfig(contextsOf(text).slice(0, 2));
  expect(contextsOf(json).map(({ name, userName }) => [name, userName])).toEqual([
    ['prod', 'me'],
    ['test', 'other'],
  ]);
});

it('what is written holds the contexts that were chosen, and nothing of the others', () => {
  const [prod] = contextsOf(text);
  const written = writeKubeconfig(prod === undefined ? [] : [prod]);
  expect(contextsOf(written)).toMatchObject([{ ...prod, isCurrent: false }]);
  for (const other of ['secret-of-other', 'west', 'nobody']) expect(written).not.toContain(other);
});

it('an empty text is not wrong yet', () => {
  expect([readKubeconfig(''), readKubeconfig('  \n')]).toEqual([{ status: 'empty' }, { status: 'empty' }]);
});

it.each([
  ['hello', /expected clusters, users and contexts/],
  ['kind: Pod', /no kubeconfig/],
  ['clusters: []\ncontexts: null', /no context/],
  ['contexts: {a: b}', /^contexts: expected a list/],
  ['contexts: []\nusers: [3]', /^users: expected a list/],
  ['contexts: [{name: a}]\nusers: [{name: u}, {name: u}]', /^users: “u” is there twice$/],
])('%j is answered with what is wrong', (source, message) => {
  const reading = readKubeconfig(source);
  expect(reading.status === 'unreadable' ? reading.message : reading).toMatch(message);
});

it('what is neither YAML nor JSON is answered with the line', () => {
  const message = 'This is neither YAML nor JSON';
  expect(readKubeconfig('a: 1\nb: [')).toEqual({ status: 'unreadable', message, line: 2 });
});

it('what is wrong does not quote the text, which may hold credentials', () => {
  expect(JSON.stringify(readKubeconfig('token: *secret'))).not.toContain('secret');
});

it('a text that blows up when it is unfolded is refused', () => {
  let bomb = 'contexts: []\na: &a [1,1,1,1,1,1,1,1,1,1]\n';
  for (const [index, key] of [...'bcdefghi'].entries()) {
    const before = 'abcdefgh'[index] ?? 'a';
    bomb += `${key}: &${key} [${Array.from({ length: 10 }, () => `*${before}`).join()}]\n`;
  }
  expect(readKubeconfig(bomb)).toMatchObject({ status: 'unreadable' });
});
