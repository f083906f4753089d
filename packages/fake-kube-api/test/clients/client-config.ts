import { KubeConfig } from '@kubernetes/client-node';

/** A kubeconfig of one server and no credentials. */
export function configFor(url: string): KubeConfig {
  const config = new KubeConfig();
  // Without this the client refuses plain HTTP.
  config.loadFromClusterAndUser({ name: 'fake', server: url, skipTLSVerify: true }, { name: 'nobody' });
  return config;
}
