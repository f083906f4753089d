import { timingSafeEqual } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { z } from 'zod';
import { endAccess, type EndedAccess } from '../access/end-access.ts';
import type { Transact } from '../access/transact.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { Member } from '../accounts/member.ts';
import { NameTakenError } from '../accounts/user-store.ts';
import type { PasswordHasher } from '../accounts/password.ts';
import { administratorName, newPassword } from '../accounts/first-administrator.ts';
import type { ClientOf } from '../http/client-of.ts';
import { plainFormOf } from '../http/address-blocks.ts';
import { Problem } from '../http/problem.ts';
import { kubeconfigOf } from '../kubeconfig.ts';
import type { ClusterDirectory } from '../parts.ts';
import type { CheckLocal } from './mount-routes.ts';
import { nameSchema, openRoute, textUpTo, type Route } from './route.ts';

/** What the routes for programs of this machine need. */
export interface LocalServices {
  readonly store: AccountStore;
  readonly hasher: PasswordHasher;
  readonly transact: Transact;
  readonly clusters: ClusterDirectory;
  /** Where clients reach the server by TLS, and the authority that they must know for it; undefined where TLS is off. */
  readonly tls: () => { readonly url: string; readonly caCert: string | undefined } | undefined;
  /** Ends the connections of sign-ins and personal tokens that are over. */
  readonly accessEnded: (ended: readonly EndedAccess[]) => Promise<void>;
  /** There is one more: gives it what the configuration names for it. */
  readonly organisationAdded: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Name of the tokens in kubeconfigs; the oldest make room for new ones. */
const tokenName = 'kubeconfig';
const maxKubeconfigTokens = 20;
const kubeconfigLifetimeMs = 90 * 24 * 3_600_000;

/** Lets those in who read the secret in the data folder: they could read the database as well. */
export function createLocalCheck(secret: string, clientOf: ClientOf): CheckLocal {
  return (context) => {
    const given = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '';
    if (
      !isSameMachine((context.env as HttpBindings).incoming, clientOf) ||
      context.req.header('origin') !== undefined ||
      !isEqual(given, secret)
    )
      throw new Problem(401, 'UNAUTHENTICATED', 'expected the secret of the data folder, from this machine');
  };
}

/** What `fleetwire kubeconfig`, `fleetwire org add` and `fleetwire user password` call. */
export function createLocalRoutes(services: LocalServices): Route[] {
  const { store, transact, clusters, now } = services;

  const findMember = async (username: string): Promise<Member> => {
    const credentials = await store.credentials(username);
    const member = await store.memberToSignIn(credentials?.userId, undefined);
    if (member === undefined) throw new Problem(404, 'NOT_FOUND', `there is no user ${JSON.stringify(username)}`);
    return member;
  };

  return [
    openRoute({
      method: 'POST',
      path: '/api/v1/local/kubeconfig',
      access: 'local',
      tag: 'Local',
      summary: 'Makes a kubeconfig with a personal token of 90 days, for a user of this server.',
      body: z.object({
        username: textUpTo(200).default(administratorName),
        cluster: textUpTo(253).optional(),
        url: z.url({ protocol: /^https$/ }).optional(),
      }),
      response: z.object({ kubeconfig: z.string() }),
      problems: { 404: 'There is no such user or cluster.', 409: 'The server has no TLS address.' },
      async handle({ body: { username, cluster, url: given } }) {
        const member = await findMember(username);
        const names = clusters
          .clustersOf({ orgId: member.orgId, userId: member.id })
          .map(({ name }) => name)
          .filter((name) => cluster === undefined || name === cluster);
        if (names.length === 0) {
          const what = cluster === undefined ? 'any cluster' : `a cluster ${JSON.stringify(cluster)}`;
          throw new Problem(404, 'NOT_FOUND', `the organisation of ${username} does not have ${what}`);
        }
        const tls = services.tls();
        const url = given?.replace(/\/+$/, '') ?? tls?.url;
        // kubectl sends a token over TLS alone.
        if (url === undefined)
          throw new Problem(
            409,
            'CONFLICT',
            'kubectl needs TLS: start the server with a --tls-port, or give an https --url',
          );
        const owner = { userId: member.id, orgId: member.orgId };
        const { orgId } = member;
        const by = { for: username, by: 'fleetwire kubeconfig' };
        const expiresAt = now() + kubeconfigLifetimeMs;
        const { token, removed } = await transact(async ({ personalTokens, audit }) => {
          const old = await personalTokens.keepNewest(owner, tokenName, maxKubeconfigTokens - 1);
          for (const id of old) await audit.record({ orgId, action: 'token.remove', target: id, detail: by });
          const made = await personalTokens.create(owner, { name: tokenName, expiresAt });
          if (made === undefined) throw new Problem(409, 'CONFLICT', `${username} has too many personal tokens`);
          const detail = { id: made.id, expiresAt, ...by };
          await audit.record({ orgId, action: 'token.create', target: tokenName, detail });
          return { token: made.token, removed: old };
        });
        await services.accessEnded(removed.map((id) => ({ ...owner, jti: id })));
        const caCert = url === tls?.url ? tls.caCert : undefined;
        return { kubeconfig: kubeconfigOf({ url, caCert, clusters: names, username, token, expiresAt }) };
      },
    }),
    openRoute({
      method: 'POST',
      path: '/api/v1/local/organisations',
      access: 'local',
      tag: 'Local',
      summary: 'Adds an organisation. Its administrator is a new user with a password made here, or one that is there.',
      body: z.object({
        name: nameSchema,
        admin: nameSchema,
        isExistingUser: z.boolean().default(false).describe('Whether the administrator is a user that is there.'),
      }),
      response: z.object({
        id: z.string(),
        password: z.string().optional().describe('Of a new administrator; it is not shown again.'),
      }),
      status: 201,
      problems: {
        404: 'There is no such user.',
        409: 'The name is taken.',
        503: 'Too many passwords wait to be checked.',
      },
      async handle({ body: { name, admin, isExistingUser } }) {
        if (isExistingUser) await findMember(admin);
        const password = isExistingUser ? undefined : newPassword();
        const passwordHash = password === undefined ? undefined : await services.hasher.hash(password);
        const detail = { admin, by: 'fleetwire org add' };
        const { id } = await transact(async (changes) => {
          const added = await changes.store.addOrganisation(name, { username: admin, passwordHash });
          await changes.audit.record({ orgId: added.id, action: 'organisation.create', target: name, detail });
          return added;
        }).catch((error: unknown) => {
          if (error instanceof NameTakenError) throw new Problem(409, 'CONFLICT', error.message);
          throw error;
        });
        await services.organisationAdded();
        return { id, ...(password === undefined ? {} : { password }) };
      },
    }),
    openRoute({
      method: 'POST',
      path: '/api/v1/local/password',
      access: 'local',
      tag: 'Local',
      summary: 'Gives a user a password made here, and ends its sign-ins and personal tokens.',
      body: z.object({ username: textUpTo(200) }),
      response: z.object({ password: z.string().describe('It is not shown again.') }),
      problems: { 404: 'There is no such user.', 503: 'Too many passwords wait to be checked.' },
      async handle({ body: { username } }) {
        const member = await findMember(username);
        const password = newPassword();
        const passwordHash = await services.hasher.hash(password);
        const detail = { by: 'fleetwire user password' };
        const ended = await transact(async (changes) => {
          await changes.store.setPassword(member.id, passwordHash);
          for (const { id: orgId } of await changes.store.membershipsOf(member.id))
            await changes.audit.record({ orgId, action: 'user.password', target: username, detail });
          return endAccess(changes, member.id);
        });
        await services.accessEnded(ended);
        return { password };
      },
    }),
  ];
}

/** A server that does not listen on loopback is called from its own address. */
function isSameMachine(request: HttpBindings['incoming'], clientOf: ClientOf): boolean {
  const { address } = clientOf(request);
  return address === '::1' || address.startsWith('127.') || address === plainFormOf(request.socket.localAddress ?? '');
}

function isEqual(given: string, secret: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(secret)];
  return left.length === right.length && timingSafeEqual(left, right);
}
