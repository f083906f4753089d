import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxEventDepth, WatchLineScanner } from './watch-line.ts';

function scan(line: string): { kind: string; resourceVersion: string | undefined } {
  const scanner = new WatchLineScanner();
  const bytes = Buffer.from(`x${line}\n`);
  const kind = scanner.scan(bytes, 1, bytes.length - 1);
  return { kind, resourceVersion: scanner.resourceVersion };
}

/** The same by JSON.parse, which is slower and certainly right. */
function parse(line: string): { kind: string; resourceVersion: string | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'invalid', resourceVersion: undefined };
  }
  const isObject = (candidate: unknown): candidate is Record<string, unknown> =>
    typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate);
  const type = isObject(value) ? value['type'] : undefined;
  const object = isObject(value) ? value['object'] : undefined;
  const kinds: Record<string, string> = {
    ADDED: 'event',
    MODIFIED: 'event',
    DELETED: 'event',
    BOOKMARK: 'bookmark',
    ERROR: 'error',
  };
  const known = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (known === undefined || !isObject(object)) return { kind: 'invalid', resourceVersion: undefined };
  const metadata = object['metadata'];
  const version = isObject(metadata) ? metadata['resourceVersion'] : undefined;
  return {
    kind: known === 'event' && isUnsafe(value, 1) ? 'unsafe' : known,
    resourceVersion: typeof version === 'string' ? version : undefined,
  };
}

function isUnsafe(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > maxEventDepth) return true;
  if (Object.hasOwn(value, '__proto__') && !Array.isArray(value)) return true;
  return Object.values(value).some((member) => isUnsafe(member, depth + 1));
}

const event = (object: unknown, type = 'ADDED'): string => JSON.stringify({ type, object });

describe('a line of a watch', () => {
  it.each([
    ['in the usual order', event({ kind: 'Pod', metadata: { name: 'a', resourceVersion: '42' } }), '42'],
    ['with the object first', '{"object":{"metadata":{"resourceVersion":"42"}},"type":"ADDED"}', '42'],
    [
      'after metadata of a template',
      event({ spec: { template: { metadata: { resourceVersion: '1' } } }, metadata: { resourceVersion: '42' } }),
      '42',
    ],
    [
      'before metadata of a template',
      event({ metadata: { resourceVersion: '42' }, spec: { metadata: { resourceVersion: '1' } } }),
      '42',
    ],
    [
      'beside nested metadata',
      event({ metadata: { metadata: { resourceVersion: '1' }, resourceVersion: '42' } }),
      '42',
    ],
    [
      'after an annotation of its name',
      event({ metadata: { annotations: { resourceVersion: '1' }, resourceVersion: '42' } }),
      '42',
    ],
    [
      'in a list of the same',
      event({ items: [{ metadata: { resourceVersion: '1' } }], metadata: { resourceVersion: '42' } }),
      '42',
    ],
    [
      'inside a string',
      event({ note: '"metadata":{"resourceVersion":"1"}', metadata: { resourceVersion: '42' } }),
      '42',
    ],
    ['after a string that ends with a backslash', event({ note: 'a\\', metadata: { resourceVersion: '42' } }), '42'],
    [
      'spelt with escapes',
      '{"\\u0074ype":"\\u0041DDED","object":{"meta\\u0064ata":{"resourceVersion":"4\\u0032"}}}',
      '42',
    ],
    ['among white space', ' { "type" :\t"ADDED" , "object" : { "metadata" : { "resourceVersion" : "42" } } } \r', '42'],
    [
      'twice: the last counts',
      '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"},"metadata":{"resourceVersion":"42"}}}',
      '42',
    ],
    [
      'in an object that comes twice',
      '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}},"object":{"metadata":{}}}',
      undefined,
    ],
    ['as a number', '{"type":"ADDED","object":{"metadata":{"resourceVersion":42}}}', undefined],
    ['in UTF-8', event({ metadata: { name: 'größe-😀', resourceVersion: '42' } }), '42'],
  ])('[G2] shows its resourceVersion %s', (_name, line, expected) => {
    expect(scan(line)).toEqual({ kind: 'event', resourceVersion: expected });
    expect(parse(line).resourceVersion).toBe(expected);
  });

  it.each([
    '',
    'not json',
    '[]',
    '"ADDED"',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":[]}',
    '{"type":"ADDED","object":null}',
    '{"type":"OTHER","object":{}}',
    '{"type":"constructor","object":{}}',
    '{"type":["ADDED"],"object":{}}',
    '{"type":"ADDED","object":{}}}',
    '{"type":"ADDED","object":{}}],"more":[{}',
    '{"type":"ADDED","object":{},}',
    '{"type":"ADDED","object":{"a":tru}}',
    '{"type":"ADDED","object":{"a":01}}',
    '{"type":"ADDED","object":{"a":1.}}',
    '{"type":"ADDED","object":{"a":1e}}',
    '{"type":"ADDED","object":{"a":+1}}',
    '{"type":"ADDED","object":{"a":"\\x"}}',
    '{"type":"ADDED","object":{"a":"\\u12g4"}}',
    '{"type":"ADDED","object":{"a":"\u0001"}}',
    '{"type":"ADDED","object":{"a" "b"}}',
    '{"type":"ADDED","object":{a:1}}',
    '{"type":"ADDED","object":{"a":[1,]}}',
    '{"type":"ADDED","object":{"a":[1 2]}}',
    '{"type":"ADDED","object":{"a":]}}',
    '{"type":"ADDED","object":{"a":1}} {}',
  ])('[G2] is refused when it would break the frame that it is put into: %s', (line) => {
    expect(scan(line).kind).toBe('invalid');
    expect(parse(line).kind).toBe('invalid');
  });

  it('[G2] is told apart when receivers of a frame would refuse it', () => {
    expect(scan('{"type":"ADDED","object":{"data":{"__proto__":{}}}}').kind).toBe('unsafe');
    expect(scan('{"type":"ADDED","object":{"data":{"\\u005f_proto__":1}}}').kind).toBe('unsafe');
    const nested = (levels: number): string =>
      `{"type":"ADDED","object":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`;
    expect(scan(nested(maxEventDepth - 1)).kind).toBe('event');
    expect(scan(nested(maxEventDepth)).kind).toBe('unsafe');
    expect(scan(nested(20_000)).kind).toBe('invalid');
  });

  it('[G2] is understood as by JSON.parse, whatever it holds', () => {
    const key = fc.oneof(
      fc.constantFrom('type', 'object', 'metadata', 'resourceVersion', '__proto__', 'a"b\\'),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.oneof(
          fc.constantFrom('ADDED', 'BOOKMARK', 'ERROR', '7'),
          fc.string({ unit: 'grapheme' }),
          fc.double(),
          fc.boolean(),
          fc.constant(null),
        ),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
      ),
    }));
    const likely = fc.record(
      {
        type: fc.oneof(fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'), value),
        object: value,
        metadata: value,
      },
      { requiredKeys: [] },
    );
    const spaces = fc.constantFrom(0, 1, '\t');
    fc.assert(
      fc.property(fc.oneof(value, likely), spaces, (candidate, space) => {
        // A line holds no line ends.
        const line = (JSON.stringify(candidate, null, space) ?? '').replaceAll('\n', ' ');
        expect(scan(line).kind).toBe(parse(line).kind);
        if (parse(line).kind !== 'invalid') expect(scan(line)).toEqual(parse(line));
      }),
      { numRuns: 2_000 },
    );
  });

  it('[G2] is understood as by JSON.parse when a byte of it is wrong', () => {
    const line = event({ metadata: { name: 'a\n"\\é', resourceVersion: '42', n: [-1.5e3, true, null, {}] } });
    fc.assert(
      fc.property(
        fc.nat(line.length - 1),
        fc.constantFrom('', '"', '\\', '{', '}', ',', ':', '0', 'e', ' ', '[', ']', '\u0000'),
        (at, put) => {
          const broken = line.slice(0, at) + put + line.slice(at + 1);
          expect(scan(broken).kind).toBe(parse(broken).kind);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
