import { describe, expect, it } from 'vitest';
import { localErrors } from '../src/core/errors.ts';
import { isRetryableWireError } from '../src/protocol/code-rules.ts';
import { closeAction, closeCodes, maxCloseReasonBytes, wireErrors } from '../src/protocol/codes.ts';
import { agentLimits, browserLimits, maxJsonDepth, queueLimits } from '../src/protocol/limits.ts';
import {
  acceptingPeerSchemas,
  connectingPeerSchemas,
  maxChannelLength,
  maxNameLength,
  maxParamsLength,
  maxTokenLength,
} from '../src/protocol/schemas.ts';
import { timings, tokenRefreshFraction } from '../src/protocol/timings.ts';
import { BEARER_PROTOCOL_PREFIX, PROTOCOL_NAME, PROTOCOL_REVISION } from '../src/protocol/version.ts';
import { errorsText, protocolText, ruleText } from './support/documents.ts';
import { fieldsOfCell, fieldsOfSchema } from './support/frame-fields.ts';
import { codeSpans, sectionOf, tableOf } from './support/markdown.ts';

const withoutTicks = (cell: string | undefined) => cell?.replaceAll('`', '');

describe('PROTOCOL.md', () => {
  it('lists every limit with its default', () => {
    const { rows } = tableOf(sectionOf(protocolText, '8. Back-pressure and limits'), 'limit');
    expect(Object.fromEntries(rows.map(([limit, value]) => [withoutTicks(limit), Number(value)]))).toEqual(
      browserLimits,
    );
  });

  it('lists every duration with its default', () => {
    const { rows } = tableOf(sectionOf(protocolText, '8. Back-pressure and limits'), 'duration');
    expect(Object.fromEntries(rows.map(([duration, value]) => [withoutTicks(duration), Number(value)]))).toEqual(
      timings,
    );
  });

  it('lists every close code with its name, action and occasion', () => {
    const { rows } = tableOf(sectionOf(protocolText, '11. Leaving'), 'close code');
    expect(Object.fromEntries(rows.map(([code, name, action, when]) => [code, { name, action, when }]))).toEqual(
      closeCodes,
    );
  });

  const { rows: frameRows } = tableOf(sectionOf(protocolText, '2. Messages'), 'type');
  const specifiedOnly = ['stream.accept', 'stream.credit', 'stream.message', 'stream.end'];
  const rowsByType = frameRows.flatMap(([types = '', ...row]) =>
    codeSpans(types).map((type) => [type, ...row] as const),
  );

  it('lists every type of frame, and who sends it', () => {
    const sendersOf = (type: string) => {
      const [byConnecting, byAccepting] = [
        Object.hasOwn(connectingPeerSchemas, type),
        Object.hasOwn(acceptingPeerSchemas, type),
      ];
      return byConnecting && byAccepting ? 'both' : byConnecting ? 'connecting' : 'accepting';
    };
    const types = [...new Set([...Object.keys(connectingPeerSchemas), ...Object.keys(acceptingPeerSchemas)])];
    const documented = rowsByType
      .filter(([type]) => !specifiedOnly.includes(type))
      .map(([type, senders]) => [type, senders]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(types.map((type) => [type, sendersOf(type)])));
    expect(rowsByType.map(([type]) => type)).toEqual(expect.arrayContaining(specifiedOnly));
  });

  it.each(rowsByType.filter(([type]) => !type.startsWith('stream.')))(
    'lists the fields of %s',
    (type, senders, cell) => {
      const schemas = { ...connectingPeerSchemas, ...acceptingPeerSchemas } as Record<string, unknown>;
      const { type: _, ...fields } = fieldsOfSchema(schemas[type]);
      expect(senders).toMatch(/^(?:connecting|accepting|both)$/);
      expect(fields).toMatchObject(fieldsOfCell(cell ?? ''));
      expect(Object.keys(fields).toSorted()).toEqual(Object.keys(fieldsOfCell(cell ?? '')).toSorted());
    },
  );

  const kib = (bytes: number) => `${String(bytes / 1024)} KiB`;
  const mib = (bytes: number) => `${String(bytes / 1024 / 1024)} MiB`;
  const grouped = (value: number) => value.toLocaleString('en-US');
  const seconds = (ms: number) => `${String(ms / 1000)} s`;
  const facts: readonly [rule: string, fact: string][] = [
    ['M1', `\`${PROTOCOL_NAME}\``],
    ['M3', `deeper than ${String(maxJsonDepth)}`],
    ['O2', `within ${seconds(timings.helloTimeoutMs)}`],
    ['O3', `revision ${String(PROTOCOL_REVISION)}.`],
    ['O4', `\`${BEARER_PROTOCOL_PREFIX}<base64url of the token>\``],
    ['L1', `\`heartbeatMs\` (${seconds(timings.heartbeatMs)})`],
    ['L2', `for ${seconds(timings.pongTimeoutMs)} after a ping`],
    ['L2', `within ${seconds(timings.heartbeatMs + timings.pongTimeoutMs)}`],
    ['L3', `for ${seconds(timings.pongTimeoutMs)}`],
    ['S1', `1 to ${String(browserLimits.maxSubscribeItems)} items`],
    ['S9', `within ${seconds(timings.subscribeTimeoutMs)}`],
    ['F1', kib(queueLimits.snapshotFrameBytes)],
    [
      'F4',
      `${grouped(queueLimits.maxRingFrames)} publications, ${mib(queueLimits.maxRingBytes)} or ${String(timings.recoverableWindowMs / 60_000)} min`,
    ],
    ['S8', `at most ${grouped(maxParamsLength)}`],
    ['F6', `at most ${String(maxNameLength)} code units`],
    ['F7', `every ${seconds(timings.positionCheckMs)}`],
    ['F8', `for ${seconds(timings.feedLingerMs)}`],
    ['B1', kib(queueLimits.maxQueuedBytes)],
    ['B2', `${kib(queueLimits.laneTurnBytes)} each`],
    ['B3', `for ${seconds(timings.stallTimeoutMs)}`],
    ['B4', mib(queueLimits.maxControlBytes)],
    ['B5', `${String(browserLimits.textFramesPerSecond)} a second, ${String(browserLimits.textFrameBurst)} at once`],
    ['B5', `over the limit for ${seconds(timings.rateLimitCloseMs)}`],
    ['B6', `${kib(browserLimits.maxPayloadBytes)} for browsers and ${mib(agentLimits.maxPayloadBytes)} for agents`],
    ['T1', '2^32 − 1'],
    [
      'T2',
      `${kib(browserLimits.streamCreditBytes)}, the most that may be outstanding ${mib(browserLimits.maxStreamCreditBytes)}`,
    ],
    ['A1', `${String(tokenRefreshFraction * 100)} %`],
    ['A2', `${seconds(timings.tokenGraceMs)} of grace`],
    ['G1', `at most ${seconds(timings.goawayGraceMs)}`],
    ['G5', `0 to ${String(timings.backoffBaseMs)} ms × 2^n, at most ${seconds(timings.backoffMaxMs)}`],
    ['G5', `after ${seconds(timings.backoffResetMs)} in \`open\``],
    ['G6', `at most ${String(maxCloseReasonBytes)} bytes`],
  ];
  it.each(facts)('rule %s says "%s", as the code does', (rule, fact) => {
    expect(ruleText(rule)).toContain(fact);
  });

  it('names the bounds of names, channels and tokens', () => {
    const section = sectionOf(protocolText, '2. Messages');
    expect(section).toContain(`hold 1 to ${String(maxNameLength)} UTF-16 code units`);
    expect(section).toContain(`channels 1 to ${String(maxChannelLength)}, tokens at most ${grouped(maxTokenLength)}`);
  });

  it('gives every rule an id of its own', () => {
    const ids = [...protocolText.matchAll(/^- \*\*\[([A-Z]\d+)\]\*\*/gm)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(60);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows examples that the schemas take', () => {
    const lines = sectionOf(protocolText, '13. Examples').match(/^[<>] \{.*\}$/gm) ?? [];
    const complete = lines.filter((line) => !line.includes(', …}'));
    expect(complete.length).toBeGreaterThan(10);
    for (const line of complete) {
      const frame = JSON.parse(line.slice(2)) as { type: string };
      const schemas: Record<string, { parse(value: unknown): unknown }> = line.startsWith('>')
        ? connectingPeerSchemas
        : acceptingPeerSchemas;
      expect(schemas[frame.type]?.parse(frame)).toEqual(frame);
    }
  });
});

describe('docs/errors.md', () => {
  const codesIn = (heading: string) =>
    tableOf(sectionOf(errorsText, heading), 'code').rows.map(([code, retryable, when]) => [
      withoutTicks(code),
      { retryable: retryable === 'yes', when },
    ]);

  it('lists every wire error, in the order of the registry, and no other', () => {
    expect(codesIn('Wire errors')).toEqual(Object.entries(wireErrors));
  });

  it('lists every local error, in the order of the registry, and no other', () => {
    expect(codesIn('Local errors')).toEqual(Object.entries(localErrors));
  });

  it('lists every close code, and no other', () => {
    const { rows } = tableOf(sectionOf(errorsText, 'Close codes'), 'code');
    expect(rows.map(([code, name, action, when]) => [code, { name: withoutTicks(name), action, when }])).toEqual(
      Object.entries(closeCodes),
    );
  });
});

it('what a client knows of the registry without its texts is what the registry says', () => {
  for (const [code, { retryable }] of Object.entries(wireErrors))
    expect([code, isRetryableWireError(code)]).toEqual([code, retryable]);
  for (const [code, { action }] of Object.entries(closeCodes))
    expect([code, closeAction(Number(code))]).toEqual([code, action]);
});
