import process from 'node:process';

/** Bytes of one publication's data as JSON. */
export const payloadBytes = 256;

export interface Payload {
  /** When it was published: nanoseconds of the machine's monotonic clock, which all processes share. */
  readonly t: string;
  readonly pad: string;
}

const tDigits = 20;
const pad = 'x'.repeat(payloadBytes - JSON.stringify({ t: '0'.repeat(tDigits), pad: '' }).length);
const marker = Buffer.from('"t":"');

/** Data of {@link payloadBytes} bytes that says when it was made. */
export function createPayload(): Payload {
  return { t: String(process.hrtime.bigint()).padStart(tDigits, '0'), pad };
}

/** Milliseconds since the payload within a frame was made. */
export function ageMs(bytes: Buffer, start: number, end: number): number {
  const at = bytes.subarray(start, end).indexOf(marker);
  if (at === -1) throw new TypeError('expected a frame that carries a payload');
  const from = start + at + marker.length;
  const publishedAt = BigInt(bytes.toString('latin1', from, from + tDigits));
  return Number(process.hrtime.bigint() - publishedAt) / 1e6;
}
