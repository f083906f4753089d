import type { OperationProgress } from '../core/operation-progress.ts';
import type { SyncPlan, SyncStep } from '../core/sync-plan.ts';
import type { PluginError } from '../protocol/error.ts';
import type { StartOptions } from './plugin-manager-interface.ts';

/** What a sync works on. */
export interface SyncOptions extends StartOptions {
  /** `plugins.yaml`: `plugins: [{id, version?, enabled?, pinned?}]`, in YAML or JSON. */
  readonly file: string;
  /** Default: `plugins.lock.json` beside `plugins.yaml`. */
  readonly lockFile?: string | undefined;
  /** Nothing is changed: the plan is the result. Default: false. */
  readonly isPlanOnly?: boolean | undefined;
  /** The lock must say the bytes of every plugin, and is not written. Default: false. */
  readonly isFrozen?: boolean | undefined;
  /** What it throws is ignored. */
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined;
}

/** What a sync tells while it runs; before anything is changed, its plan. */
export type SyncProgress =
  | { readonly type: 'plan'; readonly plan: SyncPlan }
  | { readonly type: 'step'; readonly step: SyncStep; readonly state: 'started' | 'done' }
  | { readonly type: 'step'; readonly step: SyncStep; readonly state: 'failed'; readonly error: PluginError }
  /** Of the step that was started last. */
  | { readonly type: 'operation'; readonly pluginId: string; readonly progress: OperationProgress };

/** What came of a sync. */
export interface SyncResult {
  readonly plan: SyncPlan;
  /** Whether the lock file says something else than before. */
  readonly isLockWritten: boolean;
}

/** A sync that runs: `await` it for its result; it rejects with a {@link PluginError}. */
export interface SyncOperation extends PromiseLike<SyncResult> {
  readonly id: string;
  /** Known before anything is changed; rejects where there is none. */
  readonly plan: Promise<SyncPlan>;
  /** Ends it with E_CANCELLED unless it has ended; what was done stays done. */
  cancel(): void;
}
