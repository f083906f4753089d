import { describe, expect, it } from 'vitest';
import { binaryInputFrame, inputFrames, isProgramMissing, readFrame, resizeFrame } from './channel-frames.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const message = (channel: number, content: string): ArrayBuffer => {
  const bytes = new TextEncoder().encode(content);
  return new Uint8Array([channel, ...bytes]).buffer;
};

describe('what is sent', () => {
  it('is input on channel 0', () => {
    expect(inputFrames('é\r').map((frame) => [...frame])).toEqual([[0, 0xc3, 0xa9, 13]]);
    expect(inputFrames('')).toEqual([]);
    expect([...binaryInputFrame('\u00e9')]).toEqual([0, 0xe9]);
  });

  it('is cut into pieces that servers take, and never within a character', () => {
    const long = `${'x'.repeat(16 * 1024 - 1)}😀${'y'.repeat(20_000)}`;
    const frames = inputFrames(long);
    expect(frames.length).toBeGreaterThan(2);
    expect(frames.every((frame) => frame[0] === 0 && frame.length <= 16 * 1024 * 3 + 1)).toBe(true);
    expect(frames.map((frame) => text(frame.subarray(1))).join('')).toBe(long);
  });

  it('is the size on channel 4', () => {
    const frame = resizeFrame(120, 40);
    expect(frame[0]).toBe(4);
    expect(JSON.parse(text(frame.subarray(1)))).toEqual({ Width: 120, Height: 40 });
  });
});

describe('what comes', () => {
  it('is output on channels 1 and 2', () => {
    for (const channel of [1, 2]) {
      const frame = readFrame(message(channel, 'hi'));
      expect(frame?.kind === 'output' && text(frame.bytes)).toBe('hi');
    }
  });

  it('is nothing where it is empty or of another channel', () => {
    expect(readFrame(new ArrayBuffer(0))).toBeUndefined();
    expect(readFrame(message(1, ''))).toBeUndefined();
    expect(readFrame(message(3, ''))).toBeUndefined();
    expect(readFrame(message(9, 'x'))).toBeUndefined();
  });

  it.each([
    [{ status: 'Success' }, { kind: 'exited', code: 0 }],
    [
      {
        status: 'Failure',
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'Other' }, { reason: 'ExitCode', message: '3' }] },
      },
      { kind: 'exited', code: 3 },
    ],
    [
      { status: 'Failure', reason: 'InternalError', message: 'no container' },
      { kind: 'failed', message: 'no container' },
    ],
    [
      { status: 'Failure', details: { causes: 'x' } },
      { kind: 'failed', message: '{"status":"Failure","details":{"causes":"x"}}' },
    ],
    [null, { kind: 'failed', message: 'null' }],
  ])('is the end on channel 3: %j', (status, outcome) => {
    expect(readFrame(message(3, JSON.stringify(status)))).toEqual({ kind: 'ended', outcome });
  });

  it('is the end also where it is no JSON', () => {
    expect(readFrame(message(3, 'broken'))).toEqual({ kind: 'ended', outcome: { kind: 'failed', message: 'broken' } });
  });
});

it('a missing program is told apart from one that failed', () => {
  const failed = (why: string) => isProgramMissing({ kind: 'failed', message: why });
  expect(failed('exec: "/bin/bash": stat /bin/bash: no such file or directory: unknown')).toBe(true);
  expect(failed('exec: "bash": executable file not found in $PATH')).toBe(true);
  expect(failed('container not found ("web")')).toBe(false);
  expect([0, 1, 126, 127, 137].map((code) => isProgramMissing({ kind: 'exited', code }))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});
