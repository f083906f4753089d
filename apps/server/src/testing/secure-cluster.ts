import { createFakeKubeApi, type FakeKubeApi } from '@fleetwire/fake-kube-api';
import { createAuthority, issueCertificate } from '../tls/authority.ts';

/** A cluster as users bring them: by TLS, with a certificate of its own authority, for one token. */
export interface SecureCluster {
  readonly api: FakeKubeApi;
  readonly url: string;
  readonly port: number;
  /** The only token that it takes. */
  readonly token: string;
  /** A kubeconfig for it, with a context of each of these names. */
  kubeconfig(...contexts: readonly string[]): string;
}

/** Starts one on a free port of loopback. */
export async function startSecureCluster(token: string): Promise<SecureCluster> {
  const authority = await createAuthority(Date.now());
  const tls = await issueCertificate(authority, ['127.0.0.1', 'localhost'], Date.now());
  const api = createFakeKubeApi({
    authenticate: (given) => (given === token ? { user: 'robot', groups: ['system:masters'] } : undefined),
  });
  const { url, port } = await api.listen({ tls });
  return {
    api,
    url,
    port,
    token,
    kubeconfig: (...contexts) =>
      JSON.stringify({
        clusters: [
          {
            name: 'c',
            cluster: { server: url, 'certificate-authority-data': Buffer.from(authority.cert).toString('base64') },
          },
        ],
        users: [{ name: 'u', user: { token } }],
        contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'u', namespace: 'default' } })),
      }),
  };
}
