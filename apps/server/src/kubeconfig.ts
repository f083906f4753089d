import { stringify } from 'yaml';

/** What a kubeconfig is made of. */
export interface KubeconfigOptions {
  /** Address of the server, without a slash at its end. */
  readonly url: string;
  /** Authority of its certificate, in PEM; undefined where the machine knows it. */
  readonly caCert: string | undefined;
  readonly clusters: readonly string[];
  readonly username: string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * A kubeconfig (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/) whose clusters are
 * reached through the server; contexts have the names of the clusters.
 */
export function kubeconfigOf({ url, caCert, clusters, username, token, expiresAt }: KubeconfigOptions): string {
  const user = `fleetwire-${username}`;
  const ca = caCert === undefined ? {} : { 'certificate-authority-data': Buffer.from(caCert).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: clusters.map((name) => ({
      name,
      cluster: { server: `${url}/clusters/${encodeURIComponent(name)}`, ...ca },
    })),
    users: [{ name: user, user: { token } }],
    contexts: clusters.map((name) => ({ name, context: { cluster: name, user } })),
    'current-context': clusters[0] ?? '',
  };
  const until = new Date(expiresAt).toISOString().slice(0, 10);
  return `# The token holds until ${until}; \`fleetwire kubeconfig\` makes another.\n${stringify(config, { lineWidth: 0 })}`;
}
