import { expect, it } from 'vitest';
import { parseSelfContainedKubeconfig } from '@fleetwire/kube-watch/server';
// @boundaries-ignore the page's rules are held against the server's
import { readKubeconfig, writeKubeconfig } from '../../web/src/pages/clusters/own/kubeconfig-text.ts';
// @boundaries-ignore as above
import { problemOfName } from '../../web/src/pages/clusters/own/name-problems.ts';
// @boundaries-ignore as above
import { refusalsOf } from '../../web/src/pages/clusters/own/refusals.ts';
import { add, own, start, startCluster } from '../src/testing/own-clusters.ts';
import { callAs, signIn } from '../src/testing/running.ts';

type Verdict = 'taken' | 'refused';
type Fields = Readonly<Record<string, unknown>>;

const server = 'https://cluster.example:6443';

/** A kubeconfig of the one context `prod`. */
function config(cluster: Fields = {}, user: Fields = {}, context: Fields = {}) {
  return {
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u', ...context } }],
  };
}

/** What the page and the server say of a kubeconfig. */
function verdicts(document: object): { readonly page: Verdict; readonly server: Verdict } {
  const reading = readKubeconfig(JSON.stringify(document));
  const contexts = reading.status === 'read' ? reading.contexts : [];
  const isTaken = contexts.length > 0 && contexts.every((context) => refusalsOf(context).length === 0);
  const server = verdictOfServer(JSON.parse(JSON.stringify(document)));
  // What the page would send of it is the same to the server.
  if (isTaken) expect(verdictOfServer(JSON.parse(writeKubeconfig(contexts)))).toBe(server);
  return { page: isTaken ? 'taken' : 'refused', server };
}

function verdictOfServer(document: unknown): Verdict {
  try {
    parseSelfContainedKubeconfig(document);
    return 'taken';
  } catch {
    return 'refused';
  }
}

it.each<readonly [verdict: Verdict, what: string, document: object]>([
  ['taken', 'a token', config({}, { token: 'secret' })],
  ['taken', 'no credentials', config()],
  ['taken', 'a context without a user', { ...config(), contexts: [{ name: 'prod', context: { cluster: 'c' } }] }],
  [
    'taken',
    'an unused user with a program',
    { ...config(), users: [{ name: 'u' }, { name: 'x', user: { exec: {} } }] },
  ],
  ['taken', 'what kubectl writes for nothing', config({ 'proxy-url': '' }, { exec: null, as: '', 'as-groups': [] })],
  [
    'taken',
    'a file in the section where it means nothing',
    config({ 'client-key': '/k' }, { 'certificate-authority': '/c' }),
  ],
  ['taken', 'a proxy in the section where it means nothing', config({}, { 'proxy-url': 'http://proxy:1' })],
  ['taken', 'a program in the section where it means nothing', config({ exec: {}, tokenFile: '/t', as: 'root' })],
  ['taken', 'fields that nobody knows', config({ extensions: [{}] }, { later: true })],
  ['refused', 'no server', config({ server: undefined })],
  ['refused', 'an empty server', config({ server: '' })],
  ['refused', 'a server in the clear', config({ server: 'http://cluster.example' })],
  ['refused', 'a server that is no address', config({ server: 'cluster' })],
  ['refused', 'a server that is no text', config({ server: 7 })],
  ['refused', 'a file of authorities', config({ 'certificate-authority': '/ca.crt' })],
  ['refused', 'a proxy', config({ 'proxy-url': 'http://proxy:1' })],
  ['refused', 'a file of a certificate', config({}, { 'client-certificate': '/c' })],
  ['refused', 'a file of a key', config({}, { 'client-key': '/k' })],
  ['refused', 'a file of a token', config({}, { tokenFile: '/t', token: 'x' })],
  ['refused', 'a program', config({}, { exec: { command: 'aws' } })],
  ['refused', 'an empty program', config({}, { exec: {} })],
  ['refused', 'a plugin', config({}, { 'auth-provider': { name: 'gcp' } })],
  ['refused', 'another user', config({}, { as: 'root' })],
  ['refused', 'another uid', config({}, { 'as-uid': '1' })],
  ['refused', 'other groups', config({}, { 'as-groups': ['system:masters'] })],
  ['refused', 'something new about another user', config({}, { 'as-whatever': 1 })],
  ['refused', 'a cluster that is not there', config({}, {}, { cluster: 'other' })],
  ['refused', 'a user who is not there', config({}, {}, { user: 'other' })],
  ['refused', 'no cluster', config({}, {}, { cluster: undefined })],
  ['refused', 'no context', { ...config(), contexts: [] }],
])('the page and the server agree on a kubeconfig: %s is %s', (verdict, _, document) => {
  expect(verdicts(document)).toEqual({ page: verdict, server: verdict });
});

it.each<readonly [what: string, document: object]>([
  ['credentials in the address', config({ server: 'https://u:p@cluster.example' })],
  ['a query in the address', config({ server: `${server}/?a=b` })],
  ['a token that no header takes', config({}, { token: 'a b' })],
  ['a certificate that is none', config({ 'certificate-authority-data': 'x' })],
  ['half of a pair', config({}, { username: 'ada' })],
])('%s is left to the server to refuse', (_, document) => {
  expect(verdicts(document)).toEqual({ page: 'taken', server: 'refused' });
});

it('the page and the server agree on names', async () => {
  const cluster = await startCluster();
  const running = await start();
  const { accessToken } = await signIn(running.server.url);
  const [added] = await add(running.server, accessToken, cluster.kubeconfig('first'));
  const differing: unknown[] = [];
  for (const name of names) {
    const { status } = await callAs(accessToken, 'PATCH', own(running.server, added?.id), { name: name.trim() });
    const page = problemOfName(name, new Set()) === undefined;
    if (page !== (status === 200)) differing.push({ name: name.slice(0, 40), length: name.length, page, status });
  }
  expect(differing).toEqual([]);
});

const names = [
  'prod',
  ' outer spaces ',
  'inner space',
  'Größe 🚀',
  'a:b@c',
  'a\\b',
  '...',
  '%2f',
  '-',
  'x'.repeat(253),
  'x'.repeat(254),
  '€'.repeat(56),
  '€'.repeat(57),
  '€'.repeat(200),
  '',
  '   ',
  '.',
  '..',
  'a/b',
  'a,b',
  'a\u0000b',
  'a\tb',
  'a\u200bb',
  'a\u2028b',
  'a\u00a0b',
  '\ud800',
];
