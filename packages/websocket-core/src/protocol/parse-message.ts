import { maxJsonDepth } from './limits.ts';

/** A text message that is one JSON object with a `type`. */
export interface RawFrame {
  readonly type: string;
  readonly [key: string]: unknown;
}

export type ParsedMessage =
  { readonly ok: true; readonly raw: RawFrame } | { readonly ok: false; readonly reason: string };

/**
 * Reads a text message as one JSON object with a string `type`. Refuses what no honest peer sends: other JSON,
 * a `__proto__` key at any depth, and nesting beyond `maxJsonDepth`. Never throws.
 */
export function parseMessage(text: string): ParsedMessage {
  if (isNestedDeeperThan(text, maxJsonDepth)) return refuse(`nested deeper than ${String(maxJsonDepth)}`);
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    return refuse('expected JSON');
  }
  if (mayHoldProtoKey(text) && holdsProtoKey(value)) return refuse('the key "__proto__" is not allowed');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('expected one JSON object');
  if (typeof (value as RawFrame).type !== 'string') return refuse('expected a string "type"');
  return { ok: true, raw: value as RawFrame };
}

function refuse(reason: string): ParsedMessage {
  return { ok: false, reason };
}

/**
 * A cheap look first: a search of the whole value takes as long as parsing it. Each letter of the key may be escaped, as
 * \u005f or \u006f to \u0074; encoders escape none of them, so that an honest text seldom matches.
 */
const protoKeyHint = /__proto__|\\u00[567]/;

function mayHoldProtoKey(text: string): boolean {
  return protoKeyHint.test(text);
}

/** Whether an object of a parsed value has the key; `JSON.parse` makes it a member like any other. As deep as the text is. */
function holdsProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsProtoKey);
  if (Object.hasOwn(value, '__proto__')) return true;
  for (const key in value) if (holdsProtoKey((value as Record<string, unknown>)[key])) return true;
  return false;
}

const quote = 0x22;
const backslash = 0x5c;

/** Whether arrays and objects nest deeper than `max`, by a scan that builds nothing. */
export function isNestedDeeperThan(text: string, max: number): boolean {
  // Each level takes an opening and a closing character.
  if (text.length <= 2 * max) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === quote) {
      index = endOfString(text, index + 1);
    } else if (unit === 0x7b || unit === 0x5b) {
      depth += 1;
      if (depth > max) return true;
    } else if (unit === 0x7d || unit === 0x5d) {
      depth -= 1;
    }
  }
  return false;
}

function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash && end - 1 - slashes >= from) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
