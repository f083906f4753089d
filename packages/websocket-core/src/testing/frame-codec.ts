import { utf8Length } from '../protocol/encode.ts';

/** Opcodes of RFC 6455 section 5.2 that a linked pair carries; continuation frames are not among them. */
export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface WireFrame {
  readonly opcode: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A frame that RFC 6455 forbids, with the close code that its receiver answers. */
export class FrameViolation extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One whole unmasked frame (RFC 6455 section 5.2). */
export function encodeWireFrame(opcode: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = payload.length;
  const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = new Uint8Array(headBytes + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  if (headBytes === 2) {
    frame[1] = length;
  } else if (headBytes === 4) {
    frame[1] = 126;
    view.setUint16(2, length);
  } else {
    frame[1] = 127;
    view.setBigUint64(2, BigInt(length));
  }
  frame.set(payload, headBytes);
  return frame;
}

/** UTF-8 of a text; a lone surrogate becomes U+FFFD, as WebSocket's `send` does. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Text of UTF-8. Throws a {@link FrameViolation} with 1007 for anything else. */
export function decodeText(payload: Uint8Array): string {
  try {
    return decoder.decode(payload);
  } catch {
    throw new FrameViolation(1007, 'text that is not UTF-8');
  }
}

/** Body of a close frame; empty without a code. */
export function encodeClose(code: number | undefined, reason: string): Uint8Array<ArrayBuffer> {
  if (code === undefined) return new Uint8Array(0);
  const body = new Uint8Array(2 + utf8Length(reason));
  new DataView(body.buffer).setUint16(0, code);
  body.set(encodeText(reason), 2);
  return body;
}

/** Code and reason of a close frame, 1005 without a code. Throws a {@link FrameViolation} for codes nobody may send. */
export function decodeClose(payload: Uint8Array<ArrayBuffer>): { code: number; reason: string } {
  if (payload.length === 0) return { code: 1005, reason: '' };
  if (payload.length === 1) throw new FrameViolation(1002, 'a close frame of one byte');
  const code = new DataView(payload.buffer, payload.byteOffset).getUint16(0);
  if (!isSendableCloseCode(code)) throw new FrameViolation(1002, `the close code ${String(code)} must not be sent`);
  return { code, reason: decodeText(payload.subarray(2)) };
}

/** RFC 6455 section 7.4: codes that may stand in a close frame. */
export function isSendableCloseCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

/** Collects bytes and cuts them into frames, one per call of `next`. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #length = 0;
  readonly #maxPayloadBytes: number;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** The next whole frame, or undefined until more bytes came. Throws a {@link FrameViolation}. */
  next(): WireFrame | undefined {
    if (this.#length < 2) return undefined;
    const bytes = this.#joined();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const first = view.getUint8(0);
    const short = view.getUint8(1);
    const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
    checkHead(first, short);
    if (bytes.length < headBytes) return undefined;
    const length = headBytes === 4 ? view.getUint16(2) : headBytes === 10 ? Number(view.getBigUint64(2)) : short;
    if (length < (headBytes === 4 ? 126 : headBytes === 10 ? 65_536 : 0))
      throw new FrameViolation(1002, 'a length that is not in its shortest form');
    if (length > this.#maxPayloadBytes) throw new FrameViolation(1009, 'a message larger than the receiver takes');
    if (bytes.length < headBytes + length) return undefined;
    // A copy: the writer may use its buffer again.
    const payload = bytes.slice(headBytes, headBytes + length);
    this.#chunks = [bytes.subarray(headBytes + length)];
    this.#length -= headBytes + length;
    return { opcode: first & 0x0f, payload };
  }

  /**
   * Hands the next frame to `onFrame`; false when no whole one is there. A violation, also one that `onFrame` finds in the
   * payload, goes to `onViolation`, and no frame is there after it.
   */
  take(onFrame: (frame: WireFrame) => void, onViolation: (violation: FrameViolation) => void): boolean {
    try {
      const frame = this.next();
      if (frame === undefined) return false;
      onFrame(frame);
      return true;
    } catch (error) {
      if (!(error instanceof FrameViolation)) throw error;
      onViolation(error);
      return false;
    }
  }

  #joined(): Uint8Array {
    const only = this.#chunks[0];
    if (this.#chunks.length === 1 && only !== undefined) return only;
    const all = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [all];
    return all;
  }
}

function checkHead(first: number, short: number): void {
  const opcode = first & 0x0f;
  if ((first & 0x70) !== 0) throw new FrameViolation(1002, 'reserved bits are set');
  if (!(Object.values(opcodes) as number[]).includes(opcode))
    throw new FrameViolation(1002, `opcode ${String(opcode)} is not carried here`);
  if ((first & 0x80) === 0) throw new FrameViolation(1002, 'a message in fragments');
  if ((short & 0x80) !== 0) throw new FrameViolation(1002, 'a masked frame');
  if (opcode >= opcodes.close && short > 125) throw new FrameViolation(1002, 'a control frame over 125 bytes');
}
