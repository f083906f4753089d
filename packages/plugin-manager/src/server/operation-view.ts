import type { OperationProgress } from '../core/operation-progress.ts';
import { doneMessages as knownDoneMessages, pluginProgressOf, withKnownMessage } from '../node/facade-progress.ts';
import type { PluginError } from '../protocol/error.ts';
import type { PluginFailure, PluginOperationView } from '../protocol/wire.ts';

type Action = PluginOperationView['action'];

/** What is known of an operation at its start. */
export interface OperationStart extends Pick<
  PluginOperationView,
  'id' | 'action' | 'pluginId' | 'title' | 'startedBy'
> {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** An operation that waits for its turn. */
export function queuedView(start: OperationStart): PluginOperationView {
  const progress = { type: 'info', message: 'Waiting', percentage: 0 } as const;
  return { ...start, state: 'queued', percentage: 0, progress, warnings: [] };
}

/** What became active by an operation. */
export type OperationResult = Pick<PluginOperationView, 'version' | 'title'>;

/** The view after an event; its messages are those of the static façade. `now` is in milliseconds since 1970. */
export function nextView(
  view: PluginOperationView,
  event: OperationProgress,
  now: number,
  result: OperationResult = {},
): PluginOperationView {
  if (event.type === 'queued') return view;
  const percentage = Math.max(view.percentage, Math.floor(event.percentage));
  const { bytes: _, ...before } = view;
  const running = { ...before, state: 'running', percentage, progress: progressOf(view, event, percentage) } as const;
  switch (event.type) {
    case 'phase':
      return { ...running, phase: event.phase };
    case 'bytes': {
      const { done, total, rate } = event;
      const bytes = { done, ...(total === undefined ? {} : { total }), rate: Math.round(rate) };
      return { ...running, phase: 'download', bytes };
    }
    case 'warning':
      return { ...view, state: 'running', percentage, warnings: [...view.warnings, event.message] };
    case 'done': {
      const { warnings } = event;
      return { ...running, state: 'done', warnings, endedAt: now, ...result };
    }
    case 'failed': {
      const { error, warnings } = event;
      return { ...running, state: 'failed', warnings, phase: error.phase, endedAt: now, failure: failureOf(error) };
    }
    case 'cancelled':
      return { ...running, state: 'cancelled', warnings: event.warnings, endedAt: now };
  }
}

/** A failure as an answer tells it. */
export function failureOf({ code, message, phase, retryable, details }: PluginError): PluginFailure {
  return { code, message, phase, retryable, details };
}

const doneMessages: Readonly<Record<Action, string>> = {
  ...knownDoneMessages,
  rollback: 'Plugin Rolled Back',
  verify: 'Plugin Verified',
  repair: 'Plugin Repaired',
};

/** What has one step alone. */
const stepMessages: Readonly<Partial<Record<Action, string>>> = {
  uninstall: 'Uninstalling Plugin',
  rollback: 'Rolling Plugin Back',
  verify: 'Verifying Plugin',
};

function progressOf(
  { action }: PluginOperationView,
  event: OperationProgress,
  percentage: number,
): PluginOperationView['progress'] {
  switch (event.type) {
    case 'done':
      return { type: 'success', message: doneMessages[action], percentage };
    case 'failed':
    case 'cancelled':
      return { type: 'error', message: withKnownMessage(event.error).message, percentage };
    default: {
      const message = stepMessages[action] ?? pluginProgressOf(event)?.message ?? '';
      return { type: 'info', message, percentage };
    }
  }
}
