import { z } from 'zod';
import type { AuditLog } from '../access/audit-log.ts';
import type { EndedAccess } from '../access/end-access.ts';
import { permissions, permissionsOf, roles } from '../access/permissions.ts';
import type { Transact } from '../access/transact.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import { maxPersonalTokens, type PersonalTokens } from '../accounts/personal-tokens.ts';
import { Problem } from '../http/problem.ts';
import { fromCursor, pageOf, pageQuery, route, textUpTo, toPage, type Route } from './route.ts';

/** What the routes of one's own account need, and that of the audit log. */
export interface AccountServices {
  readonly store: AccountStore;
  readonly personalTokens: PersonalTokens;
  readonly audit: AuditLog;
  readonly transact: Transact;
  /** Ends the connections of personal tokens that are over. */
  readonly accessEnded: (ended: readonly EndedAccess[]) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const roleSchema = z.enum(roles);
const organisationSchema = z.object({ id: z.string(), name: z.string() });

/** A personal token, as its user and administrators see it. */
export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  lastUsedAt: z.number().nullable().describe('To the minute.'),
});

const auditSchema = z.object({
  id: z.string(),
  at: z.number(),
  userId: z.string().nullable(),
  username: z.string().nullable(),
  action: z.string(),
  target: z.string().nullable(),
  detail: z.unknown().optional(),
});

/** Who one is, one's organisations and tokens, and what happened. */
export function createAccountRoutes(services: AccountServices): Route[] {
  const { store, personalTokens, audit, transact, accessEnded, now } = services;
  return [
    route({
      method: 'GET',
      path: '/api/v1/me',
      access: 'signed-in',
      tag: 'Account',
      summary: 'Who one is, and what one may do.',
      response: z.object({
        user: z.object({ id: z.string(), username: z.string() }),
        organisation: organisationSchema,
        role: roleSchema,
        permissions: z.array(z.enum(permissions)),
      }),
      async handle({ identity }) {
        const memberships = await store.membershipsOf(identity.userId);
        const organisation = memberships.find(({ id }) => id === identity.orgId);
        if (organisation === undefined) throw new Problem(401, 'UNAUTHENTICATED', 'the access token is invalid');
        const { id, name } = organisation;
        return {
          user: { id: identity.userId, username: identity.username },
          organisation: { id, name },
          role: identity.role,
          permissions: [...permissionsOf[identity.role]],
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/organisations',
      access: 'signed-in',
      tag: 'Account',
      summary: 'The organisations that one belongs to.',
      response: z.object({ items: z.array(organisationSchema.extend({ role: roleSchema })) }),
      handle: async ({ identity }) => ({ items: await store.membershipsOf(identity.userId) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/tokens',
      access: 'signed-in',
      tag: 'Tokens',
      summary: "One's personal access tokens in the organisation, newest first.",
      response: z.object({ items: z.array(tokenSchema) }),
      handle: async ({ identity }) => ({ items: await personalTokens.list(identity) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/tokens',
      access: 'signed-in',
      isForSignIns: true,
      tag: 'Tokens',
      summary: 'Makes a personal access token. It may do what its user may; it is shown this once.',
      body: z.object({
        name: textUpTo(100),
        expiresAt: z.number().int().nullable().default(null).describe('Milliseconds since 1970; null: never.'),
      }),
      response: tokenSchema.extend({ token: z.string() }),
      status: 201,
      problems: { 403: 'A personal token asks.', 409: `There are ${String(maxPersonalTokens)} already.` },
      async handle({ identity, body: { name, expiresAt } }) {
        if (expiresAt !== null && expiresAt <= now())
          throw new Problem(400, 'BAD_REQUEST', 'expiresAt: expected a time to come');
        return transact(async (changes) => {
          const made = await changes.personalTokens.create(identity, { name, expiresAt });
          if (made === undefined)
            throw new Problem(
              409,
              'CONFLICT',
              `expected at most ${String(maxPersonalTokens)} tokens: remove one first`,
            );
          const detail = { id: made.id, expiresAt };
          const { orgId } = identity;
          await changes.audit.record({ orgId, user: identity, action: 'token.create', target: name, detail });
          return made;
        });
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/tokens/{id}',
      access: 'signed-in',
      tag: 'Tokens',
      summary: "Removes one of one's personal access tokens, with its connections.",
      problems: { 403: 'A personal token asks to remove another one.', 404: 'One has no such token.' },
      async handle({ identity, params }) {
        const id = params['id'] ?? '';
        const { orgId, userId, proof, jti } = identity;
        if (proof !== 'sign-in' && id !== jti)
          throw new Problem(403, 'FORBIDDEN', 'a personal token can remove itself alone: sign in');
        await transact(async (changes) => {
          if (!(await changes.personalTokens.remove(identity, id)))
            throw new Problem(404, 'NOT_FOUND', 'there is no such token');
          await changes.audit.record({ orgId, user: identity, action: 'token.remove', target: id });
        });
        await accessEnded([{ orgId, userId, jti: id }]);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/audit',
      access: 'audit.read',
      tag: 'Audit',
      summary: 'What was done in the organisation, newest first.',
      query: pageQuery,
      response: pageOf(auditSchema),
      async handle({ identity, query: { limit, cursor } }) {
        const before = fromCursor(cursor);
        return toPage(await audit.list(identity.orgId, { before, limit: limit + 1 }), limit, ({ id }) => id);
      },
    }),
  ];
}
