import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { StatusError } from '../protocol/status.ts';
import { failure, forbidden } from '../core/status-errors.ts';
import type { Authenticator, Authorizer } from './types.ts';
import type { ResourceRequest } from './request-info.ts';

/** Who a request acts as. */
export interface UserInfo {
  readonly user: string;
  readonly groups: readonly string[];
}

const BEARER_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';
const AUTHENTICATED = 'system:authenticated';

const unauthorized = (): StatusError => new StatusError(failure(401, 'Unauthorized', 'Unauthorized'));

/** The sub-protocols that a WebSocket client offers, without the one that carries its token. */
export function offeredProtocols(headers: IncomingHttpHeaders): readonly string[] {
  return allProtocols(headers).filter((protocol) => !protocol.startsWith(BEARER_PROTOCOL));
}

function allProtocols(headers: IncomingHttpHeaders): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}

/** A token in a sub-protocol counts only beside another one, so that a server can answer with one that is no secret. */
function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const match = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '');
  if (match) return match[1];
  const carrier = allProtocols(headers).find((protocol) => protocol.startsWith(BEARER_PROTOCOL));
  if (carrier === undefined) return undefined;
  if (offeredProtocols(headers).length === 0) throw unauthorized();
  return Buffer.from(carrier.slice(BEARER_PROTOCOL.length), 'base64url').toString('utf8');
}

function certificateUser(message: IncomingMessage): UserInfo | undefined {
  const { socket } = message;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  // The organisation may be repeated, which the types do not know.
  const subject = (socket.getPeerCertificate() as { subject?: { CN?: string; O?: string | string[] } }).subject;
  if (subject?.CN === undefined) return undefined;
  const groups = typeof subject.O === 'string' ? [subject.O] : (subject.O ?? []);
  return { user: subject.CN, groups: [...groups, AUTHENTICATED] };
}

function impersonated(headers: IncomingHttpHeaders, user: UserInfo, authorize: Authorizer): UserInfo {
  const name = headers['impersonate-user'];
  if (typeof name !== 'string' || name === '') return user;
  const groupHeader = headers['impersonate-group'];
  const groups = (Array.isArray(groupHeader) ? groupHeader : (groupHeader?.split(',') ?? []))
    .map((group) => group.trim())
    .filter((group) => group !== '');
  const ask = (resource: string, subject: string): void => {
    const request = {
      ...user,
      verb: 'impersonate',
      group: '',
      resource,
      subresource: undefined,
      namespace: undefined,
      name: subject,
    };
    if (authorize(request)) return;
    throw forbidden(
      { group: '', resource },
      subject,
      `User "${user.user}" cannot impersonate resource "${resource}" in API group "" at the cluster scope`,
    );
  };
  ask('users', name);
  for (const group of groups) ask('groups', group);
  return { user: name, groups: [...groups, AUTHENTICATED] };
}

/**
 * Who sends a request: by bearer token, by the WebSocket sub-protocol that carries one, or by client certificate; then
 * whom it impersonates (Kubernetes documentation, Authenticating).
 *
 * @throws StatusError 401 for unknown tokens, 403 for impersonation that is not allowed.
 */
export function authenticateRequest(
  message: IncomingMessage,
  authenticate: Authenticator | undefined,
  authorize: Authorizer,
): UserInfo {
  const token = tokenOf(message.headers);
  const byCertificate = token === undefined ? certificateUser(message) : undefined;
  const found =
    byCertificate ?? (authenticate ? authenticate(token) : { user: 'system:admin', groups: ['system:masters'] });
  if (!found) throw unauthorized();
  const groups = found.groups ?? [];
  const isKnown = groups.includes(AUTHENTICATED) || groups.includes('system:unauthenticated');
  return impersonated(
    message.headers,
    { user: found.user, groups: isKnown ? groups : [...groups, AUTHENTICATED] },
    authorize,
  );
}

/** @throws StatusError 403 in the words of the API server when the user may not do this. */
export function authorizeRequest(user: UserInfo, request: ResourceRequest, authorize: Authorizer): void {
  const { verb, group, resource, subresource, namespace, name } = request;
  if (authorize({ ...user, verb, group, resource, subresource, namespace, name })) return;
  const asked = subresource === undefined ? resource : `${resource}/${subresource}`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw forbidden(
    { group, resource },
    name ?? '',
    `User "${user.user}" cannot ${verb} resource "${asked}" in API group "${group}" ${scope}`,
  );
}
