import { describe, expect, it } from 'vitest';
import { maxJsonDepth } from './limits.ts';
import { isNestedDeeperThan, parseMessage } from './parse-message.ts';

describe('what a frame is', () => {
  it('[M2] is one JSON object with a string type', () => {
    expect(parseMessage('{"type":"ping","t":1}')).toEqual({ ok: true, raw: { type: 'ping', t: 1 } });
    expect(parseMessage(' \n{"type":""} ')).toEqual({ ok: true, raw: { type: '' } });
  });

  const notFrames = [
    '',
    ' ',
    'null',
    '1',
    '"ping"',
    '[]',
    '[{"type":"ping"}]',
    '{}',
    '{"type":1}',
    '{"type":null}',
    '{"type":["ping"]}',
    '{"type":"ping"',
    '{"type":"ping"}{"type":"ping"}',
    '{"type":"ping"}\n{"type":"ping"}',
    "{type:'ping'}",
    '{"type":"ping",}',
    '{"type":"ping","t":NaN}',
    '\ufeff{"type":"ping"}',
  ];
  it.each(notFrames)('[M2] is not %j', (text) => {
    expect(parseMessage(text)).toEqual({ ok: false, reason: expect.any(String) as string });
  });
});

describe('the key __proto__', () => {
  const spellings = [
    '{"type":"ping","__proto__":{}}',
    '{"__proto__":null,"type":"ping"}',
    '{"type":"message","data":{"a":[{"__proto__":1}]}}',
    String.raw`{"type":"ping","\u005f_proto__":{}}`,
    String.raw`{"type":"ping","\u005F\u005F\u0070roto\u005f\u005f":{}}`,
    String.raw`{"type":"ping","_\u005fproto_\u005F":{}}`,
    String.raw`{"type":"ping","__pr\u006fto__":{}}`,
    String.raw`{"type":"ping","__\u0070\u0072\u006f\u0074\u006f__":{}}`,
  ];
  it.each(spellings)('[M3] makes no frame of %s', (text) => {
    expect(parseMessage(text)).toMatchObject({ ok: false });
  });

  it('[M3] may be a value, and part of a longer key', () => {
    const text = String.raw`{"type":"message","data":{"name":"__proto__","__proto__2":1,"\u005funderscore":2}}`;
    expect(parseMessage(text)).toMatchObject({ ok: true });
  });

  it('[M3] leaves no prototype changed', () => {
    parseMessage('{"type":"ping","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('nesting', () => {
  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

  it('[M3] may be 64 deep, the frame itself included, and no deeper', () => {
    const frame = (depth: number) => `{"type":"message","data":${nested('[', ']', depth - 1)}}`;
    expect(parseMessage(frame(maxJsonDepth))).toMatchObject({ ok: true });
    expect(parseMessage(frame(maxJsonDepth + 1))).toMatchObject({ ok: false });
  });

  it('[M3] counts objects and arrays, not brackets in strings', () => {
    const strings = JSON.stringify({ type: 'message', data: [`${'['.repeat(200)}"\\`, '{'.repeat(200), '\\"[[['] });
    expect(isNestedDeeperThan(strings, 2)).toBe(false);
    expect(parseMessage(strings)).toMatchObject({ ok: true });
    expect(isNestedDeeperThan(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, 64)).toBe(true);
    expect(isNestedDeeperThan(JSON.stringify([[[]], [[]], [[]]]), 3)).toBe(false);
  });

  it('[M3] is refused without building what is nested a million deep', () => {
    expect(parseMessage(`{"type":"message","data":${'['.repeat(1_000_000)}`)).toMatchObject({ ok: false });
    expect(parseMessage(nested('{"a":', '}', 200_000))).toMatchObject({ ok: false });
  });
});
