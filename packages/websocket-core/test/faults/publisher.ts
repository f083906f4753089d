import { onTestFinished } from 'vitest';
import type { Broker } from '../../src/core/broker.ts';
import { brokerFeedName, orgScopeKey } from '../../src/server/broker-channel.ts';

/** Publishes numbers to channels of the test's organisation without a pause. */
export interface Publisher {
  /** Number of the last publication on each channel. */
  readonly last: number;
  /** Stops; resolves when the last one is with the broker. */
  stop(): Promise<number>;
}

/** Milliseconds between two bursts. */
const burstEveryMs = 5;

/** Starts to publish `{seq, at}` beside the servers, as a third party that shares their broker would. */
export function startPublisher(broker: Broker, channels: readonly string[], burst = 1): Publisher {
  const names = channels.map((channel) => brokerFeedName(orgScopeKey('o-1'), channel, undefined));
  let last = 0;
  let sent: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    for (let index = 0; index < burst; index += 1) {
      last += 1;
      const json = JSON.stringify({ seq: last, at: Date.now() });
      sent = Promise.all(names.map((name) => broker.publish(name, json)));
    }
  }, burstEveryMs);
  const stop = async (): Promise<number> => {
    clearInterval(timer);
    await sent;
    return last;
  };
  onTestFinished(async () => {
    await stop();
  });
  return {
    get last() {
      return last;
    },
    stop,
  };
}
