import { describe, expect, it } from 'vitest';
import type { TokenReason } from '../../src/client/types.ts';
import { openClient, startServer } from './harness.ts';
import { startBrokerHost } from './remote-broker-host.ts';
import { caseTimeoutMs, scaled, slackMs, timings } from './scale.ts';
import { makeToken, type TestIdentity } from './tokens.ts';
import { until } from './until.ts';
import type { WatchedClient } from './watched-client.ts';

const channel = 'recoverable/a';

function closedWith({ client }: WatchedClient): number | undefined {
  return client.state.status === 'closed' ? client.state.code : undefined;
}

describe('tokens that end', () => {
  it(
    '[A2][F4] a token that expires and cannot be refreshed gets 4401 after the grace; the client comes back with a fresh one',
    async () => {
      const server = await startServer();
      const expiresAt = Date.now() + scaled(10_000);
      const reasons: TokenReason[] = [];
      const getToken = ({ reason }: { readonly reason: TokenReason }): string => {
        reasons.push(reason);
        if (reason === 'refresh') throw new Error('the issuer is away');
        return reason === 'connect' ? makeToken({ expiresAt }) : makeToken();
      };
      const watched = openClient(server.url, [channel], { getToken });
      await until(() => watched.isLive, { what: 'the subscription' });
      await server.call('publish', { channel, data: { seq: 1, at: Date.now() } });

      const lost = await until(() => watched.states.find(({ state }) => state.status === 'backoff'), {
        what: 'the close',
        withinMs: scaled(35_000) + slackMs,
      });
      await server.call('publish', { channel, data: { seq: 2, at: Date.now() } });
      expect(lost.state).toMatchObject({ cause: { code: 4401 } });
      expect(lost.at).toBeGreaterThanOrEqual(expiresAt + timings.tokenGraceMs);
      await until(() => watched.isLive && watched.log(channel).last === 2, { what: 'the next connection' });
      expect(watched.log(channel).report()).toMatchObject({
        modes: ['live', 'recovered'],
        lost: [],
        doubled: [],
        received: 2,
      });
      expect(reasons[0]).toBe('connect');
      expect(reasons).toContain('refresh');
      expect(reasons.filter((reason) => reason === 'expired')).toHaveLength(1);
    },
    caseTimeoutMs(60_000),
  );

  it(
    '[A1][A2] a client refreshes at 80 % of the lifetime and stays on its connection past the first expiry',
    async () => {
      const server = await startServer();
      const lifeMs = scaled(60_000);
      const expiresAt = Date.now() + lifeMs;
      let refreshedAt = 0;
      const getToken = ({ reason }: { readonly reason: TokenReason }): string => {
        if (reason !== 'refresh') return makeToken({ expiresAt });
        refreshedAt = Date.now();
        return makeToken();
      };
      const watched = openClient(server.url, [channel], { getToken });
      await until(() => watched.isLive, { what: 'the subscription' });
      const openedAt = watched.states.find(({ state }) => state.status === 'open')?.at ?? 0;
      await until(() => refreshedAt > 0, { what: 'the refresh', withinMs: lifeMs + slackMs });
      const dueAt = openedAt + (expiresAt - openedAt) * 0.8;
      expect(refreshedAt).toBeGreaterThan(dueAt - 50);
      // Late by three quarters of what is left at most.
      expect(refreshedAt).toBeLessThan(openedAt + (expiresAt - openedAt) * 0.95);
      // A tenth more than the server needs to notice an expired token.
      const unharmedAt = expiresAt + timings.tokenGraceMs * 1.1;
      await until(() => Date.now() > unharmedAt, { what: 'the grace to pass', withinMs: scaled(60_000) });
      expect(await watched.client.request('work.echo', 'alive')).toBe('alive');
      expect(watched.states.filter(({ state }) => state.status === 'backoff')).toEqual([]);
      expect(watched.log(channel).report().modes).toEqual(['live']);
    },
    caseTimeoutMs(60_000),
  );

  it.each(['userId', 'orgId'] as const)(
    '[A3] a refresh that changes the %s closes with 4501 for good',
    async (member) => {
      const server = await startServer();
      const watched = openClient(server.url, [channel], {
        getToken: ({ reason }) => makeToken(reason === 'refresh' ? { [member]: 'another' } : {}),
      });
      await until(() => watched.isLive, { what: 'the subscription' });
      await expect(watched.client.refreshToken()).rejects.toMatchObject({ name: 'FleetwireError' });
      await until(() => closedWith(watched) === 4501, { what: 'the close', but: () => watched.client.state });
      await until(async () => (await server.call('stats')).connections === 0, { what: 'the server to let go' });
      expect((await server.call('stats')).connects).toEqual({ accepted: 1 });
    },
    caseTimeoutMs(30_000),
  );

  it(
    '[A4][F9] a refresh to another team ends what the old scope showed; without the right it ends for good, as it does when the policy changes',
    async () => {
      const server = await startServer();
      const board = 'team/board';
      await server.call('publishTeam', { team: 'red', channel: board, key: 'plan', data: 'red' });
      await server.call('publishTeam', { team: 'blue', channel: board, key: 'goal', data: 'blue' });
      let team = 'red';
      const watched = openClient(server.url, [board, 'state/a'], { getToken: () => makeToken({ team }) });
      await until(() => watched.isLive, { what: 'the red board' });
      expect(watched.log(board).report().items).toEqual({ plan: 'red' });

      team = 'blue';
      await watched.client.refreshToken();
      await until(() => watched.isLive && 'goal' in watched.log(board).report().items, { what: 'the blue board' });
      expect(watched.log(board).report()).toMatchObject({ errors: ['SCOPE_CHANGED'], modes: ['snapshot', 'snapshot'] });
      expect(watched.log(board).report().items).toEqual({ goal: 'blue' });
      await server.call('publishTeam', { team: 'red', channel: board, key: 'plan', data: 'still red' });
      await server.call('publishTeam', { team: 'blue', channel: board, key: 'goal', data: 'still blue' });
      await until(() => watched.log(board).report().items['goal'] === 'still blue', { what: 'the change' });
      expect(watched.log(board).report().items).toEqual({ goal: 'still blue' });

      team = 'none';
      await watched.client.refreshToken();
      await until(() => watched.log(board).report().status === 'failed', { what: 'the end of the board' });
      expect(watched.log(board).report().errors).toEqual(['SCOPE_CHANGED', 'FORBIDDEN']);
      expect(watched.log('state/a').report()).toMatchObject({ status: 'live', modes: ['snapshot'], errors: [] });
      await server.call('deny', 'state/a');
      await until(() => watched.log('state/a').report().status === 'failed', { what: 'the end of the other' });
      expect(watched.log('state/a').report().errors).toEqual(['FORBIDDEN']);
      expect(watched.isOpen).toBe(true);
    },
    caseTimeoutMs(30_000),
  );

  it(
    '[A5] a token id, a user and an organisation are revoked on both replicas within a second, and nobody else',
    async () => {
      const { port: brokerPort } = await startBrokerHost();
      const replicas = [await startServer({ brokerPort }), await startServer({ brokerPort })] as const;
      const open = (claims: Partial<TestIdentity>): WatchedClient[] =>
        replicas.map(({ url }) => openClient(url, [], { getToken: () => makeToken(claims) }));
      const byToken = open({ jti: 'j-1' });
      const byUser = open({ userId: 'u-2', jti: 'j-2' });
      const byOrg = open({ orgId: 'o-2', userId: 'u-3' });
      const others = open({ jti: 'j-3' });
      const all = [...byToken, ...byUser, ...byOrg, ...others];
      await until(() => all.every(({ isOpen }) => isOpen), { what: 'all connections' });

      const selectors = [{ jti: 'j-1' }, { orgId: 'o-1', userId: 'u-2' }, { orgId: 'o-2' }];
      for (const [index, group] of [byToken, byUser, byOrg].entries()) {
        // By turns, so that each replica is the one that tells and the one that is told.
        await replicas[index % 2]?.call('revoke', selectors[index] ?? {});
        await until(() => group.every((watched) => closedWith(watched) === 4501), {
          what: `${JSON.stringify(selectors[index])} to be closed`,
          withinMs: 1_000 + slackMs,
          but: () => group.map(({ client }) => client.state),
        });
      }
      for (const { client } of others) expect(await client.request('work.echo', 'alive')).toBe('alive');
      for (const replica of replicas) expect((await replica.call('stats')).connections).toBe(1);
    },
    caseTimeoutMs(30_000),
  );
});
