import * as z from 'zod/mini';
import type { Broker, BrokerEntry } from '../core/broker.ts';
import { FleetwireError } from '../core/errors.ts';
import { brokerFeedName, systemScopeKey } from './broker-channel.ts';
import type { ConnectionSelector, Logger } from './types.ts';

const feedName = brokerFeedName(systemScopeKey, 'sys/revocations', undefined);

const member = z.optional(z.string());
const selectorSchema = z.object({ connectionId: member, orgId: member, userId: member, jti: member, agentId: member });

/** Carries revocations to every replica that shares the broker, this one included. */
export class Revocations {
  readonly #broker: Broker;
  readonly #logger: Logger;
  readonly #onRevoked: (selector: ConnectionSelector) => void;
  readonly #subscribed: Promise<unknown>;

  constructor(broker: Broker, logger: Logger, onRevoked: (selector: ConnectionSelector) => void) {
    this.#broker = broker;
    this.#logger = logger;
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
    this.#onRevoked(selector);
    await this.#broker.publish(feedName, JSON.stringify(selector));
  }

  async dispose(): Promise<void> {
    await this.#subscribed;
    await this.#broker.unsubscribe(feedName, this.#receive);
  }

  readonly #receive = (entry: BrokerEntry): void => {
    try {
      const parsed = selectorSchema.safeParse(JSON.parse(entry.data ?? 'null'));
      if (parsed.success) this.#onRevoked(parsed.data);
    } catch (error) {
      this.#logger.error({ err: error }, 'a revocation could not be read');
    }
  };
}
