import { failure } from '../core/status-errors.ts';
import type { Status } from '../protocol/status.ts';
import type { Fault, FaultMatch, Faults } from './types.ts';

/** What faults match a request by. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
  readonly isContinued: boolean;
}

/** The faults of a server, and what is open on it. */
export interface FaultBox extends Faults {
  /** The faults that touch a request; each counts it. */
  take(facts: RequestFacts): readonly Fault[];
  /** Remembers a request until its undo, so that it can be cut. */
  open(facts: RequestFacts, destroy: () => void): () => void;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The Status that a fault answers with. */
export function faultStatus(fault: Extract<Fault, { kind: 'status' }>): Status {
  const reason = fault.reason ?? REASONS[fault.code] ?? 'Unknown';
  return failure(
    fault.code,
    reason,
    `a fault of this server answers ${String(fault.code)} ${reason}`,
    fault.retryAfterSeconds === undefined ? undefined : { retryAfterSeconds: fault.retryAfterSeconds },
  );
}

function fits(facts: RequestFacts, match: FaultMatch): boolean {
  const { path } = match;
  return (
    (path === undefined || (typeof path === 'string' ? path === facts.path : facts.path.search(path) >= 0)) &&
    (match.method === undefined || match.method.toUpperCase() === facts.method) &&
    (match.watch === undefined || match.watch === facts.isWatch) &&
    (match.continued === undefined || match.continued === facts.isContinued)
  );
}

/** Creates a box without faults. */
export function createFaultBox(): FaultBox {
  const faults = new Set<{ readonly fault: Fault; readonly match: FaultMatch; left: number }>();
  const openRequests = new Set<{ readonly facts: RequestFacts; readonly destroy: () => void }>();
  return {
    add(fault, match = {}) {
      const entry = { fault, match, left: match.times ?? Infinity };
      faults.add(entry);
      return () => {
        faults.delete(entry);
      };
    },
    clear() {
      faults.clear();
    },
    cutOpen(match = {}) {
      const cut = [...openRequests].filter(({ facts }) => fits(facts, match));
      for (const { destroy } of cut) destroy();
      return cut.length;
    },
    take(facts) {
      const taken: Fault[] = [];
      for (const entry of faults) {
        if (!fits(facts, entry.match)) continue;
        taken.push(entry.fault);
        entry.left -= 1;
        if (entry.left <= 0) faults.delete(entry);
      }
      return taken;
    },
    open(facts, destroy) {
      const entry = { facts, destroy };
      openRequests.add(entry);
      return () => {
        openRequests.delete(entry);
      };
    },
  };
}
