import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX } from '@fleetwire/kube-watch';
import type { KubeGateway } from '@fleetwire/kube-watch/server';
import { originForm, pathOf, protocolsOf, refuseUpgrade, type Logger } from '@fleetwire/websocket-core/server';
import type { AuditLog } from '../access/audit-log.ts';
import type { IdentityOf } from '../access/identity-of.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import { isDashboardPath } from '../http/dashboard-paths.ts';
import type { AccessSelector } from '../parts.ts';
import type { OriginCheck } from '../http/same-origin.ts';
import { actionOf, auditRecordOf } from './cluster-audit.ts';
import type { LoopGuard } from './loop-guard.ts';
import { createUnderWay } from './under-way.ts';

const prefix = '/clusters/';

/** What stands before the clusters' APIs: who asks, and from which page. */
export interface ClusterMountOptions {
  readonly gateway: KubeGateway<UserIdentity>;
  readonly identityOf: IdentityOf;
  readonly isOwnOrigin: OriginCheck;
  readonly loopGuard: LoopGuard;
  /** Whether the sign-in or the personal token of an identity is still there. */
  readonly isAlive: (identity: UserIdentity) => Promise<boolean>;
  readonly audit: Pick<AuditLog, 'record' | 'refused'>;
  readonly logger: Logger;
}

/** Serves `/clusters/{name}/…` on a server of `node:http`. */
export interface ClusterMount {
  /** Whether the request is for a cluster; it is answered then. */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** Cuts what runs for these users: watches, logs, ways into pods. Their clients come back and are checked anew. */
  readonly accessChanged: (selector: AccessSelector) => void;
}

/** A request whose sender is known. */
interface Admitted {
  readonly identity: UserIdentity;
  readonly cluster: string;
  readonly path: string;
}

/** What is wrong with a request before its path below the cluster counts. */
interface Refusal {
  readonly code: 400 | 401 | 403;
  readonly reason: string;
  readonly message: string;
}

/** Creates the mount of a gateway. */
export function createClusterMount(options: ClusterMountOptions): ClusterMount {
  const { gateway, identityOf, isOwnOrigin, loopGuard, isAlive, audit, logger } = options;
  const underWay = createUnderWay(isAlive, logger);

  async function admit(
    request: IncomingMessage,
    stream: Duplex | ServerResponse,
    isUpgrade: boolean,
  ): Promise<Admitted | Refusal> {
    // A browser may have remembered a password for this server: a page of another origin must not use it.
    if (!isOwnOrigin(request)) return refusal(403, 'this origin may not ask for clusters');
    if (loopGuard.isOwn(request.headers)) return refusal(400, 'a cluster of a user must not lead back to this server');
    const target = splitPath(originForm(request.url ?? ''));
    if (target === undefined) return refusal(400, 'expected a path /clusters/{name}/…');
    const authorization = request.headers.authorization ?? bearerOf(request);
    const identity = await underWay.admit(stream, () => identityOf(authorization));
    if (identity === undefined) return refusal(401, 'expected a bearer token, or Basic with the user "token"');
    const found = gateway.find(identity, target.cluster);
    // The gateway says of a cluster that it is not there; nothing is done.
    const entry =
      found === undefined
        ? undefined
        : auditRecordOf({ identity, ...target, ...found }, actionOf(request.method ?? '', target.path, isUpgrade));
    if (entry?.denied === true) await audit.refused(entry.record, identity.userId);
    else if (entry !== undefined) await audit.record(entry.record);
    return { identity, ...target };
  }

  return {
    accessChanged: (selector) => {
      underWay.accessChanged(selector);
    },
    handleRequest(request, response) {
      if (!isForClusters(request)) return false;
      // Nothing is read of a body until it is known whose it is.
      request.pause();
      admit(request, response, false).then(
        (admitted) => {
          if ('code' in admitted) {
            answer(response, admitted);
            return;
          }
          gateway.handleRequest(request, response, admitted.identity, admitted.cluster, admitted.path);
        },
        (error: unknown) => {
          logger.error({ err: error }, 'a request for a cluster could not be checked');
          response.destroy();
        },
      );
      return true;
    },
    handleUpgrade(request, socket, head) {
      if (!isForClusters(request)) return false;
      const onError = (): void => void socket.destroy();
      socket.on('error', onError);
      admit(request, socket, true).then(
        (admitted) => {
          if ('code' in admitted) {
            refuseUpgrade(socket, admitted.code, admitted.message);
            return;
          }
          gateway.handleUpgrade(request, socket, head, admitted.identity, admitted.cluster, admitted.path);
          socket.off('error', onError);
        },
        (error: unknown) => {
          logger.error({ err: error }, 'an upgrade for a cluster could not be checked');
          socket.destroy();
        },
      );
      return true;
    },
  };
}

function isForClusters(request: IncomingMessage): boolean {
  const path = pathOf(request.url ?? '');
  return path.startsWith(prefix) && !isDashboardPath(path);
}

/** `/clusters/{name}/…` in its parts; the name is one encoded segment, the rest stays as it came. */
function splitPath(url: string): { readonly cluster: string; readonly path: string } | undefined {
  const rest = url.slice(prefix.length);
  const end = /[/?]/.exec(rest)?.index ?? rest.length;
  try {
    const cluster = decodeURIComponent(rest.slice(0, end));
    if (cluster === '') return undefined;
    const path = rest.slice(end);
    return { cluster, path: path.startsWith('/') ? path : `/${path}` };
  } catch {
    return undefined;
  }
}

/** A browser cannot set headers of a WebSocket: its token comes as a sub-protocol. */
function bearerOf(request: IncomingMessage): string | undefined {
  const entry = protocolsOf(request).find((protocol) => protocol.startsWith(FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX));
  if (entry === undefined) return undefined;
  return `Bearer ${Buffer.from(entry.slice(FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX.length), 'base64url').toString()}`;
}

function refusal(code: Refusal['code'], message: string): Refusal {
  const reason = { 400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden' }[code];
  return { code, reason, message };
}

/** Kubernetes clients show the message of a Status. */
function answer(response: ServerResponse, { code, reason, message }: Refusal): void {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  // The rest of the body is not wanted.
  response.writeHead(code, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', Connection: 'close' });
  response.end(JSON.stringify(status));
}
