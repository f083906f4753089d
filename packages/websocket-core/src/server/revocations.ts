import * as z from 'zod/mini';
import type { Clock, TimerHandle } from '../core/clock.ts';
import type { Broker, BrokerEntry, BrokerHistory } from '../core/broker.ts';
import { FleetwireError } from '../core/errors.ts';
import { parseBrokerPosition } from './broker-position.ts';
import { inTime } from './in-time.ts';
import { selectsIdentity } from './selector.ts';
import type { ConnectionSelector, Identity, Logger } from './types.ts';

/** No channel's feed: those are named by JSON arrays, so that nobody who may choose a channel can read or write here. */
const feedName = 'fleetwire:revocations';

const member = z.optional(z.string());
const entrySchema = z.object({
  connectionId: member,
  orgId: member,
  userId: member,
  jti: member,
  agentId: member,
  /** When it was published, milliseconds since 1970. */
  revokedAt: z.optional(z.number()),
});

/**
 * Clocks of two replicas may differ by this much: what was published shortly before a replica started counts for it, and
 * an authentication that began shortly after a revocation may have begun before it.
 */
const clockSkewMs = 10_000;

/** Entries that one question to the broker may bring. */
const pageSize = 1_000;

export interface RevocationsOptions {
  readonly broker: Broker;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The longest that an authentication takes: a verdict may be older than a revocation that came while it was made. */
  readonly rememberMs: number;
  /** First and longest wait before the broker is asked again. */
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  /** One question to the broker may take this long; then it has failed. */
  readonly askTimeoutMs: number;
  /**
   * Closes the connections that the selector selects; where `startedBeforeAt` is given (milliseconds since 1970), only
   * those whose last authentication began before it.
   */
  readonly onRevoked: (selector: ConnectionSelector, startedBeforeAt: number | undefined) => void;
}

/**
 * Carries revocations to every replica that shares the broker, this one included. A broker that is away for a while
 * delays them and loses none: the subscription is tried again until it holds, and what came meanwhile is read from the
 * history. Acting twice on one revocation does no harm, nor does acting late: who signed in afresh after a user was
 * revoked stays.
 */
export class Revocations {
  readonly #options: RevocationsOptions;
  /** All that was published before this moment has been acted upon. */
  #completeAt: number;
  readonly #undoLoss: () => void;
  #attempts = 0;
  #isSubscribed = false;
  #retry: TimerHandle;
  /** Newest position up to which every revocation has been acted upon; undefined until the subscription holds. */
  #position: string | undefined;
  #isCatchingUp = false;
  #disposed = false;
  /** Those that an authentication under way may not have seen; oldest first. */
  #recent: {
    readonly selector: ConnectionSelector;
    /** When this replica acted, monotonic. */
    readonly atMs: number;
    readonly startedBeforeAt: number | undefined;
  }[] = [];

  constructor(options: RevocationsOptions) {
    this.#options = options;
    this.#completeAt = options.clock.now();
    this.#undoLoss = options.broker.onLoss((feed) => {
      if (feed === undefined || feed === feedName) this.check();
    });
    void this.#subscribe();
  }

  /** Resolves once the broker has it; this replica acts even if the broker is away. */
  async publish(selector: ConnectionSelector): Promise<void> {
    if (Object.values(selector).every((value) => value === undefined)) {
      throw new FleetwireError(
        'INVALID_ARGUMENT',
        'expected a user, organisation, token id, agent or connection to revoke',
      );
    }
    this.#act(selector, undefined);
    const { broker, clock } = this.#options;
    await broker.publish(feedName, JSON.stringify({ ...selector, revokedAt: clock.now() }));
  }

  /**
   * Whether an identity was revoked by what this replica heard since `startedAtMs` (monotonic), the beginning of its
   * authentication. `startedAt` is the same moment in milliseconds since 1970.
   */
  isRevoked(identity: Identity, startedAtMs: number, startedAt: number): boolean {
    return this.#recent.some(
      ({ selector, atMs, startedBeforeAt }) =>
        atMs >= startedAtMs &&
        (startedBeforeAt === undefined || startedAt < startedBeforeAt) &&
        selectsIdentity(selector, identity),
    );
  }

  /** Reads what the broker holds and this replica has not seen. Called when a delivery may be lost, and every now and then. */
  check(): void {
    if (this.#position === undefined || this.#disposed || this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    void this.#catchUp()
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'missed revocations could not be read; trying again');
      })
      .finally(() => {
        this.#isCatchingUp = false;
      });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#undoLoss();
    if (this.#retry !== undefined) this.#options.clock.clearTimeout(this.#retry);
    // A broker that was disposed first has nothing left to undo.
    await this.#options.broker.unsubscribe(feedName, this.#receive).catch(() => undefined);
  }

  async #subscribe(): Promise<void> {
    const { broker, clock, logger, retryBaseMs, retryMaxMs } = this.#options;
    try {
      if (!this.#isSubscribed) await broker.subscribe(feedName, this.#receive);
      this.#isSubscribed = true;
      if (this.#disposed) await broker.unsubscribe(feedName, this.#receive);
      else await this.#readAll();
    } catch (error) {
      if (this.#disposed) return;
      logger.error({ err: error }, 'revocations cannot be received; trying again');
      const waitMs = Math.min(retryMaxMs, retryBaseMs * 2 ** Math.min(this.#attempts, 20));
      this.#attempts += 1;
      this.#retry = clock.setTimeout(() => void this.#subscribe(), waitMs);
    }
  }

  async #catchUp(): Promise<void> {
    const { clock, logger } = this.#options;
    while (this.#position !== undefined && !this.#disposed) {
      const askedAt = clock.now();
      const history = await this.#ask(this.#position, pageSize);
      if (history.kind === 'gone') {
        logger.error({}, 'the history of revocations was lost; those that it still holds are acted upon');
        await this.#readAll();
        return;
      }
      for (const entry of history.entries) this.#take(entry);
      if (!history.complete) continue;
      this.#completeAt = askedAt;
      return;
    }
  }

  /** Acts on what the broker holds, but for what has been acted upon for certain. */
  async #readAll(): Promise<void> {
    const askedAt = this.#options.clock.now();
    const history = await this.#ask(undefined, Number.MAX_SAFE_INTEGER);
    const sinceAt = this.#completeAt - clockSkewMs;
    if (history.kind === 'entries') for (const entry of history.entries) this.#read(entry, sinceAt);
    this.#position = history.position;
    this.#completeAt = askedAt;
  }

  /** A question that is never answered must not keep the next one from being asked. */
  #ask(since: string | undefined, limit: number): Promise<BrokerHistory> {
    const { broker, clock, askTimeoutMs } = this.#options;
    return inTime(clock, askTimeoutMs, async () => broker.history(feedName, since, limit));
  }

  readonly #receive = (entry: BrokerEntry): void => {
    const isNext = this.#position === undefined || stepsBetween(this.#position, entry.position) === 1;
    this.#take(entry);
    // Something is missing in between: what came is acted upon at once, the rest fetched.
    if (!isNext) this.check();
  };

  #take(entry: BrokerEntry): void {
    this.#read(entry, 0);
    // Deliveries go on while a page of the history is under way.
    if (this.#position !== undefined && stepsBetween(this.#position, entry.position) === 1)
      this.#position = entry.position;
  }

  #read(entry: BrokerEntry, sinceAt: number): void {
    try {
      const { revokedAt, ...selector } = entrySchema.parse(JSON.parse(entry.data ?? 'null'));
      if (revokedAt === undefined || revokedAt >= sinceAt) this.#act(selector, startedBeforeAtOf(selector, revokedAt));
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a revocation could not be read');
    }
  }

  #act(selector: ConnectionSelector, startedBeforeAt: number | undefined): void {
    const atMs = this.#options.clock.monotonicNow();
    this.#recent = this.#recent.filter((revocation) => atMs - revocation.atMs <= this.#options.rememberMs);
    this.#recent.push({ selector, atMs, startedBeforeAt });
    this.#options.onRevoked(selector, startedBeforeAt);
  }
}

/**
 * A revoked token stays revoked, and a connection's id is never used again; a user, organisation or agent may come back
 * with a new token, perhaps before this replica hears of the revocation. Peers that give no time are heeded as if now.
 */
function startedBeforeAtOf(selector: ConnectionSelector, revokedAt: number | undefined): number | undefined {
  if (revokedAt === undefined || selector.jti !== undefined || selector.connectionId !== undefined) return undefined;
  return revokedAt + clockSkewMs;
}

/** How many entries on; undefined where the history began anew in between. */
function stepsBetween(from: string, to: string): number | undefined {
  const [before, after] = [parseBrokerPosition(from), parseBrokerPosition(to)];
  return after.epoch === before.epoch ? after.offset - before.offset : undefined;
}
