import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TableResponse } from '../protocol/kube-object.ts';
import { tableColumns, tablePage } from './table.ts';
import { checkWatchEvent, createLineDecoder, parseWatchEvent } from './watch-lines.ts';

const fixtures = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'kubernetes');
const fixture = (name: string) => readFileSync(join(fixtures, name), 'utf8');
const target = { cluster: 'a', namespace: 'x' };

function decode(chunks: readonly string[], maxLength?: number) {
  const tooLong: number[] = [];
  const decoder = createLineDecoder((length) => tooLong.push(length), maxLength);
  const lines = [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
  return { lines, tooLong };
}

describe('lines', () => {
  it('are the same however the text is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: fc.constantFrom('a', '{', 'ü', '😀') })),
        fc.nat(9),
        (lines, size) => {
          const text = lines.map((line) => `${line}\n`).join('');
          const chunks = [];
          for (let at = 0; at < text.length; at += size + 1) chunks.push(text.slice(at, at + size + 1));
          expect(decode(chunks).lines).toEqual(lines);
        },
      ),
    );
  });

  it('need no line end at the end of the stream, and empty ones are left out', () => {
    expect(decode(['a\r\n\n \n', 'b'])).toEqual({ lines: ['a\r', 'b'], tooLong: [] });
  });

  it('[W18] that are too long are told once and skipped to their end', () => {
    expect(decode(['abcdef', 'ghi', 'jkl\nok\n', '123456\n', 'end'], 4)).toEqual({
      lines: ['ok', 'end'],
      tooLong: [6, 6],
    });
  });

  it('do not cost more for each chunk that they come in', () => {
    const chunk = 'x'.repeat(100);
    const decoder = createLineDecoder(() => undefined);
    for (let count = 0; count < 100_000; count += 1) decoder.push(chunk);
    expect(decoder.push('\n')[0]).toHaveLength(10_000_000);
  });
});

describe('a watch message', () => {
  it.each(readdirSync(fixtures).filter((name) => name.endsWith('.ndjson')))('of a real server is taken: %s', (name) => {
    const { lines } = decode([fixture(name)]);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const message = parseWatchEvent(line, target);
      expect(message).toMatchObject({ ok: true });
      if (message.ok) expect(message.events).toHaveLength(1);
    }
  });

  const secret = 'c3VwZXItc2VjcmV0';
  it.each([
    ['no JSON', `{"data":"${secret}"`],
    ['null', 'null'],
    ['an array', '[]'],
    ['a string', `"${secret}"`],
    ['no type', `{"object":{"metadata":{"name":"a"},"data":"${secret}"}}`],
    ['an unknown type', '{"type":"CHANGED","object":{"metadata":{"name":"a"}}}'],
    ['no object', '{"type":"ADDED"}'],
    ['a null object', '{"type":"ADDED","object":null}'],
    ['no metadata', `{"type":"MODIFIED","object":{"data":"${secret}"}}`],
    ['null metadata', '{"type":"MODIFIED","object":{"metadata":null}}'],
    ['a name that is none', '{"type":"DELETED","object":{"metadata":{"name":7}}}'],
    ['a bookmark without a version', '{"type":"BOOKMARK","object":{"metadata":{}}}'],
    ['a table row without its object', '{"type":"ADDED","object":{"kind":"Table","rows":[{"cells":[]}]}}'],
    ['a table with a null row', '{"type":"ADDED","object":{"kind":"Table","rows":[null]}}'],
  ])('[W18] that is %s is malformed, and the error says so without its content', (_, text) => {
    const message = parseWatchEvent(text, target);
    if (message.ok) throw new Error('expected it to be malformed');
    expect(message.error).toMatchObject({ code: 'KUBE_MALFORMED', cluster: 'a', namespace: 'x' });
    expect(message.error.cause).toBeUndefined();
    expect(message.error.message).toMatch(/^expected /);
    expect(message.error.message).not.toContain(secret);
  });

  it('[W18] never throws, whatever the value', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), fc.string(), (value, type) => {
        for (const message of [
          value,
          { type, object: value },
          { type: 'ADDED', object: value },
          { type: 'BOOKMARK', object: value },
        ])
          expect(typeof checkWatchEvent(message, target).ok).toBe('boolean');
      }),
    );
  });
});

describe('a table', () => {
  const table = JSON.parse(fixture('table-pods.json')) as TableResponse;

  it('of a real server is a page of its rows with their cells', () => {
    const page = tablePage(table);
    expect(page.metadata.resourceVersion).toBe('273');
    expect(page.items).toHaveLength(table.rows.length);
    expect(page.items[0]).toEqual({ ...table.rows[0]?.object, cells: table.rows[0]?.cells });
    expect(page.columns?.map(({ name }) => name).slice(0, 3)).toEqual(['Name', 'Ready', 'Status']);
  });

  it('in a watch is one event for each row, with columns when it has them', () => {
    const { columnDefinitions: _, ...later } = table;
    const first = checkWatchEvent({ type: 'ADDED', object: table }, target);
    const second = checkWatchEvent({ type: 'MODIFIED', object: { ...later, columnDefinitions: null } }, target);
    if (!first.ok || !second.ok) throw new Error('expected tables to be taken');
    expect(first.columns).toBe(tableColumns(table));
    expect(second.columns).toBeUndefined();
    expect(second.events.map(({ type }) => type)).toEqual(table.rows.map(() => 'MODIFIED'));
    expect(second.events[0]?.object).toHaveProperty('cells', table.rows[0]?.cells);
  });

  it('as a bookmark has its resourceVersion and annotations in its row', () => {
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const row = { cells: [], object: { metadata: { resourceVersion: '9', annotations } } };
    const message = checkWatchEvent(
      { type: 'BOOKMARK', object: { kind: 'Table', metadata: { resourceVersion: '9' }, rows: [row] } },
      target,
    );
    expect(message).toMatchObject({ ok: true, events: [{ type: 'BOOKMARK', object: { metadata: { annotations } } }] });
  });
});
