import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineTooLongError, WatchDecoder, type WatchDecoderOptions, type WatchItem } from './watch-decoder.ts';

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../../fixtures/kubernetes/${name}`, import.meta.url));

function decode(chunks: readonly Buffer[], options?: WatchDecoderOptions): WatchItem[] {
  const decoder = new WatchDecoder(options);
  return chunks.flatMap((chunk) => {
    decoder.push(Buffer.from(chunk));
    return decoder.take();
  });
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...[...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const textsOf = (items: readonly WatchItem[]): string[] =>
  items.flatMap((item) => (item.kind === 'events' ? [item.text] : []));

describe('the body of a watch', () => {
  it.each(['watch-pods-lifecycle.ndjson', 'watch-list-initial-events.ndjson', 'watch-pods-bookmarks.ndjson'])(
    '[G2] passes byte for byte, however it is cut: %s',
    (name) => {
      const bytes = fixture(name);
      const lines = bytes.toString('utf8').trimEnd().split('\n');
      const events = lines.filter((line) => !line.startsWith('{"type":"BOOKMARK"'));
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
          const items = decode(split(bytes, cuts));
          expect(textsOf(items).join(',')).toBe(events.join(','));
          const versions = items.flatMap((item) => ('resourceVersion' in item ? [item.resourceVersion] : []));
          const last = JSON.parse(lines.at(-1) as string) as { object: { metadata: { resourceVersion: string } } };
          expect(versions.at(-1)).toBe(last.object.metadata.resourceVersion);
          expect(items.filter(({ kind }) => kind === 'bookmark')).toHaveLength(lines.length - events.length);
        }),
        { numRuns: 100 },
      );
    },
  );

  it('[G2] keeps characters whole that are cut between chunks', () => {
    const line = Buffer.from('{"type":"ADDED","object":{"metadata":{"name":"größe-😀","resourceVersion":"1"}}}\n');
    for (let at = 1; at < line.length; at += 1) {
      const items = decode([line.subarray(0, at), line.subarray(at)]);
      expect(textsOf(items)).toEqual([line.toString('utf8').trimEnd()]);
    }
  });

  it('[G2] puts what came together into one batch, up to its bound', () => {
    const line = `{"type":"MODIFIED","object":{"metadata":{"resourceVersion":"7"},"pad":"${'x'.repeat(900)}"}}`;
    const bytes = Buffer.from(`${line}\n`.repeat(400));
    const items = decode([bytes], { maxBatchBytes: 100_000 });
    expect(items.map((item) => (item.kind === 'events' ? item.count : 0)).reduce((sum, count) => sum + count)).toBe(
      400,
    );
    expect(items.length).toBe(4);
    for (const text of textsOf(items)) {
      expect(text.length).toBeLessThanOrEqual(100_000);
      expect(JSON.parse(`[${text}]`)).toBeInstanceOf(Array);
    }
    expect(decode([bytes], { maxBatchBytes: 0 })).toHaveLength(400);
  });

  it('[G2] is cut at what is no event, which is told', () => {
    const line = (version: string): string =>
      `{"type":"ADDED","object":{"metadata":{"resourceVersion":"${version}"}}}\n`;
    const bookmark = '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"3"}}}\n';
    const items = decode([Buffer.from(`${line('1')}${line('2')}${bookmark}garbage\n\n${line('4')}`)]);
    expect(items).toMatchObject([
      { kind: 'events', count: 2, resourceVersion: '2' },
      { kind: 'bookmark', resourceVersion: '3' },
      { kind: 'malformed' },
      { kind: 'events', count: 1, resourceVersion: '4' },
    ]);
  });

  it('brings the Status of an ERROR event', () => {
    expect(decode([fixture('watch-error-410.ndjson')])).toMatchObject([
      { kind: 'error', status: { kind: 'Status', code: 410, reason: 'Expired' } },
    ]);
  });

  it('[G2] leaves out what receivers end their connection for, and passes the rest', () => {
    const line = '{"type":"ADDED","object":{"metadata":{"resourceVersion":"5"},"data":{"__proto__":"x","a":"b"}}}\n';
    const [told, events] = decode([Buffer.from(line)]);
    expect(told).toMatchObject({ kind: 'malformed' });
    expect(events).toMatchObject({ kind: 'events', resourceVersion: '5' });
    expect(textsOf([events as WatchItem])).toEqual([
      '{"type":"ADDED","object":{"metadata":{"resourceVersion":"5"},"data":{"a":"b"}}}',
    ]);
  });

  it.each(['', 'x'.repeat(201)])(
    '[G2] passes an event whose resourceVersion is no position, and counts it as none',
    (version) => {
      const line = (type: string, kept: string): string =>
        `${JSON.stringify({ type, object: { metadata: { resourceVersion: kept } } })}\n`;
      const lines = [line('ADDED', '7'), line('ADDED', version), line('BOOKMARK', version), line('ADDED', version)];
      expect(decode([Buffer.from(lines.join(''))])).toMatchObject([
        { kind: 'events', count: 2, resourceVersion: '7' },
        { kind: 'events', count: 1, resourceVersion: undefined },
      ]);
    },
  );

  it('[G10] brings the columns of a Table, and finds a resourceVersion in its row where the Table has none', () => {
    const columns = [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }];
    const row = (version: string, definitions: unknown): string =>
      `${JSON.stringify({
        type: 'ADDED',
        object: {
          kind: 'Table',
          metadata: {},
          columnDefinitions: definitions,
          rows: [{ cells: ['a'], object: { metadata: { resourceVersion: version } } }],
        },
      })}\n`;
    const items = decode([Buffer.from(row('1', columns) + row('2', null))], { isTable: true });
    expect(items).toMatchObject([
      { kind: 'columns', columns },
      { kind: 'events', resourceVersion: '1' },
      { kind: 'events', resourceVersion: '2' },
    ]);
  });

  it('takes lines in any pieces, with nothing of one in another', () => {
    const lines = Array.from({ length: 50 }, (_, index) => {
      const padding = 'é'.repeat((index * 37) % 400);
      return `{"type":"ADDED","object":{"metadata":{"resourceVersion":"${String(index + 1)}"},"data":"${padding}"}}`;
    });
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    for (const size of [1, 2, 7, 100, 999, 5_000]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        Buffer.from(bytes.subarray(index * size, (index + 1) * size)),
      );
      const copies = chunks.map((chunk) => Buffer.from(chunk));
      expect(textsOf(decode(chunks)).join(',')).toBe(lines.join(','));
      expect(chunks).toEqual(copies);
    }
  });

  it('holds a line that comes byte by byte in its bytes, and not in as many pieces', () => {
    const decoder = new WatchDecoder();
    const before = process.memoryUsage();
    const piece = Buffer.from('x');
    for (let index = 0; index < 2_000_000; index += 1) decoder.push(piece.subarray());
    const after = process.memoryUsage();
    expect(decoder.size).toBe(2_000_000);
    // As pieces they would take some 200 MB.
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(60_000_000);
  });

  it('refuses a line without end', () => {
    const decoder = new WatchDecoder({ maxLineBytes: 1_000 });
    decoder.push(Buffer.alloc(900, 'x'));
    expect(() => decoder.push(Buffer.alloc(900, 'x'))).toThrow(LineTooLongError);
  });
});
