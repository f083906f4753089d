import * as z from 'zod/mini';
import type { Clock } from '../core/clock.ts';
import type { Broker, BrokerEntry } from '../core/broker.ts';
import { FleetwireError } from '../core/errors.ts';
import { brokerFeedName, systemScopeKey } from './broker-channel.ts';
import { selectsIdentity } from './selector.ts';
import type { ConnectionSelector, Identity, Logger } from './types.ts';

const feedName = brokerFeedName(systemScopeKey, 'sys/revocations', undefined);

const member = z.optional(z.string());
const selectorSchema = z.object({ connectionId: member, orgId: member, userId: member, jti: member, agentId: member });

/** Carries revocations to every replica that shares the broker, this one included. */
export class Revocations {
  readonly #broker: Broker;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #rememberMs: number;
  readonly #onRevoked: (selector: ConnectionSelector) => void;
  readonly #subscribed: Promise<unknown>;
  /** Those that an authentication under way may not have seen; oldest first. */
  #recent: { readonly selector: ConnectionSelector; readonly atMs: number }[] = [];

  /** `rememberMs` is the longest that an authentication takes. */
  constructor(
    broker: Broker,
    logger: Logger,
    clock: Clock,
    rememberMs: number,
    onRevoked: (selector: ConnectionSelector) => void,
  ) {
    this.#broker = broker;
    this.#logger = logger;
    this.#clock = clock;
    this.#rememberMs = rememberMs;
    this.#onRevoked = onRevoked;
    this.#subscribed = broker.subscribe(feedName, this.#receive).catch((error: unknown) => {
      logger.error({ err: error }, 'revocations cannot be received');
    });
  }

  /** Resolves once the broker has it; this replica acts even if the broker is away. */
  async publish(selector: ConnectionSelector): Promise<void> {
    if (Object.values(selector).every((value) => value === undefined)) {
      throw new FleetwireError(
        'INVALID_ARGUMENT',
        'expected a user, organisation, token id, agent or connection to revoke',
      );
    }
    this.#act(selector);
    await this.#broker.publish(feedName, JSON.stringify(selector));
  }

  /** Whether an identity was revoked since `sinceMs` (monotonic): its authentication may have begun before. */
  isRevoked(identity: Identity, sinceMs: number): boolean {
    return this.#recent.some(({ selector, atMs }) => atMs >= sinceMs && selectsIdentity(selector, identity));
  }

  #act(selector: ConnectionSelector): void {
    const atMs = this.#clock.monotonicNow();
    this.#recent = this.#recent.filter((revocation) => atMs - revocation.atMs <= this.#rememberMs);
    this.#recent.push({ selector, atMs });
    this.#onRevoked(selector);
  }

  async dispose(): Promise<void> {
    await this.#subscribed;
    await this.#broker.unsubscribe(feedName, this.#receive);
  }

  readonly #receive = (entry: BrokerEntry): void => {
    try {
      const parsed = selectorSchema.safeParse(JSON.parse(entry.data ?? 'null'));
      if (parsed.success) this.#act(parsed.data);
    } catch (error) {
      this.#logger.error({ err: error }, 'a revocation could not be read');
    }
  };
}
