import { randomBytes } from 'node:crypto';

/** What the raw peer needs of RFC 6455, and no more, so that it costs as little as a reader can. */
export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** A client's frame. The masking key is zero, which leaves the payload as it is. */
export function maskedFrame(opcode: number, text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > 65_535) throw new RangeError('expected at most 65,535 bytes');
  const headerLength = length < 126 ? 6 : 8;
  const frame = Buffer.alloc(headerLength + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) frame.writeUInt16BE(length, 2);
  frame.write(text, headerLength);
  return frame;
}

/** The request of an opening handshake. */
export function upgradeRequest(path: string, subProtocol: string | undefined): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(subProtocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subProtocol}`]),
    '\r\n',
  ].join('\r\n');
}

/** Called for each frame: its opcode, and where its payload lies in `bytes` (valid during the call). */
export type OnFrame = (opcode: number, bytes: Buffer, start: number, end: number) => void;

/** Walks over the frames in `bytes[from, to)`; returns where the first incomplete one starts. */
export function walkFrames(bytes: Buffer, from: number, to: number, onFrame: OnFrame): number {
  let at = from;
  while (to - at >= 2) {
    let length = (bytes[at + 1] as number) & 0x7f;
    let start = at + 2;
    if (length === 126) {
      if (to - at < 4) break;
      length = bytes.readUInt16BE(start);
      start += 2;
    } else if (length === 127) {
      if (to - at < 10) break;
      length = Number(bytes.readBigUInt64BE(start));
      start += 8;
    }
    if (start + length > to) break;
    onFrame((bytes[at] as number) & 0x0f, bytes, start, start + length);
    at = start + length;
  }
  return at;
}
