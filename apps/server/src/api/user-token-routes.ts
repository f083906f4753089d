import { z } from 'zod';
import type { EndedAccess } from '../access/end-access.ts';
import type { Transact } from '../access/transact.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { Member } from '../accounts/member.ts';
import type { PersonalTokens } from '../accounts/personal-tokens.ts';
import { Problem } from '../http/problem.ts';
import { tokenSchema } from './account-routes.ts';
import { route, type Route } from './route.ts';

/** What the routes of others' tokens need. */
export interface UserTokenServices {
  readonly store: AccountStore;
  readonly personalTokens: PersonalTokens;
  readonly transact: Transact;
  /** Ends the connections of personal tokens that are over. */
  readonly accessEnded: (ended: readonly EndedAccess[]) => Promise<void>;
}

/** The personal tokens of the users of one's organisation: `/api/v1/users/{id}/tokens`. */
export function createUserTokenRoutes(services: UserTokenServices): Route[] {
  const { store, personalTokens, transact, accessEnded } = services;
  const find = async ({ orgId }: UserIdentity, id = ''): Promise<Member> => {
    const member = await store.member(orgId, id);
    if (member === undefined) throw new Problem(404, 'NOT_FOUND', 'there is no such user');
    return member;
  };
  const shared = { access: 'org.manage', tag: 'Users' } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/api/v1/users/{id}/tokens',
      summary: 'The personal access tokens of a user in the organisation, newest first.',
      response: z.object({ items: z.array(tokenSchema) }),
      problems: { 404: 'The organisation has no such user.' },
      async handle({ identity, params }) {
        const { id: userId, orgId } = await find(identity, params['id']);
        return { items: await personalTokens.list({ userId, orgId }) };
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/api/v1/users/{id}/tokens/{token}',
      isForSignIns: true,
      summary: 'Removes a personal access token of a user, with its connections.',
      problems: { 404: 'The organisation has no such user, or the user no such token.' },
      async handle({ identity, params }) {
        const { id: userId, orgId, username } = await find(identity, params['id']);
        const id = params['token'] ?? '';
        const detail = { for: username };
        await transact(async (changes) => {
          if (!(await changes.personalTokens.remove({ userId, orgId }, id)))
            throw new Problem(404, 'NOT_FOUND', 'there is no such token');
          await changes.audit.record({ orgId, user: identity, action: 'token.remove', target: id, detail });
        });
        await accessEnded([{ orgId, userId, jti: id }]);
      },
    }),
  ];
}
