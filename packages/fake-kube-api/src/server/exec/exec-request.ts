import type { IncomingMessage } from 'node:http';
import type { ExecRequest } from '../../core/exec/exec-process.ts';
import { badRequest, methodNotAllowed } from '../../core/status-errors.ts';
import type { KubeObject } from '../../protocol/kube-object.ts';
import type { StatusError } from '../../protocol/status.ts';
import { offeredProtocols } from '../authentication.ts';
import { containerOf } from '../pod-container.ts';
import { isTrue, type ResourceRequest } from '../request-info.ts';

/** The sub-protocols of exec that are spoken here, the better one first (k8s.io/apimachinery, `util/remotecommand`). */
export const EXEC_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** A request for exec that can be served. */
export interface CheckedExec extends ExecRequest {
  readonly container: string;
  readonly hasStdout: boolean;
  readonly hasStderr: boolean;
}

/** Whether a request is for `pods/exec`. */
export function isExec({ group, version, resource, subresource }: ResourceRequest): boolean {
  return group === '' && version === 'v1' && resource === 'pods' && subresource === 'exec';
}

/** Exec without an upgrade. */
export function upgradeRequired(verb: string): StatusError {
  return verb === 'get' || verb === 'create' ? badRequest('Upgrade request required') : methodNotAllowed();
}

/**
 * Reads the query of an exec (Kubernetes API reference, `PodExecOptions`), in the order in which the API server complains.
 *
 * @throws StatusError 400 where the container is unclear or unknown, the pod has no node, there is no command, or the
 *   client speaks nothing that is spoken here.
 */
export function checkExec(pod: KubeObject, query: URLSearchParams, message: IncomingMessage): CheckedExec {
  const request: CheckedExec = {
    container: containerOf(pod, query.get('container')),
    command: query.getAll('command'),
    isTty: isTrue(query.get('tty')),
    hasStdin: isTrue(query.get('stdin')),
    hasStdout: isTrue(query.get('stdout')),
    hasStderr: isTrue(query.get('stderr')),
  };
  if (request.command.length === 0) throw badRequest('you must specify at least 1 command for the container');
  if (!request.hasStdin && !request.hasStdout && !request.hasStderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  }
  const { nodeName = '' } = (pod['spec'] ?? {}) as { readonly nodeName?: string };
  if (nodeName === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const { upgrade = '' } = message.headers;
  if (upgrade.toLowerCase() !== 'websocket') {
    throw badRequest(
      `exec is spoken over WebSockets here (kubectl 1.31 and later), not over ${upgrade}: expected Upgrade: websocket`,
    );
  }
  const offered = offeredProtocols(message.headers);
  if (!EXEC_PROTOCOLS.some((protocol) => offered.includes(protocol))) {
    throw badRequest(
      `expected one of the sub-protocols ${EXEC_PROTOCOLS.join(', ')}, got ${offered.length === 0 ? 'none' : offered.join(', ')}`,
    );
  }
  return request;
}
