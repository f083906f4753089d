import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import { parseWatchEvent } from '../core/watch-lines.ts';
import type { WatchListener } from '../core/watch-transport.ts';
import { createWatchSession } from './watch-session.ts';

const target = { cluster: 'one', resource: { version: 'v1', resource: 'pods' } };
const added = parseWatchEvent('{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"7"}}}', target);
const garbage = parseWatchEvent('garbage', target);

function start() {
  const clock = createManualClock();
  const heard: unknown[] = [];
  let released = 0;
  const listener: WatchListener = {
    onOpen: () => heard.push('open'),
    onEvents: (events) => heard.push(events.length),
    onMalformed: ({ code }) => heard.push(code),
    onEnd: (end) => heard.push(end.kind === 'normal' ? 'normal' : [end.kind, end.error.code]),
  };
  const session = createWatchSession({ target, resourceVersion: '5', timeoutSeconds: 300 }, listener, clock, () => {
    released += 1;
  });
  return { session, clock, heard, released: () => released };
}

it('[W12] fails a watch that does not open within 10 s', async () => {
  const { clock, heard, released } = start();
  await clock.advanceAsync(9_999);
  expect(heard).toEqual([]);
  await clock.advanceAsync(1);
  expect([heard, released()]).toEqual([[['error', 'KUBE_TIMEOUT']], 1]);
});

it('[W12] dials a watch anew that was quiet for 25 s, and none that is heard of', async () => {
  const { session, clock, heard } = start();
  session.open();
  for (let turn = 0; turn < 3; turn += 1) {
    await clock.advanceAsync(24_000);
    session.messages([added]);
  }
  expect(heard).toEqual(['open', 1, 1, 1]);
  await clock.advanceAsync(25_000);
  expect([heard.at(-1), clock.pending]).toEqual(['normal', 0]);
});

it('[W18] gives what came at once in one call, and what is no event in its place', () => {
  const { session, heard } = start();
  session.open();
  session.messages([added, added, garbage, added]);
  expect(heard).toEqual(['open', 2, 'KUBE_MALFORMED', 1]);
});

it('says nothing after its end or its undo, and lets go of the connection once', () => {
  const ended = start();
  ended.session.fail(createKubeWatchError({ status: 410, message: 'old', cluster: 'one' }));
  ended.session.end({ kind: 'normal' });
  ended.session.messages([added]);
  expect([ended.heard, ended.released()]).toEqual([[['gone', 'KUBE_EXPIRED']], 1]);
  const undone = start();
  undone.session.undo();
  undone.session.open();
  undone.session.end({ kind: 'normal' });
  expect([undone.heard, undone.released(), undone.clock.pending]).toEqual([[], 1, 0]);
});
