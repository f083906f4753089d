import { wireError, utf8Length } from '../protocol/encode.ts';
import type { SubscribeMode, SubscribeResultItem, WireErrorData } from '../protocol/frames.ts';
import type { ConnectionLimits } from '../protocol/limits.ts';

/** What a wish takes in a frame. */
interface Wish {
  readonly channel: string;
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly position: string | undefined;
}

/** Room for the frame around the items. */
const envelopeBytes = 200;
/** `{"channel":,"params":,"since":},` and the quotes of a position. */
const itemOverheadBytes = 40;

/** Splits wishes into frames that hold at most `maxSubscribeItems` and fit `maxPayloadBytes`; a larger one goes alone. */
export function splitItems<W extends Wish>(wishes: readonly W[], limits: ConnectionLimits): W[][] {
  const batches: W[][] = [];
  let bytes = Infinity;
  for (const wish of wishes) {
    const own =
      utf8Length(JSON.stringify([wish.channel, wish.params ?? null, wish.position ?? null])) + itemOverheadBytes;
    const last = batches.at(-1);
    if (
      last === undefined ||
      last.length >= limits.maxSubscribeItems ||
      bytes + own > limits.maxPayloadBytes - envelopeBytes
    ) {
      batches.push([wish]);
      bytes = own;
    } else {
      last.push(wish);
      bytes += own;
    }
  }
  return batches;
}

const modes: readonly unknown[] = ['recovered', 'snapshot', 'live'] satisfies SubscribeMode[];

/** The answers to `count` items, in their order; what cannot be read becomes a BAD_FRAME of its item. */
export function readSubscribeResult(result: unknown, count: number): SubscribeResultItem[] {
  const items = (result as { readonly items?: unknown } | null)?.items;
  return Array.from({ length: count }, (_, index) => readItem(Array.isArray(items) ? items[index] : undefined));
}

function readItem(item: unknown): SubscribeResultItem {
  if (typeof item === 'object' && item !== null) {
    const { ch, mode, position, error } = item as Readonly<Record<string, unknown>>;
    if (isWireError(error)) return { error };
    if (Number.isSafeInteger(ch) && (ch as number) > 0 && modes.includes(mode)) {
      const read = { ch: ch as number, mode: mode as SubscribeMode };
      if (position === undefined) return read;
      if (typeof position === 'string' && position !== '') return { ...read, position };
    }
  }
  return { error: wireError('BAD_FRAME', 'the server answered subscribe with something else than its result') };
}

function isWireError(error: unknown): error is WireErrorData {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message, retryable } = error as Readonly<Record<string, unknown>>;
  return typeof code === 'string' && typeof message === 'string' && typeof retryable === 'boolean';
}
