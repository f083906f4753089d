/** Frames for the server's side of RFC 6455 section 5.2: final, unmasked, no extension. */

const textOpcode = 0x81;
const pingOpcode = 0x89;

/** One text message, framed; written as it is to any number of sockets. */
export function frameText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = textOpcode;
  if (headerLength === 2) {
    frame[1] = length;
  } else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerLength);
  return frame;
}

/** An empty ping; one buffer serves every connection. */
export const pingFrame: Buffer = Buffer.from([pingOpcode, 0]);
