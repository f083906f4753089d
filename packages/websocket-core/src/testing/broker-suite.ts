import type { Broker, BrokerEntry, BrokerHistory } from '../core/broker.ts';

/** What a suite asks of a fresh broker; `maxEntries` is the number of entries that its feeds keep. */
export interface BrokerSuiteOptions {
  readonly maxEntries: number;
}

/** Creates a broker for one case; the case disposes it. Its age limits must be longer than a minute. */
export type MakeBroker = (options: BrokerSuiteOptions) => Broker | Promise<Broker>;

/** One requirement of every {@link Broker}: rejects when `makeBroker` does not meet it. */
export interface BrokerCase {
  readonly title: string;
  readonly run: (makeBroker: MakeBroker) => Promise<void>;
}

/** How long a case waits for a delivery, in milliseconds of real time. */
const deliveryTimeoutMs = 5_000;
const anyPosition = /^[0-9a-z]{1,32}:\d+$/;
let feeds = 0;

interface Bench {
  readonly broker: Broker;
  /** A feed that no other case uses, so that cases can share a store. */
  readonly feed: string;
  readonly other: string;
}

function brokerCase(title: string, check: (bench: Bench) => Promise<void>, maxEntries = 100): BrokerCase {
  return {
    title,
    run: async (makeBroker) => {
      const broker = await makeBroker({ maxEntries });
      feeds += 1;
      const feed = `suite:${String(Date.now())}:${String(feeds)}`;
      try {
        await check({ broker, feed, other: `${feed}:other` });
      } finally {
        await broker.dispose();
      }
    },
  };
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== shouldBe) throw new Error(`${what}: expected ${String(shouldBe)}, got ${String(is)}`);
}

function truthy(value: boolean, what: string): void {
  if (!value) throw new Error(what);
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const giveUpAt = Date.now() + deliveryTimeoutMs;
  while (!condition()) {
    if (Date.now() > giveUpAt) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}

async function rejects(promise: Promise<unknown>, code: string, what: string): Promise<void> {
  const outcome = await promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: unknown }).code,
  );
  equal(outcome, code, what);
}

function entriesOf(history: BrokerHistory): readonly BrokerEntry[] {
  if (history.kind !== 'entries') throw new Error('expected entries, the history is gone');
  return history.entries;
}

const dataOf = (entries: readonly BrokerEntry[]): unknown[] => entries.map(({ data }) => data);

async function publishAll(broker: Broker, feed: string, data: readonly string[]): Promise<string[]> {
  const positions: string[] = [];
  for (const item of data) positions.push(await broker.publish(feed, item));
  return positions;
}

const historyCases = [
  brokerCase('a publish resolves with a position of epoch and offset, each its own', async ({ broker, feed }) => {
    const positions = await publishAll(broker, feed, ['"a"', '"b"', '"c"']);
    for (const position of positions) truthy(anyPosition.test(position), `${position} is not epoch:offset`);
    equal(new Set(positions).size, 3, 'distinct positions');
    equal(new Set(positions.map((position) => position.split(':')[0])).size, 1, 'epochs of one feed');
  }),
  brokerCase('history after a position gives what came later, oldest first', async ({ broker, feed }) => {
    const [first, , third] = await publishAll(broker, feed, ['"a"', '"b"', '"c"']);
    const history = await broker.history(feed, first, 10);
    equal(dataOf(entriesOf(history)), ['"b"', '"c"'], 'entries after the first');
    equal(history.position, third, 'newest position');
    equal(history.kind === 'entries' && history.complete, true, 'complete');
    equal(entriesOf(await broker.history(feed, third, 10)), [], 'entries after the newest');
  }),
  brokerCase('a limit cuts the answer and says so; the next one goes on where it ended', async ({ broker, feed }) => {
    const [first] = await publishAll(broker, feed, ['1', '2', '3', '4', '5', '6']);
    const page = await broker.history(feed, first, 2);
    equal(dataOf(entriesOf(page)), ['2', '3'], 'first page');
    equal(page.kind === 'entries' && page.complete, false, 'complete of a cut answer');
    const next = await broker.history(feed, entriesOf(page).at(-1)?.position, 10);
    equal(dataOf(entriesOf(next)), ['4', '5', '6'], 'second page');
    equal(next.kind === 'entries' && next.complete, true, 'complete of the last page');
  }),
  brokerCase('history without a position gives the newest entries of a feed without keys', async ({ broker, feed }) => {
    await publishAll(broker, feed, ['1', '2', '3']);
    equal(dataOf(entriesOf(await broker.history(feed, undefined, 2))), ['2', '3'], 'newest two');
    equal(dataOf(entriesOf(await broker.history(feed, undefined, 5))), ['1', '2', '3'], 'all');
  }),
  brokerCase('a feed that nobody published to is empty and has a position to go on from', async ({ broker, feed }) => {
    const empty = await broker.history(feed, undefined, 10);
    equal(entriesOf(empty), [], 'entries');
    await broker.publish(feed, '1');
    equal(dataOf(entriesOf(await broker.history(feed, empty.position, 10))), ['1'], 'entries after the empty position');
  }),
  brokerCase(
    'a position that is older than the window is gone, one within it is not',
    async ({ broker, feed }) => {
      const positions = await publishAll(
        broker,
        feed,
        Array.from({ length: 8 }, (_, index) => String(index)),
      );
      equal((await broker.history(feed, positions[1], 10)).kind, 'gone', 'older than the window');
      equal((await broker.history(feed, positions[1], 10)).position, positions[7], 'newest position of a gone history');
      equal(
        dataOf(entriesOf(await broker.history(feed, positions[2], 10))),
        ['3', '4', '5', '6', '7'],
        'oldest in the window',
      );
    },
    5,
  ),
  brokerCase('a position of another epoch, or ahead of the feed, is gone', async ({ broker, feed }) => {
    const position = await broker.publish(feed, '1');
    const [epoch] = position.split(':');
    equal((await broker.history(feed, `zzzzz${String(epoch)}:0`.slice(0, 34), 10)).kind, 'gone', 'another epoch');
    equal((await broker.history(feed, `${String(epoch)}:999`, 10)).kind, 'gone', 'ahead of the feed');
  }),
  ...[
    '',
    ':',
    'abc',
    'abc:',
    ':1',
    'abc:-1',
    'abc:1.5',
    'abc:01',
    'abc:1:2',
    'abc:99999999999999999',
    'ab\u0000c:1',
    '__proto__:1',
  ].map((since) =>
    brokerCase(`${JSON.stringify(since)} is not a position: BAD_POSITION`, async ({ broker, feed }) => {
      await broker.publish(feed, '1');
      await rejects(broker.history(feed, since, 10), 'BAD_POSITION', 'history');
    }),
  ),
  brokerCase('feeds do not touch each other', async ({ broker, feed, other }) => {
    const heard: string[] = [];
    await broker.subscribe(other, (entry) => heard.push(String(entry.data)));
    await broker.publish(feed, '"for feed"');
    await broker.publish(other, '"for other"');
    await until(() => heard.length > 0, 'a delivery');
    equal(heard, ['"for other"'], 'deliveries');
    equal(dataOf(entriesOf(await broker.history(feed, undefined, 10))), ['"for feed"'], 'history');
  }),
];

const keyedCases = [
  brokerCase(
    'a keyed feed keeps the present value of every key, and its window of changes',
    async ({ broker, feed }) => {
      const first = await broker.publish(feed, '1', { key: 'a' });
      await broker.publish(feed, '2', { key: 'b' });
      await broker.publish(feed, '3', { key: 'a' });
      const present = entriesOf(await broker.history(feed, undefined, 10));
      equal(
        Object.fromEntries(present.map(({ key, data }) => [String(key), data])),
        { b: '2', a: '3' },
        'present values',
      );
      const changes = entriesOf(await broker.history(feed, first, 10));
      equal(
        changes.map(({ key, data }) => [key, data]),
        [
          ['b', '2'],
          ['a', '3'],
        ],
        'changes',
      );
    },
  ),
  brokerCase(
    'null deletes a key: it leaves the present values, and the change is delivered',
    async ({ broker, feed }) => {
      const heard: unknown[] = [];
      const first = await broker.publish(feed, '1', { key: 'a' });
      await broker.publish(feed, '2', { key: 'b' });
      await broker.subscribe(feed, (entry) => heard.push([entry.key, entry.data]));
      await broker.publish(feed, null, { key: 'a' });
      await until(() => heard.length > 0, 'the deletion');
      equal(heard, [['a', null]], 'deliveries');
      equal(
        entriesOf(await broker.history(feed, undefined, 10)).map(({ key }) => key),
        ['b'],
        'present keys',
      );
      equal(
        entriesOf(await broker.history(feed, first, 10)).map(({ key, data }) => [key, data]),
        [
          ['b', '2'],
          ['a', null],
        ],
        'changes',
      );
    },
  ),
  brokerCase(
    'a keyed feed gives every present value, whatever the limit and however old',
    async ({ broker, feed }) => {
      for (let index = 0; index < 12; index += 1)
        await broker.publish(feed, String(index), { key: `k${String(index)}` });
      const history = await broker.history(feed, undefined, 3);
      equal(
        entriesOf(history)
          .map(({ key }) => key)
          .toSorted(),
        Array.from({ length: 12 }, (_, index) => `k${String(index)}`).toSorted(),
        'keys',
      );
      equal(history.kind === 'entries' && history.complete, true, 'complete');
    },
    5,
  ),
  brokerCase('keys with names of object members are keys like any other', async ({ broker, feed }) => {
    for (const key of ['__proto__', 'constructor', 'toString', '']) await broker.publish(feed, '1', { key });
    const keys = entriesOf(await broker.history(feed, undefined, 10)).map((entry) => entry.key);
    equal(keys.toSorted(), ['', '__proto__', 'constructor', 'toString'], 'keys');
  }),
  brokerCase('null without a key is refused', async ({ broker, feed }) => {
    await rejects(broker.publish(feed, null), 'INVALID_ARGUMENT', 'publish');
    equal(entriesOf(await broker.history(feed, undefined, 10)), [], 'history');
  }),
];

const deliveryCases = [
  brokerCase(
    'a subscriber gets what is published from then on, in order, with its position',
    async ({ broker, feed }) => {
      const before = await broker.publish(feed, '"before"');
      const heard: BrokerEntry[] = [];
      equal(await broker.subscribe(feed, (entry) => heard.push(entry)), before, 'position of the subscription');
      const positions = await Promise.all(
        Array.from({ length: 50 }, (_, index) => broker.publish(feed, String(index))),
      );
      await until(() => heard.length >= 50, '50 deliveries');
      equal(
        dataOf(heard),
        Array.from({ length: 50 }, (_, index) => String(index)),
        'order',
      );
      equal(
        heard.map(({ position }) => position),
        positions,
        'positions',
      );
      equal(dataOf(entriesOf(await broker.history(feed, before, 100))), dataOf(heard), 'history');
    },
  ),
  brokerCase('every subscriber gets every entry, also when one of them throws', async ({ broker, feed }) => {
    const [first, last]: [string[], string[]] = [[], []];
    await broker.subscribe(feed, (entry) => first.push(String(entry.data)));
    await broker.subscribe(feed, () => {
      throw new Error('a listener that fails');
    });
    await broker.subscribe(feed, (entry) => last.push(String(entry.data)));
    await publishAll(broker, feed, ['1', '2']);
    await until(() => first.length >= 2 && last.length >= 2, 'the deliveries');
    equal(
      [first, last],
      [
        ['1', '2'],
        ['1', '2'],
      ],
      'deliveries',
    );
  }),
  brokerCase(
    'unsubscribe ends deliveries to that listener alone; unknown pairs are ignored',
    async ({ broker, feed, other }) => {
      const [gone, stays]: [string[], string[]] = [[], []];
      const leaver = (entry: BrokerEntry) => gone.push(String(entry.data));
      await broker.subscribe(feed, leaver);
      await broker.subscribe(feed, (entry) => stays.push(String(entry.data)));
      await broker.publish(feed, '1');
      await until(() => gone.length > 0 && stays.length > 0, 'the first delivery');
      await broker.unsubscribe(feed, leaver);
      await broker.unsubscribe(feed, leaver);
      await broker.unsubscribe(other, leaver);
      await broker.publish(feed, '2');
      await until(() => stays.length > 1, 'the second delivery');
      equal([gone, stays], [['1'], ['1', '2']], 'deliveries');
    },
  ),
  brokerCase('one who subscribes again misses nothing that history gives in between', async ({ broker, feed }) => {
    const heard: string[] = [];
    const listener = (entry: BrokerEntry) => heard.push(String(entry.data));
    const from = await broker.subscribe(feed, listener);
    await broker.unsubscribe(feed, listener);
    await publishAll(broker, feed, ['1', '2']);
    const to = await broker.subscribe(feed, listener);
    await broker.publish(feed, '3');
    await until(() => heard.length > 0, 'the delivery');
    equal(heard, ['3'], 'deliveries');
    const missed = entriesOf(await broker.history(feed, from, 10));
    equal(
      dataOf(missed.slice(0, missed.findIndex(({ position }) => position === to) + 1)),
      ['1', '2'],
      'history in between',
    );
  }),
  brokerCase('what a listener publishes reaches everyone after what it listened to', async ({ broker, feed }) => {
    const heard: string[] = [];
    await broker.subscribe(feed, (entry) => {
      if (entry.data === '"ask"') void broker.publish(feed, '"answer"');
    });
    await broker.subscribe(feed, (entry) => heard.push(String(entry.data)));
    await broker.publish(feed, '"ask"');
    await until(() => heard.length >= 2, 'both deliveries');
    equal(heard, ['"ask"', '"answer"'], 'order');
  }),
];

const otherCases = [
  brokerCase(
    'an idempotency key publishes once, and gives the first position again',
    async ({ broker, feed, other }) => {
      const heard: string[] = [];
      await broker.subscribe(feed, (entry) => heard.push(String(entry.data)));
      const first = await broker.publish(feed, '1', { idempotencyKey: 'k' });
      await broker.publish(feed, '2');
      equal(await broker.publish(feed, '3', { idempotencyKey: 'k' }), first, 'position of the repetition');
      await broker.publish(feed, '4', { idempotencyKey: 'another' });
      await until(() => heard.length >= 3, 'the deliveries');
      equal(heard, ['1', '2', '4'], 'deliveries');
      await broker.publish(other, '5', { idempotencyKey: 'k' });
      equal(dataOf(entriesOf(await broker.history(other, undefined, 10))), ['5'], 'the same key on another feed');
    },
  ),
  brokerCase('an idempotent publish repeated at the same time still counts once', async ({ broker, feed }) => {
    const positions = await Promise.all(
      Array.from({ length: 10 }, () => broker.publish(feed, '1', { idempotencyKey: 'k' })),
    );
    equal(new Set(positions).size, 1, 'positions');
    equal(entriesOf(await broker.history(feed, undefined, 10)).length, 1, 'entries');
  }),
  brokerCase('data comes back as it was, whatever text it is', async ({ broker, feed }) => {
    const values = ['', 'null', '{"a":[1,2]}', 'grüße 🚀', 'line\nbreak\r\n', '\u0000', 'x'.repeat(100_000)];
    await publishAll(broker, feed, values);
    equal(dataOf(entriesOf(await broker.history(feed, undefined, 100))), values, 'data');
  }),
  brokerCase('onLoss gives an undo that may be called twice', async ({ broker }) => {
    const undo = broker.onLoss(() => {});
    undo();
    undo();
  }),
  brokerCase(
    'after dispose nothing is delivered, calls reject with DISPOSED, and dispose may come again',
    async ({ broker, feed }) => {
      await broker.subscribe(feed, () => {});
      await broker.dispose();
      await rejects(broker.publish(feed, '1'), 'DISPOSED', 'publish');
      await rejects(broker.history(feed, undefined, 1), 'DISPOSED', 'history');
      await rejects(
        broker.subscribe(feed, () => {}),
        'DISPOSED',
        'subscribe',
      );
      await broker.unsubscribe(feed, () => {});
      await broker.dispose();
    },
  ),
];

/**
 * The conformance suite of brokers: run every case against yours, with any test runner.
 *
 * `for (const { title, run } of brokerCases) it(title, () => run(makeBroker));`
 */
export const brokerCases: readonly BrokerCase[] = [...historyCases, ...keyedCases, ...deliveryCases, ...otherCases];
