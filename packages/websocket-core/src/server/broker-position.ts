import { FleetwireError } from '../core/errors.ts';

/** A position of a broker feed, taken apart. */
export interface BrokerPosition {
  readonly epoch: string;
  readonly offset: number;
}

const form = /^(.+):(0|[1-9][0-9]{0,15})$/;

/** Reads `epoch:offset`. Throws BAD_POSITION. */
export function parseBrokerPosition(position: string): BrokerPosition {
  const [, epoch, offset] = form.exec(position) ?? [];
  if (epoch === undefined || offset === undefined) {
    throw new FleetwireError(
      'BAD_POSITION',
      `expected a position epoch:offset, got ${JSON.stringify(position.slice(0, 64))}`,
    );
  }
  return { epoch, offset: Number(offset) };
}
