import { expect, it } from 'vitest';
import { maskedFrame, opcodes, walkFrames } from './frames.ts';

/** The same frame as a server sends it: no mask. */
function serverFrame(text: string): Buffer {
  const masked = maskedFrame(opcodes.text, text);
  const maskAt = text.length < 126 ? 2 : 4;
  const frame = Buffer.concat([masked.subarray(0, maskAt), masked.subarray(maskAt + 4)]);
  frame[1] = (frame[1] as number) & 0x7f;
  return frame;
}

it('frames are counted right wherever the stream is cut', () => {
  const texts = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(1_000)];
  const bytes = Buffer.concat(texts.map(serverFrame));
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const seen: string[] = [];
    const note = (_opcode: number, chunk: Buffer, start: number, end: number): void => {
      seen.push(chunk.toString('latin1', start, end));
    };
    const rest = walkFrames(bytes, 0, cut, note);
    expect(walkFrames(bytes, rest, bytes.length, note)).toBe(bytes.length);
    expect(seen).toEqual(texts);
  }
});
