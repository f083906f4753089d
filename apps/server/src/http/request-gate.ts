import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOf } from '@fleetwire/websocket-core/server';

/** What probes ask for, also of a server that drains. */
const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** When to ask again: another server may serve already, or this one be back soon. */
const retryAfterSeconds = 1;

/** Knows the requests under way, so that they may finish while no new ones begin. */
export interface RequestGate {
  /** Whether a request may begin. One that may not has its answer: 503. */
  admit(request: IncomingMessage, response: ServerResponse): boolean;
  /** Seconds for `Retry-After` of upgrades that are refused; undefined while they are not. */
  refusesUpgradesFor(): number | undefined;
  /** Waits for this answer before the end; answers that do not end by themselves are not told to it. */
  track(response: ServerResponse): void;
  /** Lets no more begin; resolves when nothing is under way, or at the deadline. */
  close(deadlineMs: number): Promise<void>;
}

/** Creates a gate that is open. */
export function createRequestGate(): RequestGate {
  const underWay = new Set<ServerResponse>();
  let isClosed = false;
  let onIdle = (): void => undefined;
  return {
    admit(request, response) {
      if (!isClosed || probes.has(pathOf(request.url ?? ''))) return true;
      refuse(response);
      return false;
    },
    refusesUpgradesFor: () => (isClosed ? retryAfterSeconds : undefined),
    track(response) {
      underWay.add(response);
      response.on('close', () => {
        underWay.delete(response);
        if (underWay.size === 0) onIdle();
      });
    },
    async close(deadlineMs) {
      isClosed = true;
      // Their connections end with them: clients ask elsewhere next.
      for (const response of underWay) if (!response.headersSent) response.setHeader('Connection', 'close');
      if (underWay.size === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadlineMs);
        onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}

function refuse(response: ServerResponse): void {
  const detail = 'the server is about to stop';
  const body = { type: 'about:blank', title: 'Service Unavailable', status: 503, detail, code: 'DRAINING' };
  response.writeHead(503, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Retry-After': String(retryAfterSeconds),
    // The rest of the body is not wanted.
    Connection: 'close',
  });
  response.end(JSON.stringify({ ...body, retryAfterMs: retryAfterSeconds * 1000 }));
}
