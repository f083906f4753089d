import { FleetwireError } from '@fleetwire/websocket-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Status } from '../protocol/kube-object.ts';
import {
  createKubeWatchError,
  errorOfStatus,
  isKubeWatchError,
  kubeErrors,
  toKubeWatchError,
} from './kube-watch-error.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const target = { cluster: 'a', namespace: 'x' };

function statusOf(file: string): Status {
  return JSON.parse(readFileSync(join(root, 'fixtures', 'kubernetes', file), 'utf8')) as Status;
}

describe('docs/errors.md', () => {
  it('lists every code of a target, in the order of the registry, and no other', () => {
    const text = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
    const section = text.split(/^## /m).find((candidate) => candidate.startsWith('Kubernetes errors')) ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` \| (yes|no) \| (.*) \|$/gm)].map(([, code, retryable, when]) => [
      code,
      { retryable: retryable === 'yes', when },
    ]);
    expect(rows).toEqual(Object.entries(kubeErrors));
  });
});

describe('a Status of a real server', () => {
  it.each([
    ['status-401.json', 'KUBE_FORBIDDEN', 403],
    ['status-403.json', 'KUBE_FORBIDDEN', 403],
    ['status-404.json', 'KUBE_NOT_FOUND', 404],
    ['status-409-conflict.json', 'KUBE_CONFLICT', 409],
    ['status-409-already-exists.json', 'KUBE_CONFLICT', 409],
    ['status-410-continue-expired.json', 'KUBE_EXPIRED', 410],
    ['status-422.json', 'KUBE_INVALID', 422],
    ['status-504-rv-too-large.json', 'KUBE_VERSION_TOO_LARGE', 504],
  ])('%s is %s', (file, code, status) => {
    const error = errorOfStatus(statusOf(file), target);
    expect(error).toBeInstanceOf(FleetwireError);
    expect(error).toMatchObject({ code, status, cluster: 'a', namespace: 'x' });
    expect(error.reason).toBe(statusOf(file).reason);
  });

  it('keeps the time that it names, in milliseconds', () => {
    expect(errorOfStatus(statusOf('status-504-rv-too-large.json'), target).retryAfterMs).toBe(1000);
  });
});

it('a Status whose fields have other types makes an error all the same', () => {
  const hostile = {
    kind: 'Status',
    code: '410',
    reason: 5,
    message: {},
    details: { retryAfterSeconds: 'x', causes: 7 },
  };
  expect(errorOfStatus(hostile as unknown as Status, target)).toMatchObject({
    code: 'KUBE_SERVER_ERROR',
    status: undefined,
    reason: undefined,
    retryAfterMs: undefined,
  });
});

it('a failure without an answer is unreachable, and one of Fleetwire keeps its code', () => {
  expect(createKubeWatchError({ message: 'cut', ...target })).toMatchObject({
    code: 'KUBE_UNREACHABLE',
    retryable: true,
  });
  expect(toKubeWatchError(new TypeError('refused'), target)).toMatchObject({ code: 'KUBE_UNREACHABLE' });
  const closed = toKubeWatchError(new FleetwireError('CONNECTION_CLOSED', 'closed'), target);
  expect(closed).toMatchObject({ code: 'CONNECTION_CLOSED', retryable: false, cluster: 'a' });
  expect(toKubeWatchError(closed, target)).toBe(closed);
  expect(isKubeWatchError(closed)).toBe(true);
});
