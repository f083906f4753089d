import { describe, expect, it, vi } from 'vitest';
import { createExecSession, type ExecState } from './exec-session.ts';

class FakeSocket {
  binaryType = '';
  readyState = 0;
  bufferedAmount = 0;
  readonly sent: Uint8Array[] = [];
  onopen: (() => void) | undefined;
  onmessage: ((event: { readonly data: unknown }) => void) | undefined;
  onclose: (() => void) | undefined;

  send(data: Uint8Array): void {
    this.sent.push(data);
  }

  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.();
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(channel: number, text: string): void {
    this.onmessage?.({ data: new Uint8Array([channel, ...new TextEncoder().encode(text)]).buffer });
  }

  get texts(): string[] {
    return this.sent.map((frame) => `${String(frame[0])}:${new TextDecoder().decode(frame.subarray(1))}`);
  }
}

const missing = JSON.stringify({ status: 'Failure', message: 'exec: "/bin/bash": no such file or directory' });
const exited = JSON.stringify({
  status: 'Failure',
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: '3' }] },
});

function start(open?: (shell: string) => Promise<WebSocket>) {
  const sockets: (FakeSocket & { readonly shell: string })[] = [];
  const states: ExecState[] = [];
  let output = '';
  const session = createExecSession({
    open:
      open ??
      ((shell) => {
        const socket = Object.assign(new FakeSocket(), { shell });
        sockets.push(socket);
        return Promise.resolve(socket as unknown as WebSocket);
      }),
    explain: () => Promise.resolve('not allowed'),
    onOutput: (bytes) => (output += new TextDecoder().decode(bytes)),
    onState: (state) => states.push(state),
  });
  return {
    session,
    states,
    get output() {
      return output;
    },
    /** Waits for the attempt of this number. */
    socket: (index = 0) =>
      vi.waitFor(() => {
        const socket = sockets[index];
        expect(socket?.onmessage).toBeDefined();
        return socket as FakeSocket & { readonly shell: string };
      }),
  };
}

describe('a shell in a container', () => {
  it('is bash, gets its size and input, and ends with its exit code', async () => {
    const shell = start();
    shell.session.resize(80, 24);
    const socket = await shell.socket();
    expect(socket.shell).toBe('/bin/bash');
    shell.session.sendText('too early');
    socket.open();
    socket.say(1, '# ');
    shell.session.sendText('exit 3\r');
    shell.session.resize(90, 24);
    socket.say(1, 'bye');
    socket.say(3, exited);
    expect(socket.texts).toEqual(['4:{"Width":80,"Height":24}', '0:exit 3\r', '4:{"Width":90,"Height":24}']);
    expect(shell.output).toBe('# bye');
    expect(shell.states).toEqual([
      { kind: 'connecting' },
      { kind: 'open', shell: '/bin/bash' },
      { kind: 'ended', outcome: { kind: 'exited', code: 3 } },
    ]);
    expect(socket.readyState).toBe(3);
    shell.session.sendText('late');
    socket.say(1, 'late');
    expect([socket.sent.length, shell.output]).toEqual([3, '# bye']);
  });

  it('is sh where there is no bash, and nothing where there is neither', async () => {
    const shell = start();
    const first = await shell.socket();
    first.open();
    first.say(3, missing);
    const second = await shell.socket(1);
    expect(second.shell).toBe('/bin/sh');
    first.say(1, 'of a socket that was left');
    second.open();
    second.say(3, missing);
    expect(shell.output).toBe('');
    expect(shell.states.at(-1)).toMatchObject({ kind: 'ended', outcome: { kind: 'failed' } });
    expect(shell.states).toHaveLength(2);
  });

  it('is sh also where the runtime only prints that there is no bash', async () => {
    const shell = start();
    const first = await shell.socket();
    first.open();
    first.say(1, 'OCI runtime exec failed');
    first.say(3, exited.replace('"3"', '"126"'));
    expect((await shell.socket(1)).shell).toBe('/bin/sh');
  });

  it('that ended with 127 after it was used is not started again', async () => {
    const shell = start();
    const socket = await shell.socket();
    socket.open();
    socket.say(1, '# ');
    shell.session.sendText('nope\r\u0004');
    socket.say(3, exited.replace('"3"', '"127"'));
    expect(shell.states.at(-1)).toEqual({ kind: 'ended', outcome: { kind: 'exited', code: 127 } });
  });

  it('is lost with its connection, and says why where the server refused', async () => {
    const lost = start();
    const socket = await lost.socket();
    socket.open();
    socket.close();
    expect(lost.states.at(-1)).toMatchObject({
      outcome: { kind: 'lost', message: 'The connection to the container was lost.' },
    });
    const refused = start();
    (await refused.socket()).close();
    await vi.waitFor(() => {
      expect(refused.states.at(-1)).toEqual({ kind: 'ended', outcome: { kind: 'lost', message: 'not allowed' } });
    });
    const signedOut = start(() => Promise.reject(new Error('nobody is signed in')));
    await vi.waitFor(() => {
      expect(signedOut.states.at(-1)).toMatchObject({ outcome: { kind: 'lost', message: 'nobody is signed in' } });
    });
  });

  it('is left without a word, also while it is being opened', async () => {
    const shell = start();
    const socket = await shell.socket();
    socket.open();
    shell.session.dispose();
    expect([socket.readyState, shell.states.length]).toEqual([3, 1]);
    let arrive: (socket: WebSocket) => void = () => undefined;
    const late = start(() => new Promise((resolve) => (arrive = resolve)));
    late.session.dispose();
    const opened = new FakeSocket();
    arrive(opened as unknown as WebSocket);
    await vi.waitFor(() => {
      expect(opened.readyState).toBe(3);
    });
  });

  it('is given up when far more is pasted than the connection takes', async () => {
    const shell = start();
    const socket = await shell.socket();
    socket.open();
    socket.bufferedAmount = 5 * 1024 * 1024;
    shell.session.sendText('x'.repeat(100_000));
    expect(socket.sent).toHaveLength(1);
    expect(shell.states.at(-1)).toMatchObject({ outcome: { kind: 'lost' } });
  });
});
