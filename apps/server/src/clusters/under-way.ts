import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { UserIdentity } from '../accounts/access-token.ts';
import type { AccessSelector } from '../parts.ts';

/** Longest time between two looks at whether the right to something that runs is still there. */
const lookMs = 60_000;

/** What requests for clusters are under way, by whom; each is cut when the right to it ends. */
export interface UnderWay {
  /**
   * Finds out whose a request is, again when access changes meanwhile, and keeps an eye on its stream from then on.
   * Undefined when it is nobody's.
   */
  admit(
    stream: Duplex | ServerResponse,
    identify: () => Promise<UserIdentity | undefined>,
  ): Promise<UserIdentity | undefined>;
  /** Cuts what runs for these users. Their clients come back and are checked anew. */
  accessChanged(selector: AccessSelector): void;
}

/**
 * Creates it. `isAlive` tells whether the sign-in or the personal token of an identity is still there. An access token
 * opens what may run for longer than its ten minutes, a shell say, and which lasts as long as the sign-in; what a
 * personal token opens ends when that expires.
 */
export function createUnderWay(isAlive: (identity: UserIdentity) => Promise<boolean>, logger: Logger): UnderWay {
  const running = new Map<Duplex | ServerResponse, UserIdentity>();
  const timers = new Map<Duplex | ServerResponse, NodeJS.Timeout>();
  /** What changed while requests are checked, for each of them. */
  const checking = new Set<AccessSelector[]>();

  const lookLater = (stream: Duplex | ServerResponse, identity: UserIdentity): void => {
    const { proof, expiresAt } = identity;
    const leftMs = proof === 'personal-token' && expiresAt !== undefined ? expiresAt - Date.now() : lookMs;
    const timer = setTimeout(
      () => {
        void look(stream, identity);
      },
      Math.min(Math.max(0, leftMs), lookMs),
    );
    timer.unref();
    timers.set(stream, timer);
  };
  const look = async (stream: Duplex | ServerResponse, identity: UserIdentity): Promise<void> => {
    const alive = await isAlive(identity).catch((error: unknown) => {
      logger.warn({ err: error }, 'it could not be looked up whether a sign-in is still there');
      return true;
    });
    if (!running.has(stream)) return;
    if (alive) lookLater(stream, identity);
    else stream.destroy();
  };

  return {
    async admit(stream, identify) {
      const changes: AccessSelector[] = [];
      checking.add(changes);
      try {
        for (;;) {
          changes.length = 0;
          const identity = await identify();
          if (identity === undefined) return undefined;
          if (changes.some((selector) => fits(selector, identity))) continue;
          if (stream.destroyed) return identity;
          running.set(stream, identity);
          stream.once('close', () => {
            running.delete(stream);
            clearTimeout(timers.get(stream));
            timers.delete(stream);
          });
          lookLater(stream, identity);
          return identity;
        }
      } finally {
        checking.delete(changes);
      }
    },
    accessChanged(selector) {
      for (const changes of checking) changes.push(selector);
      for (const [stream, identity] of running) if (fits(selector, identity)) stream.destroy();
    },
  };
}

function fits({ orgId, userId, jti }: AccessSelector, identity: UserIdentity): boolean {
  return (
    (orgId === undefined || identity.orgId === orgId) &&
    (userId === undefined || identity.userId === userId) &&
    (jti === undefined || identity.jti === jti)
  );
}
