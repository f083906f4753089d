import { createFakeKubeApi, type FakeKubeApi } from '@fleetwire/fake-kube-api';
import { certificate, certificateKey } from './certificate.ts';
import { password, type ServerProcess } from './server-process.ts';

/** A cluster that wants a token and speaks TLS, as one that a user may add. */
export interface UserCluster {
  readonly api: FakeKubeApi;
  readonly url: string;
  readonly token: string;
  dispose(): Promise<void>;
}

/** Starts one. */
export async function startUserCluster(token: string): Promise<UserCluster> {
  const api = createFakeKubeApi({ authenticate: (given) => (given === token ? { user: 'owner' } : undefined) });
  const { url } = await api.listen({ tls: { key: certificateKey, cert: certificate } });
  return { api, url, token, dispose: () => api.dispose() };
}

/** A kubeconfig whose current context `mine` is the cluster, beside `cloud`, which needs a program. */
export function kubeconfigOf({ url, token }: UserCluster): string {
  const ca = Buffer.from(certificate).toString('base64');
  return [
    'apiVersion: v1',
    'kind: Config',
    'current-context: mine',
    'clusters:',
    `- {name: here, cluster: {server: "${url}", certificate-authority-data: ${ca}}}`,
    '- {name: there, cluster: {server: "https://cloud.example"}}',
    'users:',
    `- {name: me, user: {token: ${token}}}`,
    '- {name: other, user: {password: another-secret, username: other, exec: {command: cloud-login}}}',
    'contexts:',
    '- {name: mine, context: {cluster: here, user: me}}',
    '- {name: cloud, context: {cluster: there, user: other}}',
    '',
  ].join('\n');
}

/** Calls of the REST surface under a user's sign-in; rejects when the answer is not 2xx. */
export async function callServer(
  server: Pick<ServerProcess, 'url'>,
  username = 'admin',
): Promise<(method: string, path: string, body?: object) => Promise<unknown>> {
  const send = async (method: string, path: string, body?: object, headers?: Record<string, string>) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  const grant = (await send('POST', '/api/v1/auth/login', { username, password })) as { readonly accessToken: string };
  return (method, path, body) => send(method, path, body, { authorization: `Bearer ${grant.accessToken}` });
}
