import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../protocol/kube-object.ts';
import { builtinResources } from './resources/builtin-resources.ts';
import { definitionOf, objectOf, recorded, recordedPods } from '../../test/support/objects.ts';
import { renderTable, type Table } from './table.ts';

const pods = definitionOf('pods');

describe('the Table of pods', () => {
  const answer = recorded<Table>('table-pods.json');
  const names = new Set(answer.rows.map((row) => (row.object as KubeObject).metadata.name));
  const { metadata } = recorded<{ readonly metadata: object }>('list-pods.json');
  const objects = recordedPods().filter(({ metadata: { name } }) => names.has(name));

  it('has the rows, cells and columns that the real server sent for the same objects', () => {
    const created = objects.map((object) => Date.parse(object.metadata.creationTimestamp ?? ''));
    const nowMs = Math.max(...created) + 1000;
    const table = renderTable(pods, objects, { nowMs, includeObject: 'Metadata', listMeta: metadata });
    expect(table.rows).toEqual(answer.rows);
    expect(table.metadata).toEqual(answer.metadata);
    const facts = (columns: Table['columnDefinitions']) =>
      columns?.map(({ name, type, format, priority }) => ({ name, type, format, priority }));
    expect(facts(table.columnDefinitions)).toEqual(facts(answer.columnDefinitions));
  });

  it('leaves out columns and objects as it is asked', () => {
    const table = renderTable(pods, objects, { nowMs: 0, includeObject: 'None', withColumns: false });
    expect(table.columnDefinitions).toBeNull();
    expect(table.rows[0]?.object).toBeNull();
    expect(renderTable(pods, objects, { nowMs: 0, includeObject: 'Object' }).rows[0]?.object).toBe(objects[0]);
  });
});

describe('the status column of pods', () => {
  const statusOf = (pod: KubeObject): unknown =>
    renderTable(pods, [pod], { nowMs: Date.UTC(2026, 0, 1) }).rows[0]?.cells[2];
  const withState = (state: object, more: object = {}): KubeObject =>
    objectOf('pods', {
      status: { phase: 'Running', containerStatuses: [{ name: 'main', restartCount: 0, state, ...more }] },
    });

  it('tells why containers wait or have ended', () => {
    expect(statusOf(withState({ waiting: { reason: 'CrashLoopBackOff' } }))).toBe('CrashLoopBackOff');
    expect(statusOf(withState({ terminated: { reason: 'OOMKilled', exitCode: 137 } }))).toBe('OOMKilled');
    expect(statusOf(withState({ terminated: { exitCode: 3 } }))).toBe('ExitCode:3');
    expect(statusOf(withState({ terminated: { exitCode: 0, signal: 9 } }))).toBe('Signal:9');
  });

  it('tells a pod that is being deleted, unless it has ended', () => {
    const deleted = (phase: string): KubeObject =>
      objectOf('pods', { status: { phase }, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(statusOf(deleted('Running'))).toBe('Terminating');
    expect(statusOf(deleted('Succeeded'))).toBe('Succeeded');
  });

  it('counts init containers until they are done', () => {
    const initialising = objectOf('pods', {
      spec: { initContainers: [{ name: 'a' }, { name: 'b' }], containers: [{ name: 'main' }] },
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'a', restartCount: 0, state: { terminated: { exitCode: 0 } } },
          { name: 'b', restartCount: 0, state: { running: {} } },
        ],
      },
    });
    expect(statusOf(initialising)).toBe('Init:1/2');
  });

  it('tells when a container was restarted last', () => {
    const restarted = withState(
      { running: {} },
      { restartCount: 4, lastState: { terminated: { finishedAt: '2025-12-31T23:00:00Z' } } },
    );
    const row = renderTable(pods, [restarted], { nowMs: Date.UTC(2026, 0, 1) }).rows[0];
    expect(row?.cells[3]).toBe('4 (60m ago)');
  });
});

describe('the columns of every built-in resource', () => {
  it('print an object that says nothing', () => {
    for (const definition of builtinResources) {
      const object = {
        apiVersion: 'v1',
        kind: definition.kind,
        metadata: { name: 'a', uid: 'u', resourceVersion: '1' },
      };
      const [row] = renderTable(definition, [object], { nowMs: 0 }).rows;
      const shown = row?.cells.every((cell) => ['string', 'number', 'boolean'].includes(typeof cell));
      expect(shown, definition.resource).toBe(true);
      expect(JSON.stringify(row?.cells)).not.toMatch(/undefined|NaN|\[object/);
    }
  });
});
