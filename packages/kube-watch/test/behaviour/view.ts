import { expect, vi } from 'vitest';
import type { TargetHandle, TargetOptions, TargetSnapshot } from '../../src/client/index.ts';
import type { KubeObject, TargetState, WatchTarget } from '../../src/index.ts';
import { onUndo, type Setup } from './setup.ts';

/** A held target with everything that it showed. */
export interface View {
  readonly handle: TargetHandle;
  readonly state: TargetState;
  readonly items: readonly KubeObject[];
  readonly names: readonly string[];
  /** Each snapshot, oldest first. */
  readonly seen: readonly TargetSnapshot[];
  get(name: string): KubeObject | undefined;
  /** Waits until exactly these are shown. */
  shows(...names: readonly string[]): Promise<void>;
  /** Waits until `check` throws no more. */
  until(check: () => void): Promise<void>;
  /** Waits until it is as live as its carrier can be. */
  settled(): Promise<void>;
}

/** So long as a poll of a real cluster may take. */
const timeout = 20_000;

/** Holds a target until the test is over. */
export function view(
  { client, carrier, target }: Setup,
  more: Partial<WatchTarget> = {},
  options?: TargetOptions,
): View {
  const handle = client.watch({ ...target, ...more }, options);
  onUndo(() => {
    handle.dispose();
  });
  const seen: TargetSnapshot[] = [handle.snapshot];
  handle.subscribe(() => {
    seen.push(handle.snapshot);
  });
  const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout, interval: 10 });
  const names = (): readonly string[] => handle.snapshot.items.map(({ metadata }) => metadata.name).sort();
  return {
    handle,
    seen,
    get state() {
      return handle.snapshot.state;
    },
    get items() {
      return handle.snapshot.items;
    },
    get names() {
      return names();
    },
    get: (name) => handle.snapshot.items.find(({ metadata }) => metadata.name === name),
    until,
    shows: (...expected) =>
      until(() => {
        expect(names()).toEqual([...expected].sort());
      }),
    settled: () =>
      until(() => {
        expect(handle.snapshot.state).toMatchObject({
          status: carrier === 'polling' ? 'polling' : 'live',
          transport: carrier,
          isSynced: true,
          isStale: false,
          error: undefined,
        });
      }),
  };
}
