import { password, type ServerProcess } from './server-process.ts';

/** Calls to the API of a cluster through the server's proxy, as a script would make them. */
export interface ClusterCalls {
  call(
    path: string,
    init?: { readonly method?: string; readonly body?: object; readonly type?: string },
  ): Promise<unknown>;
  /** Server-side apply under a name. */
  apply(path: string, manager: string, object: object): Promise<unknown>;
}

/** Signs in and returns the calls. Every one of them rejects when the answer is not 2xx. */
export async function callCluster(server: Pick<ServerProcess, 'url'>, cluster: string): Promise<ClusterCalls> {
  const response = await fetch(`${server.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  });
  const { accessToken } = (await response.json()) as { readonly accessToken: string };
  const calls: ClusterCalls = {
    async call(path, { method = 'GET', body, type = 'application/json' } = {}) {
      const answer = await fetch(`${server.url}/clusters/${cluster}${path}`, {
        method,
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`);
      return JSON.parse(text) as unknown;
    },
    apply: (path, manager, object) =>
      calls.call(`${path}?fieldManager=${manager}`, {
        method: 'PATCH',
        type: 'application/apply-patch+yaml',
        body: object,
      }),
  };
  return calls;
}

/** A deployment of the namespace `default`, as a manifest. */
export function deploymentManifest(name: string, replicas: number): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image: 'registry.example/web:1.0' }] },
      },
    },
  };
}
