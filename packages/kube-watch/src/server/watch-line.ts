import { isPosition } from './position.ts';

/** What one line of a watch is. `unsafe` is JSON that receivers of `fleetwire.v1` refuse: `__proto__`, or too deep. */
export type WatchLineKind = 'event' | 'bookmark' | 'error' | 'unsafe' | 'invalid';

/**
 * Levels that an event may have: receivers refuse frames deeper than 64, and a frame, its data and the list of events
 * are three (websocket-core, rule M3).
 */
export const maxEventDepth = 61;

/** Deeper JSON is not even looked at. */
const maxDepth = 10_000;

const expectValue = 0;
const expectValueOrEnd = 1;
const expectKey = 2;
const expectKeyOrEnd = 3;
const expectComma = 4;

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;
const underscore = 0x5f;

const eventTypes: Readonly<Record<string, WatchLineKind>> = {
  ADDED: 'event',
  MODIFIED: 'event',
  DELETED: 'event',
  BOOKMARK: 'bookmark',
  ERROR: 'error',
};

/** 1 for the bytes that stand for themselves within a string. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === quote || byte === backslash ? 0 : 1,
);

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const literals = { 0x74: bytesOf('true'), 0x66: bytesOf('false'), 0x6e: bytesOf('null') } as const;
const keyType = bytesOf('type');
const keyObject = bytesOf('object');
const keyMetadata = bytesOf('metadata');
const keyVersion = bytesOf('resourceVersion');
const keyProto = bytesOf('__proto__');

/**
 * Checks that a line is one JSON value (RFC 8259) and finds `type` and `object.metadata.resourceVersion` in it, in one
 * pass over the bytes that builds nothing. What passes can be put into a frame as it is: a line that only looked like
 * JSON would break the frames of every subscriber. Where a key comes twice the last counts, as for `JSON.parse`.
 */
export class WatchLineScanner {
  /** Of the last line, `object.metadata.resourceVersion` where it can be a position. */
  resourceVersion: string | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  #isEscaped = false;
  readonly #isObject = new Uint8Array(maxDepth + 1);

  /** What the bytes from `start` to `end` are. */
  scan(bytes: Buffer, start: number, end: number): WatchLineKind {
    this.#bytes = bytes;
    this.#end = end;
    this.resourceVersion = undefined;
    const isObject = this.#isObject;
    let type: string | undefined;
    let holdsObject = false;
    let isUnsafe = false;
    let depth = 0;
    let expecting = expectValue;
    // 1 in the event, 2 in its `object`, 3 in the `metadata` of that; `leadsTo` is where a brace would lead.
    let pathDepth = 1;
    let leadsTo = 0;
    // What the value that comes next is: 1 the type, 2 the resourceVersion.
    let wanted = 0;
    let index = start;

    while (index < end) {
      const byte = bytes[index] as number;
      if (expecting === expectComma) {
        if (byte === comma && depth > 0) {
          expecting = isObject[depth] === 1 ? expectKey : expectValue;
        } else if (byte === (isObject[depth] === 1 ? closeBrace : closeBracket) && depth > 0) {
          depth -= 1;
          if (depth < pathDepth) pathDepth = Math.max(1, depth);
        } else if (!isSpace(byte)) {
          return 'invalid';
        }
        index += 1;
        continue;
      }
      if (expecting === expectKey || expecting === expectKeyOrEnd) {
        if (byte !== quote) {
          if (byte === closeBrace && expecting === expectKeyOrEnd) {
            depth -= 1;
            if (depth < pathDepth) pathDepth = Math.max(1, depth);
            expecting = expectComma;
          } else if (!isSpace(byte)) {
            return 'invalid';
          }
          index += 1;
          continue;
        }
        const from = index + 1;
        index = from;
        while (isPlain[bytes[index] as number] === 1) index += 1;
        this.#isEscaped = bytes[index] !== quote;
        if (this.#isEscaped || index >= end) index = this.#endOfString(index);
        if (index < 0) return 'invalid';
        if ((bytes[from] === underscore || this.#isEscaped) && this.#is(from, index, keyProto)) isUnsafe = true;
        if (depth === pathDepth) {
          if (depth === 1) {
            if (this.#is(from, index, keyType)) {
              type = undefined;
              wanted = 1;
            } else if (this.#is(from, index, keyObject)) {
              this.resourceVersion = undefined;
              holdsObject = false;
              leadsTo = 2;
            }
          } else if (depth === 2) {
            if (this.#is(from, index, keyMetadata)) {
              this.resourceVersion = undefined;
              leadsTo = 3;
            }
          } else if (depth === 3 && this.#is(from, index, keyVersion)) {
            this.resourceVersion = undefined;
            wanted = 2;
          }
        }
        index = bytes[index + 1] === colon ? index + 2 : this.#afterColon(index + 1);
        if (index < 0) return 'invalid';
        expecting = expectValue;
        continue;
      }
      // A value.
      if (byte === quote) {
        const from = index + 1;
        index = from;
        while (isPlain[bytes[index] as number] === 1) index += 1;
        this.#isEscaped = bytes[index] !== quote;
        if (this.#isEscaped || index >= end) index = this.#endOfString(index);
        if (index < 0) return 'invalid';
        if (wanted === 1) type = this.#text(from, index);
        else if (wanted === 2) this.resourceVersion = this.#text(from, index);
        index += 1;
        expecting = expectComma;
      } else if (byte === openBrace) {
        depth += 1;
        if (depth > maxDepth) return 'invalid';
        isObject[depth] = 1;
        if (leadsTo === depth) {
          pathDepth = depth;
          if (depth === 2) holdsObject = true;
        }
        index += 1;
        expecting = expectKeyOrEnd;
      } else if (byte === openBracket) {
        depth += 1;
        if (depth > maxDepth) return 'invalid';
        isObject[depth] = 0;
        index += 1;
        expecting = expectValueOrEnd;
      } else if (byte === closeBracket && expecting === expectValueOrEnd) {
        depth -= 1;
        index += 1;
        expecting = expectComma;
      } else if (isSpace(byte)) {
        index += 1;
        continue;
      } else {
        index = byte === 0x2d || (byte >= 0x30 && byte <= 0x39) ? this.#endOfNumber(index) : this.#endOfLiteral(index);
        if (index < 0) return 'invalid';
        expecting = expectComma;
      }
      if (depth > maxEventDepth) isUnsafe = true;
      wanted = 0;
      leadsTo = 0;
    }
    if (depth !== 0 || expecting !== expectComma || type === undefined || !holdsObject) return 'invalid';
    if (!isPosition(this.resourceVersion)) this.resourceVersion = undefined;
    const kind = Object.hasOwn(eventTypes, type) ? (eventTypes[type] as WatchLineKind) : 'invalid';
    return kind === 'event' && isUnsafe ? 'unsafe' : kind;
  }

  /** Index of the closing quote of a string that goes on at `from`, or -1. */
  #endOfString(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let index = from;
    for (;;) {
      while (isPlain[bytes[index] as number] === 1) index += 1;
      if (index >= end) return -1;
      if (bytes[index] === quote) return index;
      if (bytes[index] !== backslash) return -1;
      index = this.#endOfEscape(index + 1);
      if (index < 0) return -1;
    }
  }

  #endOfEscape(index: number): number {
    const byte = index < this.#end ? (this.#bytes[index] as number) : 0;
    if (byte === 0x75) {
      for (let digit = index + 1; digit <= index + 4; digit += 1) {
        if (digit >= this.#end || !isHex(this.#bytes[digit] as number)) return -1;
      }
      return index + 5;
    }
    // " \ / b f n r t
    const isSimple =
      byte === quote ||
      byte === backslash ||
      byte === 0x2f ||
      byte === 0x62 ||
      byte === 0x66 ||
      byte === 0x6e ||
      byte === 0x72 ||
      byte === 0x74;
    return isSimple ? index + 1 : -1;
  }

  #afterColon(from: number): number {
    for (let index = from; index < this.#end; index += 1) {
      const byte = this.#bytes[index] as number;
      if (byte === colon) return index + 1;
      if (!isSpace(byte)) return -1;
    }
    return -1;
  }

  #endOfLiteral(from: number): number {
    const literal = literals[this.#bytes[from] as keyof typeof literals] as Uint8Array | undefined;
    if (literal === undefined || from + literal.length > this.#end) return -1;
    for (let offset = 1; offset < literal.length; offset += 1) {
      if (this.#bytes[from + offset] !== literal[offset]) return -1;
    }
    return from + literal.length;
  }

  #endOfNumber(from: number): number {
    let index = this.#bytes[from] === 0x2d ? from + 1 : from;
    if (index < this.#end && this.#bytes[index] === 0x30) index += 1;
    else index = this.#afterDigits(index);
    if (index > 0 && index < this.#end && this.#bytes[index] === 0x2e) index = this.#afterDigits(index + 1);
    if (index > 0 && index < this.#end && ((this.#bytes[index] as number) | 0x20) === 0x65) {
      index += 1;
      const sign = this.#bytes[index];
      index = this.#afterDigits(index < this.#end && (sign === 0x2b || sign === 0x2d) ? index + 1 : index);
    }
    return index;
  }

  /** Index after one or more digits, or -1. */
  #afterDigits(from: number): number {
    let index = from;
    while (index < this.#end && (this.#bytes[index] as number) >= 0x30 && (this.#bytes[index] as number) <= 0x39) {
      index += 1;
    }
    return index === from ? -1 : index;
  }

  /** Whether the string that was just passed is this key; an escaped spelling counts. */
  #is(from: number, to: number, key: Uint8Array): boolean {
    if (this.#isEscaped) return this.#text(from, to) === String.fromCharCode(...key);
    if (to - from !== key.length) return false;
    for (let offset = 0; offset < key.length; offset += 1) {
      if (this.#bytes[from + offset] !== key[offset]) return false;
    }
    return true;
  }

  #text(from: number, to: number): string {
    const text = this.#bytes.toString('utf8', from, to);
    return this.#isEscaped ? (JSON.parse(`"${text}"`) as string) : text;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isHex(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}
