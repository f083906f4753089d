import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAcceptingPeerFrame, decodeConnectingPeerFrame, type Decoded } from '../../src/protocol/decode.ts';
import { guardAcceptingPeerFrame } from '../../src/protocol/guards.ts';
import { decodeLeb128 } from '../../src/protocol/leb128.ts';
import { maxJsonDepth } from '../../src/protocol/limits.ts';
import { isNestedDeeperThan, parseMessage } from '../../src/protocol/parse-message.ts';
import { acceptingPeerSchemas, connectingPeerSchemas } from '../../src/protocol/schemas.ts';
import { acceptingPeerFrame, anyJsonValue, anyText, connectingPeerFrame, damagedText } from '../support/frames.ts';
import { checkProperty, propertyTimeoutMs } from '../support/property.ts';

const decoders = [decodeConnectingPeerFrame, decodeAcceptingPeerFrame, guardAcceptingPeerFrame] as const;

/** Whether some object in `value` has an own key `__proto__`; without recursion, as the value may be deep. */
function holdsProtoKey(value: unknown): boolean {
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (Object.hasOwn(next, '__proto__')) return true;
    open.push(...(Object.values(next) as unknown[]).filter((member) => typeof member === 'object'));
  }
  return false;
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** What every verdict must keep, whatever came in. */
function expectSane(text: string, decoded: Decoded<{ readonly type: string }>): void {
  if (decoded.kind === 'malformed') {
    expect(decoded.reason.length).toBeLessThanOrEqual(100);
    return;
  }
  // Not malformed: so it was one JSON object with a type, shallow and without the key.
  const raw = JSON.parse(text) as { type: string };
  expect(raw.type.startsWith(decoded.kind === 'frame' ? decoded.frame.type : decoded.type)).toBe(true);
  expect(holdsProtoKey(raw)).toBe(false);
  expect(depthOf(raw)).toBeLessThanOrEqual(maxJsonDepth);
  if (decoded.kind === 'frame') expect(holdsProtoKey(decoded.frame)).toBe(false);
  else expect(decoded.type.length).toBeLessThanOrEqual(64);
  expect(Object.keys(Object.prototype)).toEqual([]);
}

/** Spells a key in JSON with some of its characters escaped. */
function spell(key: string, escaped: readonly boolean[], upper: boolean): string {
  const characters = [...key].map((character, index) => {
    const hex = (character.codePointAt(0) as number).toString(16).padStart(4, '0');
    return escaped[index] === true ? `\\u${upper ? hex.toUpperCase() : hex}` : character;
  });
  return `"${characters.join('')}"`;
}

describe('the decoders', { timeout: propertyTimeoutMs }, () => {
  it('[M2] [M6] never throw, and give a sane verdict on any text', () => {
    const texts = fc.oneof(anyText(connectingPeerFrame), anyText(acceptingPeerFrame));
    const property = fc.property(texts, (text) => {
      for (const decode of decoders) expectSane(text, decode(text));
    });
    checkProperty(property, 1_500);
  });

  it('[M2] refuse every frame that was cut off', () => {
    const cut = fc.tuple(connectingPeerFrame, fc.nat()).map(([frame, at]) => {
      const text = JSON.stringify(frame);
      return text.slice(0, at % text.length);
    });
    const property = fc.property(cut, (text) => {
      for (const decode of decoders) expect(decode(text)).toMatchObject({ kind: 'malformed' });
    });
    checkProperty(property, 300);
  });

  it('[M2] refuse several frames in one message', () => {
    const several = fc.array(connectingPeerFrame, { minLength: 2, maxLength: 4 });
    const property = fc.property(several, fc.constantFrom('', ' ', '\n', ',', '\u001e'), (frames, between) => {
      const text = frames.map((frame) => JSON.stringify(frame)).join(between);
      for (const each of [text, `[${text}]`])
        expect(decodeConnectingPeerFrame(each)).toMatchObject({ kind: 'malformed' });
    });
    checkProperty(property, 150);
  });

  it('[M3] refuse the key __proto__ at any depth, whichever of its characters are escaped', () => {
    const spelling = fc.record({
      escaped: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
      upper: fc.boolean(),
      value: anyJsonValue,
      around: fc.array(fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[1,', ',"b"]'], ['{"type":"x","b":', ',"c":0}']), {
        maxLength: 5,
      }),
    });
    const property = fc.property(spelling, ({ escaped, upper, value, around }) => {
      let inner = `{${spell('__proto__', escaped, upper)}:${JSON.stringify(value)}}`;
      for (const [before = '', after = ''] of around) inner = before + inner + after;
      const text = `{"type":"message","name":"m","data":${inner}}`;
      for (const decode of decoders) expect(decode(text)).toMatchObject({ kind: 'malformed' });
    });
    checkProperty(property, 500);
  });

  it('[M3] refuse what is nested deeper than 64 and nothing for its depth that is not', () => {
    const nesting = fc.record({
      depth: fc.integer({ min: 1, max: 200 }),
      kinds: fc.array(fc.constantFrom(['[', ']'], ['{"a":', '}'], ['["[{\\"[",', ']']), { minLength: 1, maxLength: 8 }),
    });
    const property = fc.property(nesting, ({ depth, kinds }) => {
      let [before, after] = ['', ''];
      for (let level = 0; level < depth; level += 1) {
        const [open, close] = kinds[level % kinds.length] as [string, string];
        before += open;
        after = close + after;
      }
      const text = `{"type":"message","name":"m","data":${before}1${after}}`;
      const expected = depth + 1 > maxJsonDepth ? 'malformed' : 'frame';
      for (const decode of decoders) expect(decode(text).kind).toBe(expected);
    });
    checkProperty(property, 300);
  });

  it('[M3] find the depth of any JSON as a walk through its value does', () => {
    const property = fc.property(anyJsonValue, fc.integer({ min: 0, max: 6 }), (value, max) => {
      const padded = JSON.stringify([value, ' '.repeat(30)]);
      expect(isNestedDeeperThan(padded, max)).toBe(depthOf([value]) > max);
    });
    checkProperty(property, 500);
  });

  it('take huge and deep messages in time that grows no faster than the message', () => {
    const bytes = 4 * 1024 * 1024;
    const unclosed = '['.repeat(bytes);
    const hostile = [
      unclosed,
      '{"a":'.repeat(bytes / 5),
      `{"type":"message","name":"m","data":"${'\\'.repeat(bytes)}"}`,
      `{"type":"message","name":"m","data":"${'\\"'.repeat(bytes / 2)}`,
      `"${'\\u005f'.repeat(bytes / 6)}"`,
      '"'.repeat(bytes),
      `{"type":"${'x'.repeat(bytes)}"}`,
      `{"type":"message","name":"m","data":[${'0,'.repeat(bytes / 2)}0]}`,
      `{"type":"message","name":"m","data":${'9'.repeat(bytes)}}`,
    ];
    for (const text of hostile) {
      const startedAt = performance.now();
      const decoded = decodeConnectingPeerFrame(text);
      // Each takes some 20 ms; anything quadratic would take minutes.
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      if (decoded.kind !== 'frame') expect(JSON.stringify(decoded).length).toBeLessThan(1_000);
    }
  });

  it('[M5] tell every type apart that they do not know, object members included', () => {
    const property = fc.property(
      fc.oneof(fc.string(), fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype))),
      (type) => {
        const text = JSON.stringify({ type, id: 3 });
        if (!Object.hasOwn(connectingPeerSchemas, type))
          expect(decodeConnectingPeerFrame(text)).toMatchObject({ kind: 'unknown', id: 3 });
        if (!Object.hasOwn(acceptingPeerSchemas, type))
          expect(guardAcceptingPeerFrame(text)).toMatchObject({ kind: 'unknown', id: 3 });
      },
    );
    checkProperty(property, 300);
  });

  it('read a damaged text as JSON.parse does, or not at all', () => {
    const property = fc.property(damagedText(connectingPeerFrame), (text) => {
      const parsed = parseMessage(text);
      if (parsed.ok) expect(parsed.raw).toEqual(JSON.parse(text));
    });
    checkProperty(property, 300);
  });
});

describe('stream ids', { timeout: propertyTimeoutMs }, () => {
  it('[M9] never make the reader throw or read more than five bytes', () => {
    const biased = fc.array(fc.oneof(fc.constantFrom(0x00, 0x7f, 0x80, 0x81, 0xff), fc.nat(255)), { maxLength: 10 });
    const property = fc.property(biased, fc.nat(12), (bytes, start) => {
      const result = decodeLeb128(Uint8Array.from(bytes), start);
      if (result.ok) {
        expect(result.end - start).toBeLessThanOrEqual(5);
        expect(result.end - start).toBeGreaterThanOrEqual(1);
        expect(result.value).toBeLessThanOrEqual(0xffff_ffff);
      } else {
        expect(['truncated', 'overlong', 'overflow']).toContain(result.failure);
      }
    });
    checkProperty(property, 1_000);
  });
});
