import { z } from 'zod';
import { endAccess, endSignIns, type EndedAccess } from '../access/end-access.ts';
import { roles, type Role } from '../access/permissions.ts';
import type { Transact } from '../access/transact.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { Member } from '../accounts/member.ts';
import type { ChangeRefusal } from '../accounts/member-store.ts';
import { NameTakenError } from '../accounts/user-store.ts';
import type { PasswordHasher } from '../accounts/password.ts';
import { KeyedBuckets } from '../accounts/token-bucket.ts';
import { etagOf, isUnchanged } from '../http/etag.ts';
import { Problem } from '../http/problem.ts';
import { fromCursor, nameSchema, pageOf, pageQuery, route, textUpTo, toPage, type Route } from './route.ts';

/** What the users' routes need. */
export interface UserServices {
  readonly store: AccountStore;
  readonly hasher: PasswordHasher;
  readonly transact: Transact;
  /** Lets a new role show at once on connections that are open. */
  readonly roleChanged: (orgId: string, userId: string, role: Role) => Promise<void>;
  /** Ends the connections of a member that was removed. */
  readonly memberRemoved: (orgId: string, userId: string) => Promise<void>;
  /** Ends the connections of sign-ins and personal tokens that are over. */
  readonly accessEnded: (ended: readonly EndedAccess[]) => Promise<void>;
}

const tag = 'Users';

const newPasswordSchema = textUpTo(1024, 8);
const roleSchema = z.enum(roles);

const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  role: roleSchema,
  createdAt: z.number().describe('When the user joined the organisation, milliseconds since 1970.'),
});

const notFound = 'The organisation has no such user.';
const lastAdmin = 'The organisation would be left without an administrator.';

/** The users of one's organisation: `/api/v1/users`, and one's own password. */
export function createUserRoutes(services: UserServices): Route[] {
  const { store, hasher, transact } = services;
  // Whoever has taken a token over must not find out the password with it.
  const guesses = new KeyedBuckets({ burst: 10, refillMs: 10_000 }, () => performance.now());

  const find = async (identity: UserIdentity, id: string | undefined): Promise<Member> => {
    const member = await store.member(identity.orgId, id ?? '');
    if (member === undefined) throw unknown();
    return member;
  };

  return [
    route({
      method: 'GET',
      path: '/api/v1/users',
      access: 'org.manage',
      tag,
      summary: 'Lists the users of the organisation by name.',
      query: pageQuery,
      response: pageOf(userSchema),
      async handle({ identity, query: { limit, cursor } }) {
        const after = fromCursor(cursor) ?? '';
        const members = await store.members(identity.orgId, { after, limit: limit + 1 });
        const page = toPage(members, limit, ({ username }) => username);
        return { ...page, items: page.items.map(shown) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/users',
      access: 'org.manage',
      isForSignIns: true,
      tag,
      summary: 'Adds a user to the organisation.',
      body: z.object({ username: nameSchema, password: newPasswordSchema, role: roleSchema }),
      response: userSchema,
      status: 201,
      problems: {
        409: 'The name is taken, perhaps in another organisation: names of users are of the server.',
        503: 'Too many passwords wait to be checked.',
      },
      async handle({ identity, body: { username, password, role } }) {
        const passwordHash = await hasher.hash(password);
        const { orgId } = identity;
        const member = await transact(async (changes) => {
          const added = await changes.store.addMember(orgId, { username, passwordHash, role });
          await changes.audit.record({
            orgId,
            user: identity,
            action: 'user.create',
            target: username,
            detail: { role },
          });
          return added;
        }).catch((error: unknown) => {
          if (error instanceof NameTakenError) throw new Problem(409, 'CONFLICT', error.message);
          throw error;
        });
        return shown(member);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/users/{id}',
      access: 'org.manage',
      tag,
      summary: 'Shows a user of the organisation.',
      response: userSchema,
      problems: { 404: notFound },
      handle: async ({ identity, params }) => shown(await find(identity, params['id'])),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/users/{id}',
      access: 'org.manage',
      isForSignIns: true,
      tag,
      summary: 'Gives a user of the organisation another role. It holds at once, also on open connections.',
      takesIfMatch: true,
      body: z.object({ role: roleSchema }),
      response: userSchema,
      problems: { 404: notFound, 409: lastAdmin },
      async handle({ identity, params, body: { role }, context }) {
        const member = await find(identity, params['id']);
        const { orgId } = identity;
        const ifMatch = context.req.header('if-match');
        if (!isUnchanged(ifMatch, etagOf(JSON.stringify(shown(member))))) throw changed();
        // Nothing else of a member changes.
        const former = ifMatch === undefined ? undefined : member.role;
        await transact(async (changes) => {
          const result = await changes.store.setRole(orgId, member.id, role, former);
          if (typeof result === 'string') throw refusalOf(result);
          const detail = { from: result.replaced, to: role };
          await changes.audit.record({ orgId, user: identity, action: 'user.role', target: member.username, detail });
        });
        await services.roleChanged(orgId, member.id, role);
        const now = shown({ ...member, role });
        context.header('ETag', etagOf(JSON.stringify(now)));
        return now;
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/users/{id}',
      access: 'org.manage',
      isForSignIns: true,
      tag,
      summary: 'Removes a user from the organisation, with its tokens, sign-ins and connections.',
      problems: { 404: notFound, 409: lastAdmin },
      async handle({ identity, params }) {
        const member = await find(identity, params['id']);
        const { orgId } = identity;
        await transact(async (changes) => {
          const refusal = await changes.store.removeMember(orgId, member.id);
          if (refusal !== undefined) throw refusalOf(refusal);
          await changes.audit.record({ orgId, user: identity, action: 'user.remove', target: member.username });
        });
        await services.memberRemoved(orgId, member.id);
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/users/{id}/password',
      access: 'org.manage',
      isForSignIns: true,
      tag,
      summary: 'Sets the password of a user, and ends its sign-ins and personal tokens.',
      body: z.object({ password: newPasswordSchema }),
      problems: {
        403: 'It is oneself, or the user belongs to other organisations too.',
        404: notFound,
        503: 'Too many passwords wait to be checked.',
      },
      async handle({ identity, params, body: { password } }) {
        const member = await find(identity, params['id']);
        if (member.id === identity.userId)
          throw new Problem(403, 'FORBIDDEN', 'PUT /api/v1/me/password sets your own: it asks for the current one');
        checkIsHere(identity.orgId, await store.membershipsOf(member.id));
        const passwordHash = await hasher.hash(password);
        const { orgId } = identity;
        const ended = await transact(async (changes) => {
          await changes.store.setPassword(member.id, passwordHash);
          // The user may have joined another one, or left, while the password was hashed.
          checkIsHere(orgId, await changes.store.membershipsOf(member.id));
          await changes.audit.record({ orgId, user: identity, action: 'user.password', target: member.username });
          return endAccess(changes, member.id);
        });
        await services.accessEnded(ended);
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/me/password',
      access: 'signed-in',
      isForSignIns: true,
      tag,
      summary: "Changes one's own password, and ends one's other sign-ins.",
      body: z.object({ currentPassword: textUpTo(1024), password: newPasswordSchema }),
      problems: {
        403: 'The current password is wrong, or a personal token asks.',
        429: 'Too many wrong passwords.',
        503: 'Too many passwords wait to be checked.',
      },
      async handle({ identity, body: { currentPassword, password } }) {
        const waitMs = guesses.take(identity.userId);
        if (waitMs > 0) throw new Problem(429, 'RATE_LIMITED', 'too many wrong passwords', waitMs);
        const former = await store.passwordHash(identity.userId);
        const isRight = await hasher.verify(currentPassword, former);
        if (!isRight) throw new Problem(403, 'FORBIDDEN', 'the current password is wrong');
        guesses.giveBack(identity.userId);
        const passwordHash = await hasher.hash(password);
        const { orgId, userId, username, jti } = identity;
        const ended = await transact(async (changes) => {
          // An administrator may have set another one meanwhile.
          if (!(await changes.store.setPassword(userId, passwordHash, former)))
            throw new Problem(403, 'FORBIDDEN', 'the current password is wrong');
          await changes.audit.record({ orgId, user: identity, action: 'user.password', target: username });
          return endSignIns(changes, userId, jti);
        });
        await services.accessEnded(ended);
      },
    }),
  ];
}

function shown({ id, username, role, createdAt }: Member): z.output<typeof userSchema> {
  return { id, username, role, createdAt };
}

function changed(): Problem {
  return new Problem(412, 'CONFLICT', 'this user is not as If-Match says any more');
}

function unknown(): Problem {
  return new Problem(404, 'NOT_FOUND', 'there is no such user');
}

/** Whoever sets a password can sign in with it, to the user's other organisations too. */
function checkIsHere(orgId: string, memberships: readonly { readonly id: string }[]): void {
  if (!memberships.some(({ id }) => id === orgId)) throw unknown();
  if (memberships.length > 1)
    throw new Problem(403, 'FORBIDDEN', 'this user belongs to other organisations too: its password is its own');
}

function refusalOf(refusal: ChangeRefusal): Problem {
  switch (refusal) {
    case 'not-found':
      return unknown();
    case 'last-admin':
      return new Problem(409, 'CONFLICT', 'the organisation would be left without an administrator');
    case 'changed':
      return changed();
  }
}
