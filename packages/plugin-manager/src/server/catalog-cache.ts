import { systemClock, type Clock } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { Metadata, MetadataRequest } from '../node/fetch/create-fetcher.ts';
import { stopError } from '../node/fetch/retries.ts';
import { parseJson, type MetadataFetcher } from '../node/sources/fetch-json.ts';
import { PluginError } from '../protocol/error.ts';

/** How long an answer is taken for the one of now. */
export const freshMs = 60_000;
/** How long an answer is given where its host cannot give another. */
export const staleMs = 600_000;
/** How long a host that has just failed is not asked for what is known. */
export const afterFailureMs = 10_000;
/** Longest wait that a `Retry-After` may ask for. */
export const maxPauseMs = 60_000;
/** Answers that are kept, and their UTF-16 code units together; those that were asked for longest ago go first. */
export const maxAnswers = 200;
export const maxAnswerUnits = 16_777_216;

interface Answer {
  readonly metadata: Metadata;
  readonly at: number;
}

/** Somebody asks, for all who want the same meanwhile. */
interface Flight {
  readonly answer: Promise<Metadata>;
  readonly controller: AbortController;
  askers: number;
}

/** A host that has failed. */
interface Pause {
  readonly until: number;
  /** It said itself when to come again. */
  readonly isWished: boolean;
}

/** Who answers with what is no answer may well stand between: the host itself will give one. */
function isPassing({ retryable, code }: PluginError): boolean {
  return retryable || code === 'E_RESPONSE_INVALID';
}

/**
 * The same fetcher for what is only looked at: answers with status 200 are kept for a minute, and who asks for the same at
 * the same time shares one request, which is given up when nobody waits for it any more. Where a host fails for now, or
 * what comes is no JSON (the page of a network that wants a sign-in, half an answer), what it said within ten minutes is
 * given; a host that asks for time (`Retry-After`) gets it, a minute at most. No other failure is kept. What a policy calls
 * local is always asked: a change of it is seen at once, and nobody counts requests.
 */
export function createCatalogCache(
  fetcher: MetadataFetcher,
  logger: Logger,
  clock: Clock = systemClock,
): MetadataFetcher {
  const answers = new Map<string, Answer>();
  const flights = new Map<string, Flight>();
  const pauses = new Map<string, Pause>();

  function keep(key: string, metadata: Metadata): void {
    const now = clock.monotonicNow();
    answers.delete(key);
    // It would take the place of all others.
    if (metadata.text.length > maxAnswerUnits) return;
    answers.set(key, { metadata, at: now });
    for (const [known, { at }] of answers) if (now - at >= staleMs) answers.delete(known);
    let units = [...answers.values()].reduce((sum, answer) => sum + answer.metadata.text.length, 0);
    for (const [oldest, answer] of answers) {
      if (answers.size <= maxAnswers && units <= maxAnswerUnits) break;
      answers.delete(oldest);
      units -= answer.metadata.text.length;
    }
  }

  /** Of that age at most; it goes last then. */
  function find(key: string, ageMs: number): Metadata | undefined {
    const found = answers.get(key);
    if (found === undefined || clock.monotonicNow() - found.at >= ageMs) return undefined;
    answers.delete(key);
    answers.set(key, found);
    return found.metadata;
  }

  async function ask(key: string, request: MetadataRequest): Promise<Metadata> {
    const { origin } = new URL(request.url);
    try {
      const metadata = await fetcher.metadata(request);
      const { status, text, headers } = metadata;
      if (status === 200) parseJson(text, request.url, undefined, headers['content-type']);
      pauses.delete(origin);
      if (status === 200) keep(key, metadata);
      else answers.delete(key);
      return metadata;
    } catch (error) {
      if (!(error instanceof PluginError) || !isPassing(error) || request.signal.aborted) throw error;
      const { retryAfterMs } = error;
      const pauseMs = retryAfterMs === undefined ? afterFailureMs : Math.min(retryAfterMs, maxPauseMs);
      pauses.set(origin, { until: clock.monotonicNow() + pauseMs, isWished: retryAfterMs !== undefined });
      const stale = find(key, staleMs);
      if (stale === undefined) throw error;
      // Whoever looks at the page is not told.
      logger.warn({ err: error, origin }, 'a catalog does not answer: what it said before is shown');
      return stale;
    }
  }

  /** What is known while the host is let be; undefined where it is to be asked. Throws where it wished not to be. */
  function duringPause(key: string, url: string): Metadata | undefined {
    const { origin } = new URL(url);
    const pause = pauses.get(origin);
    const waitMs = (pause?.until ?? 0) - clock.monotonicNow();
    if (pause === undefined || waitMs <= 0) {
      pauses.delete(origin);
      return undefined;
    }
    const stale = find(key, staleMs);
    if (stale !== undefined || !pause.isWished) return stale;
    const message = `${origin} wants no more requests for now: it is asked again in ${String(Math.ceil(waitMs / 1_000))} s`;
    const details = { url: origin };
    throw new PluginError('E_HTTP_STATUS', message, {
      ...{ phase: 'resolve', retryable: true, retryAfterMs: waitMs, details },
    });
  }

  function flightFor(key: string, request: MetadataRequest): Flight {
    const under = flights.get(key);
    if (under !== undefined) return under;
    const controller = new AbortController();
    const answer = ask(key, { ...request, signal: controller.signal });
    const flight = { answer, controller, askers: 0 };
    flights.set(key, flight);
    const land = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    answer.then(land, land);
    return flight;
  }

  /** Waits for as long as this one asker does. */
  function join(key: string, flight: Flight, { signal }: MetadataRequest): Promise<Metadata> {
    flight.askers += 1;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        flight.askers -= 1;
        if (flight.askers === 0) {
          if (flights.get(key) === flight) flights.delete(key);
          flight.controller.abort();
        }
        reject(stopError(signal, 'resolve'));
      };
      signal.addEventListener('abort', leave, { once: true });
      const ended = (): void => {
        signal.removeEventListener('abort', leave);
      };
      flight.answer.finally(ended).then(resolve, reject);
    });
  }

  return {
    async metadata(request) {
      const { url, policy, headers, maxBytes, signal } = request;
      if (policy.isLocal) return fetcher.metadata(request);
      if (signal.aborted) throw stopError(signal, 'resolve');
      const key = JSON.stringify([url, policy, headers, maxBytes]);
      const known = find(key, freshMs) ?? duringPause(key, url);
      return known ?? join(key, flightFor(key, request), request);
    },
  };
}
