import { FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX, resourcePath } from '@fleetwire/kube-watch';
import { bearerProtocol, type KubeWatchClient } from '@fleetwire/kube-watch/client';
import { execProtocols } from './channel-frames.ts';

/** The container that a shell runs in. */
export interface ExecTarget {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Path and query of an exec with a terminal (Kubernetes API reference, `PodExecOptions`). */
export function execPath({ namespace, pod, container }: ExecTarget, shell: string): string {
  const path = resourcePath({ version: 'v1', resource: 'pods', namespace, name: pod, subresource: 'exec' });
  const streams = { stdin: 'true', stdout: 'true', stderr: 'true', tty: 'true' };
  return `${path}?${new URLSearchParams({ command: shell, container, ...streams }).toString()}`;
}

/** Dials the shell through Fleetwire's proxy, with the token beside the protocols, as browsers can set no header. */
export function openExecSocket(target: ExecTarget, shell: string, token: string): WebSocket {
  const url = new URL(`/clusters/${encodeURIComponent(target.cluster)}${execPath(target, shell)}`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url, [...execProtocols, bearerProtocol(FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX, token)]);
}

/** Asks again without an upgrade, for the reason that a browser keeps to itself. */
export async function explainRefusal(client: KubeWatchClient, target: ExecTarget): Promise<string> {
  try {
    await client.fetch(target.cluster, execPath(target, '/bin/sh'));
  } catch (error) {
    const { status, message } = error as { readonly status?: number; readonly message: string };
    // 400 asks for the upgrade that was refused: nothing else is wrong.
    if (status !== 400) return message;
  }
  return 'The cluster refused the terminal.';
}
