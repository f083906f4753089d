import type { ServerResponse } from 'node:http';
import { badRequest } from '../core/status-errors.ts';
import type { KubeObject } from '../protocol/kube-object.ts';
import { isTrue } from './request-info.ts';
import { containerOf } from './pod-container.ts';
import type { LogLine, PodLogs } from './pod-logs.ts';

interface PodParts {
  readonly spec?: {
    readonly nodeName?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly state?: { readonly waiting?: { readonly reason?: string } };
    }[];
  };
}

// A reader of a log that is slower than the log loses it here, rather than this process its memory.
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

function checkStarted(pod: KubeObject, container: string): void {
  const { spec, status } = pod as PodParts;
  const { name } = pod.metadata;
  if (spec?.nodeName === undefined) throw badRequest(`pod ${name} does not have a host assigned`);
  const state = status?.containerStatuses?.find((one) => one.name === container)?.state;
  if (state?.waiting) {
    const reason = state.waiting.reason ?? 'ContainerCreating';
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${reason}`);
  }
}

function count(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw badRequest(`${name}: Invalid value: "${text}": must be an integer that is not negative`);
}

/**
 * Answers `pods/log` as plain text, with `follow` until the pod goes or the client does.
 *
 * @throws StatusError 400 where the container is unclear, unknown or has not started.
 */
export function servePodLog(
  logs: PodLogs,
  pod: KubeObject,
  query: URLSearchParams,
  response: ServerResponse,
  nowMs: number,
): void {
  const { namespace = '', name } = pod.metadata;
  const container = containerOf(pod, query.get('container'));
  const where = { namespace, name, container };
  const isPrevious = isTrue(query.get('previous'));
  const found = logs.lines(where, isPrevious);
  if (isPrevious && !found) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  let lines = found ?? [];
  if (lines.length === 0) checkStarted(pod, container);

  const sinceSeconds = count(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime');
  const tailLines = count(query, 'tailLines');
  let bytesLeft = count(query, 'limitBytes') ?? Infinity;
  const withTime = isTrue(query.get('timestamps'));
  const since =
    sinceSeconds === undefined ? (sinceTime === null ? 0 : Date.parse(sinceTime)) : nowMs - sinceSeconds * 1000;
  lines = lines.filter(({ atMs }) => atMs >= since);
  if (tailLines !== undefined) lines = tailLines === 0 ? [] : lines.slice(-tailLines);

  const textOf = ({ atMs, text }: LogLine): Buffer => {
    // Nanoseconds as the real server writes them; this one knows milliseconds.
    const time = withTime ? `${new Date(atMs).toISOString().slice(0, -1)}000000Z ` : '';
    const bytes = Buffer.from(`${time}${text}\n`).subarray(0, bytesLeft);
    bytesLeft -= bytes.byteLength;
    return bytes;
  };

  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  for (const line of lines) if (bytesLeft > 0) response.write(textOf(line));
  if (!isTrue(query.get('follow')) || isPrevious || bytesLeft <= 0) {
    response.end();
    return;
  }
  const stop = logs.follow(
    where,
    (line) => {
      response.write(textOf(line));
      if (bytesLeft <= 0) response.end();
      else if (response.writableLength > MAX_BUFFERED_BYTES) response.destroy();
    },
    () => {
      response.end();
    },
  );
  response.on('close', stop);
}
