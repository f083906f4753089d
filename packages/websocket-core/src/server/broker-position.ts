import { FleetwireError } from '../core/errors.ts';

/** A position of a broker feed, taken apart. */
export interface BrokerPosition {
  readonly epoch: string;
  readonly offset: number;
}

/** Reads `epoch:offset`. Throws BAD_POSITION. */
export function parseBrokerPosition(position: string): BrokerPosition {
  const separator = position.lastIndexOf(':');
  const offset = Number(position.slice(separator + 1));
  if (separator < 1 || !Number.isSafeInteger(offset) || offset < 0) {
    throw new FleetwireError('BAD_POSITION', `expected a position epoch:offset, got ${JSON.stringify(position.slice(0, 64))}`);
  }
  return { epoch: position.slice(0, separator), offset };
}
