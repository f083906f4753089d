/** Sub-protocols of exec, the better one first (k8s.io/apimachinery, `util/remotecommand`). */
export const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** Channels, the first byte of each message. */
const stdin = 0;
const stdout = 1;
const stderr = 2;
const error = 3;
const resize = 4;

/** A pasted text travels in pieces of so many UTF-16 units: servers bound a message. */
const maxPiece = 16 * 1024;

/** What one message of the server says. */
export type ChannelFrame =
  { readonly kind: 'output'; readonly bytes: Uint8Array } | { readonly kind: 'ended'; readonly outcome: ExecOutcome };

/** How a command ended. */
export type ExecOutcome =
  | { readonly kind: 'exited'; readonly code: number }
  /** It could not be run, or not to its end; `message` is the cluster's. */
  | { readonly kind: 'failed'; readonly message: string };

function frame(channel: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(bytes.length + 1);
  message[0] = channel;
  message.set(bytes, 1);
  return message;
}

/** Input as messages; a character is never cut in two. */
export function inputFrames(text: string): readonly Uint8Array<ArrayBuffer>[] {
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + maxPiece, text.length);
    const isCut = end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1));
    if (isCut) end -= 1;
    frames.push(frame(stdin, new TextEncoder().encode(text.slice(start, end))));
    start = end;
  }
  return frames;
}

/** Input that is no text, one byte for each character, as terminals report some mice. */
export function binaryInputFrame(binary: string): Uint8Array<ArrayBuffer> {
  return frame(
    stdin,
    Uint8Array.from(binary, (character) => character.charCodeAt(0)),
  );
}

/** The size of the terminal in characters. */
export function resizeFrame(columns: number, rows: number): Uint8Array<ArrayBuffer> {
  return frame(resize, new TextEncoder().encode(JSON.stringify({ Width: columns, Height: rows })));
}

/** Reads a message; undefined for one that says nothing, such as the empty one that servers begin with. */
export function readFrame(data: ArrayBuffer): ChannelFrame | undefined {
  const [channel] = new Uint8Array(data, 0, Math.min(1, data.byteLength));
  if (channel === undefined || data.byteLength === 1) return undefined;
  const bytes = new Uint8Array(data, 1);
  if (channel === stdout || channel === stderr) return { kind: 'output', bytes };
  if (channel === error) return { kind: 'ended', outcome: outcomeOf(new TextDecoder().decode(bytes)) };
  return undefined;
}

interface StatusParts {
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: unknown };
}

interface Cause {
  readonly reason?: unknown;
  readonly message?: unknown;
}

/** What the error channel said: a Status as JSON. */
function outcomeOf(text: string): ExecOutcome {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'failed', message: text };
  }
  const { status, reason, message, details } = (json ?? {}) as StatusParts;
  if (status === 'Success') return { kind: 'exited', code: 0 };
  const causes = Array.isArray(details?.causes) ? (details.causes as readonly Cause[]) : [];
  const code = Number(causes.find((cause) => cause.reason === 'ExitCode')?.message);
  if (reason === 'NonZeroExitCode' && Number.isInteger(code)) return { kind: 'exited', code };
  return { kind: 'failed', message: typeof message === 'string' ? message : text };
}

/**
 * Whether a command ended because the image has no such program. Container runtimes say it in a message, or as a shell
 * that finds nothing (126, 127).
 */
export function isProgramMissing(outcome: ExecOutcome): boolean {
  if (outcome.kind === 'exited') return outcome.code === 126 || outcome.code === 127;
  return /no such file or directory|executable file not found/i.test(outcome.message);
}
