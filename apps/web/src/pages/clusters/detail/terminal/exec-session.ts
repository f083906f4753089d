import {
  binaryInputFrame,
  inputFrames,
  isProgramMissing,
  readFrame,
  resizeFrame,
  type ExecOutcome,
} from './channel-frames.ts';

/** Tried in this order: the first one that the container has. */
export const shells = ['/bin/bash', '/bin/sh'] as const;

/** Where a session is. */
export type ExecState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly shell: string }
  | { readonly kind: 'ended'; readonly outcome: SessionOutcome };

/** `lost`: the connection went without a word of the command. `left`: the user hung up. */
type SessionOutcome = ExecOutcome | { readonly kind: 'lost'; readonly message: string } | { readonly kind: 'left' };

/** How a session reaches its container, and whom it tells. */
interface ExecSessionOptions {
  /** Opens a socket that runs a shell; rejects when nobody is signed in any more. */
  readonly open: (shell: string) => Promise<WebSocket>;
  /** Why the server refused the handshake, which browsers do not tell. */
  readonly explain: () => Promise<string>;
  readonly onOutput: (bytes: Uint8Array) => void;
  readonly onState: (state: ExecState) => void;
}

/** A shell in a container. */
export interface ExecSession {
  /** Ignored while no shell is there to read it. */
  sendText(text: string): void;
  sendBinary(binary: string): void;
  /** Remembered for a shell that comes later. */
  resize(columns: number, rows: number): void;
  /** Ends the shell, as a terminal that is closed does. Idempotent. */
  dispose(): void;
}

/** More than this unsent ends the session: nobody types so much, and a paste of it would fill the page's memory. */
const maxUnsentBytes = 4 * 1024 * 1024;

/** Starts a shell in a container and keeps it until it ends. Whatever comes from a socket that was left is ignored. */
export function createExecSession({ open, explain, onOutput, onState }: ExecSessionOptions): ExecSession {
  let socket: WebSocket | undefined;
  let size: readonly [columns: number, rows: number] | undefined;
  let isOver = false;
  /** Something was typed into the present shell, so that there was one. */
  let hasInput = false;

  const end = (state: ExecState): void => {
    if (isOver) return;
    isOver = true;
    socket?.close();
    onState(state);
  };
  const lose = (message: string): void => {
    end({ kind: 'ended', outcome: { kind: 'lost', message } });
  };

  const start = async (index: number): Promise<void> => {
    const shell = shells[index] ?? '';
    let opened: WebSocket;
    try {
      opened = await open(shell);
    } catch (error) {
      lose(error instanceof Error ? error.message : String(error));
      return;
    }
    if (isOver) {
      opened.close();
      return;
    }
    socket = opened;
    hasInput = false;
    opened.binaryType = 'arraybuffer';
    let isOpen = false;
    let hasOutput = false;
    const isCurrent = (): boolean => socket === opened && !isOver;
    opened.onopen = () => {
      isOpen = true;
      if (size !== undefined && isCurrent()) opened.send(resizeFrame(...size));
    };
    opened.onmessage = ({ data }: MessageEvent) => {
      if (!isCurrent() || !(data instanceof ArrayBuffer)) return;
      const frame = readFrame(data);
      if (frame?.kind === 'output') {
        // A prompt is the first sign that the shell is there.
        if (!hasOutput) onState({ kind: 'open', shell });
        hasOutput = true;
        onOutput(frame.bytes);
      } else if (frame?.kind === 'ended') {
        if (isProgramMissing(frame.outcome) && !hasInput && index + 1 < shells.length) {
          socket = undefined;
          opened.close();
          void start(index + 1);
        } else end({ kind: 'ended', outcome: frame.outcome });
      }
    };
    opened.onclose = () => {
      if (!isCurrent()) return;
      if (isOpen) lose('The connection to the container was lost.');
      else void explain().then(lose);
    };
  };

  const send = (frame: Uint8Array<ArrayBuffer>): void => {
    if (isOver || socket?.readyState !== WebSocket.OPEN) return;
    socket.send(frame);
    if (socket.bufferedAmount > maxUnsentBytes) lose('The connection is too slow for what was pasted.');
  };
  const type = (frame: Uint8Array<ArrayBuffer>): void => {
    hasInput ||= socket?.readyState === WebSocket.OPEN;
    send(frame);
  };

  onState({ kind: 'connecting' });
  void start(0);
  return {
    sendText(text) {
      for (const frame of inputFrames(text)) type(frame);
    },
    sendBinary(binary) {
      type(binaryInputFrame(binary));
    },
    resize(columns, rows) {
      size = [columns, rows];
      send(resizeFrame(columns, rows));
    },
    dispose() {
      isOver = true;
      socket?.close();
    },
  };
}
