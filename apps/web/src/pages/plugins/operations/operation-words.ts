import type { PluginFailure, PluginOperationView, PublisherChange } from '@fleetwire/plugin-manager';
import { formatBytes } from '../../../ui/format.ts';

type Action = PluginOperationView['action'];
type Phase = NonNullable<PluginOperationView['phase']>;

const actionWords: Readonly<Record<Action, { readonly verb: string; readonly doing: string; readonly done: string }>> =
  {
    install: { verb: 'install', doing: 'Installing', done: 'installed' },
    update: { verb: 'update', doing: 'Updating', done: 'updated' },
    uninstall: { verb: 'remove', doing: 'Removing', done: 'removed' },
    rollback: { verb: 'roll back', doing: 'Rolling back', done: 'rolled back' },
    verify: { verb: 'verify', doing: 'Verifying', done: 'verified' },
    repair: { verb: 'repair', doing: 'Repairing', done: 'repaired' },
  };

const phaseWords: Readonly<Record<Phase, string>> = {
  resolve: 'Looking it up',
  policy: 'Checking the policy',
  download: 'Downloading',
  integrity: 'Checking the digest',
  signature: 'Checking the signature',
  inspect: 'Reading the archive',
  extract: 'Unpacking',
  manifest: 'Reading package.json',
  compat: 'Checking compatibility',
  commit: 'Switching over',
  cleanup: 'Tidying up',
};

/** `Installing`, for what runs. */
export function doingOf(action: Action): string {
  return actionWords[action].doing;
}

/** `Install Cost`, for an operation whatever its state. */
export function titleOfOperation(action: Action, name: string): string {
  const { verb } = actionWords[action];
  return `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${name}`;
}

/** The step that an operation is in, in words; of what has ended, how. */
export function phaseOf({ state, phase }: Pick<PluginOperationView, 'state' | 'phase'>): string {
  switch (state) {
    case 'queued':
      return 'Waiting for its turn';
    case 'running':
      return phase === undefined ? 'Starting' : phaseWords[phase];
    case 'done':
      return 'Done';
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** `3.20 MiB of 12.0 MiB, 1.10 MiB/s`; empty where nothing is downloaded. */
export function bytesOf(bytes: PluginOperationView['bytes']): string {
  if (bytes === undefined) return '';
  const { done, total, rate } = bytes;
  const amount = total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`;
  return rate > 0 ? `${amount}, ${formatBytes(rate)}/s` : amount;
}

/** What came of an operation, for a toast. */
export interface OperationOutcome {
  readonly tone: 'good' | 'bad';
  readonly title: string;
  readonly message?: string | undefined;
}

/** What came of an operation that has ended, named after its plugin. */
export function outcomeOf(view: PluginOperationView, name: string): OperationOutcome {
  const { action, state, version, failure } = view;
  const { verb } = actionWords[action];
  if (state === 'failed') {
    const message = failure === undefined ? view.progress.message : `${failure.message} (${failure.code})`;
    return { tone: 'bad', title: `Could not ${verb} ${name}`, message };
  }
  if (state === 'cancelled')
    return { tone: 'good', title: `Cancelled: ${verb} ${name}`, message: 'Nothing has changed.' };
  return { tone: 'good', title: doneTitle(action, name, version) };
}

/**
 * What is told of an operation that the server has forgotten. `installed`: the version that is installed by now, null for
 * none; undefined where nobody could say.
 */
export function lostOutcomeOf(action: Action, name: string, installed: string | null | undefined): OperationOutcome {
  const now =
    installed === undefined
      ? 'Look at what is installed.'
      : installed === null
        ? 'It is not installed now.'
        : `${installed} is installed now.`;
  return {
    tone: 'bad',
    title: `${doingOf(action)} ${name}: nobody knows what came of it`,
    message: `The server no longer knows of the operation. ${now}`,
  };
}

function doneTitle(action: Action, name: string, version: string | undefined): string {
  const { done } = actionWords[action];
  if (version === undefined) return `${name} was ${done}`;
  if (action === 'install') return `${name} ${version} was ${done}`;
  return action === 'update' || action === 'rollback' ? `${name} was ${done} to ${version}` : `${name} was ${done}`;
}

/** The name in package.json that kept an operation from its end as it is another one: a catalog does not know it. */
export function changedNameOf({ code, details }: Pick<PluginFailure, 'code' | 'details'>): string | undefined {
  if (code !== 'E_PUBLISHER_CHANGED' || !Array.isArray(details['changes'])) return undefined;
  const changes = details['changes'] as readonly Partial<PublisherChange>[];
  return changes.find((change) => change.what === 'packageName')?.found;
}
