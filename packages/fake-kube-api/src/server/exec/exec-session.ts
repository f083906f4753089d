import { StringDecoder } from 'node:string_decoder';
import type { RawData, WebSocket } from 'ws';
import {
  startProcess,
  transition,
  type ExecEffect,
  type ExecEvent,
  type ExecStep,
} from '../../core/exec/exec-process.ts';
import { execContainerOf, runOf } from '../../core/exec/exec-container.ts';
import { failedExec, type ExitStatus } from '../../core/exec/exit-status.ts';
import type { KubeStore } from '../../core/types.ts';
import type { KubeObject } from '../../protocol/kube-object.ts';
import type { CheckedExec } from './exec-request.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' } as const;

/** Channels of k8s.io/apimachinery, `util/remotecommand`; the first byte of each message. 4 resizes, which changes nothing here. */
const STDIN = 0;
const OUTPUT = { stdout: 1, stderr: 2 } as const;
const ERROR = 3;
/** Since v5: the channel of the second byte gets no more. */
const CLOSE = 255;

/** A client that does not read what it asked for is cut, rather than this process loses its memory. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** Of the kubelet (`streamingConnectionIdleTimeout`). */
const IDLE_MS = 4 * 60 * 60 * 1000;
/** A client that does not answer the close. */
const CLOSE_MS = 10_000;

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** Runs a command for an open WebSocket until either of them ends, or the container does. */
export function runExec(
  webSocket: WebSocket,
  store: KubeStore,
  pod: KubeObject,
  request: CheckedExec,
  now: () => number,
): void {
  const { container, hasStdin, hasStdout, hasStderr } = request;
  const { namespace = '', name } = pod.metadata;
  const decoder = new StringDecoder('utf8');
  const isWanted = { stdout: hasStdout, stderr: hasStderr };
  let sleepTimer: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let closeTimer: NodeJS.Timeout | undefined;
  let isOver = false;

  const stayAwake = (): void => {
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      webSocket.terminate();
    }, IDLE_MS).unref();
  };
  const send = (channel: number, text: string): void => {
    stayAwake();
    webSocket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));
    if (webSocket.bufferedAmount > MAX_BUFFERED_BYTES) webSocket.terminate();
  };
  const end = (status: ExitStatus): void => {
    if (isOver) return;
    isOver = true;
    send(ERROR, JSON.stringify(status));
    webSocket.close(1000);
    closeTimer = setTimeout(() => {
      webSocket.terminate();
    }, CLOSE_MS).unref();
  };
  const perform = (effect: ExecEffect): void => {
    switch (effect.kind) {
      case 'write':
        if (isWanted[effect.stream]) send(OUTPUT[effect.stream], effect.text);
        break;
      case 'sleep':
        sleepTimer = setTimeout(() => {
          happen({ kind: 'slept' });
        }, effect.delayMs);
        break;
      case 'wake':
        clearTimeout(sleepTimer);
        break;
      case 'end':
        end(effect.status);
    }
  };
  let step: ExecStep | undefined;
  const follow = (next: ExecStep): void => {
    step = next;
    for (const effect of next.effects) perform(effect);
  };
  const happen = (event: ExecEvent): void => {
    if (step && !isOver) follow(transition(step.process, event, now()));
  };

  const run = runOf(pod, container);
  const unwatch = store.watch(
    PODS,
    { namespace, fieldSelector: `metadata.name=${name}` },
    store.resourceVersion,
    ({ type, object }) => {
      if (type === 'DELETED' || runOf(object, container) !== run) happen({ kind: 'killed' });
    },
  );
  webSocket.on('error', () => undefined);
  webSocket.on('close', () => {
    isOver = true;
    unwatch();
    for (const timer of [sleepTimer, idleTimer, closeTimer]) clearTimeout(timer);
  });
  webSocket.on('message', (data) => {
    stayAwake();
    const [channel, closed, ...more] = bytesOf(data).subarray(0, 3);
    if (channel === STDIN && hasStdin) happen({ kind: 'input', text: decoder.write(bytesOf(data).subarray(1)) });
    else if (channel === CLOSE && closed === STDIN && more.length === 0 && webSocket.protocol.startsWith('v5.')) {
      happen({ kind: 'input-over' });
    }
  });

  // What a client waits for before it sends: an empty message, as k8s.io/apiserver begins with.
  send(hasStdout ? OUTPUT.stdout : hasStderr ? OUTPUT.stderr : ERROR, '');
  if (run === undefined) end(failedExec(`unable to upgrade connection: container not found ("${container}")`));
  else follow(startProcess(execContainerOf(pod, container), request, now()));
}
