import { expect, it } from 'vitest';
import { readKubeconfig, type KubeconfigContext } from './kubeconfig-text.ts';
import { describeUser, isUnverified, refusalsOf } from './refusals.ts';

function contextOf(cluster: object, user: object | undefined, name = 'dev'): KubeconfigContext {
  const reading = readKubeconfig(
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://c.example:6443', ...cluster } }],
      users: user === undefined ? [] : [{ name: 'u', user }],
      contexts: [{ name, context: { cluster: 'c', ...(user === undefined ? {} : { user: 'u' }) } }],
    }),
  );
  const [context] = reading.status === 'read' ? reading.contexts : [];
  if (context === undefined) throw new Error('expected a context');
  return context;
}

it.each([
  ['a token', {}, { token: 't' }, 'token'],
  ['a certificate', {}, { 'client-certificate-data': 'Yw==', 'client-key-data': 'aw==' }, 'client certificate'],
  ['a password', {}, { username: 'u', password: 'p' }, 'user name and password'],
  ['nobody', { 'tls-server-name': 'c', 'certificate-authority-data': 'Yw==' }, undefined, 'no credentials'],
  [
    'empty fields, as kubectl writes them',
    { 'certificate-authority': '' },
    { token: 't', exec: null, 'as-groups': [] },
    'token',
  ],
])('what is self-contained may be sent: %s', (_, cluster, user, described) => {
  const context = contextOf(cluster, user);
  expect(refusalsOf(context)).toEqual([]);
  expect(describeUser(context)).toBe(described);
});

it.each([
  ['exec', {}, { exec: { command: 'aws', args: ['eks'] } }, /program \(aws\)/, 'kubectl --context=dev create token'],
  ['auth-provider', {}, { 'auth-provider': { name: 'gcp' } }, /auth-provider/, 'create token'],
  ['certificate-authority', { 'certificate-authority': 'ca.crt' }, {}, /\(certificate-authority\)/, '--flatten'],
  [
    'files of the user',
    {},
    { 'client-certificate': 'a', 'client-key': 'b' },
    /\(client-certificate, client-key\)/,
    'kubectl config view --flatten --minify --context=dev',
  ],
  ['tokenFile', {}, { tokenFile: '/t' }, /tokenFile/, undefined],
  ['proxy-url', { 'proxy-url': 'http://p' }, { token: 't' }, /proxy-url/, undefined],
  ['as', {}, { token: 't', as: 'root', 'as-groups': ['g'] }, /\(as, as-groups\)/, undefined],
  ['plain HTTP', { server: 'http://c.example' }, { token: 't' }, /not encrypted/, undefined],
  ['no server', { server: '' }, { token: 't' }, /where the cluster is/, undefined],
  ['a path for a server', { server: 'c.example' }, { token: 't' }, /“c\.example” is no address/, undefined],
])('%s is refused, with what to do', (_, cluster, user, reason, command) => {
  const refusals = refusalsOf(contextOf(cluster, user));
  expect(refusals).toHaveLength(1);
  expect(refusals[0]?.reason).toMatch(reason);
  expect(refusals[0]?.advice).not.toBe('');
  if (command === undefined) expect(refusals[0]?.command).toBeUndefined();
  else expect(refusals[0]?.command).toContain(command);
});

it('all that is wrong is told at once', () => {
  const context = contextOf({ 'proxy-url': 'p', server: 'http://c' }, { tokenFile: 't', exec: {} });
  expect(refusalsOf(context)).toHaveLength(4);
});

it('what is not in the file is named', () => {
  const context = contextOf({}, { token: 't' });
  expect(refusalsOf({ ...context, user: undefined })[0]?.reason).toContain('the user “u”');
  expect(refusalsOf({ ...context, cluster: undefined })[0]?.reason).toContain('the cluster “c”');
});

it('a context is one word of the command, whatever it is called', () => {
  const [refusal] = refusalsOf(contextOf({}, { 'client-key': 'k' }, "it's; rm *"));
  expect(refusal?.command).toContain(String.raw`--context='it'\''s; rm *'`);
});

it('a certificate that is not checked is told', () => {
  expect(isUnverified(contextOf({ 'insecure-skip-tls-verify': true }, undefined))).toBe(true);
  expect(isUnverified(contextOf({}, undefined))).toBe(false);
});
