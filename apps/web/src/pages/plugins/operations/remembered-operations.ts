import type { TextStorage } from '../../../ui/stored-values.ts';
import type { ListedOperation } from './operations-state.ts';

/** Operations that a tab remembers; of more, those that came first. */
const maxRemembered = 50;

/** Longer than any id is. */
const maxIdLength = 300;

const actions: ReadonlySet<unknown> = new Set<ListedOperation['action']>([
  'install',
  'update',
  'uninstall',
  'rollback',
  'verify',
  'repair',
]);

/**
 * Operations that ran when the page was left, so that an end meanwhile is told after all. `findStorage` may throw, as a
 * browser does that forbids storage: then nothing is remembered.
 */
export function readOperations(findStorage: () => TextStorage, key: string): readonly ListedOperation[] {
  try {
    const json = JSON.parse(findStorage().getItem(key) ?? '[]') as unknown;
    return Array.isArray(json) ? json.slice(0, maxRemembered).flatMap(readOperation) : [];
  } catch {
    return [];
  }
}

/** Remembers those that run. */
export function writeOperations(
  findStorage: () => TextStorage,
  key: string,
  operations: readonly ListedOperation[],
): void {
  const brief = operations.map(({ id, action, pluginId, startedAt }) => ({ id, action, pluginId, startedAt }));
  try {
    findStorage().setItem(key, JSON.stringify(brief.slice(0, maxRemembered)));
  } catch {
    // A reload forgets them then.
  }
}

function readOperation(json: unknown): readonly ListedOperation[] {
  const { id, action, pluginId, startedAt } = (json ?? {}) as Readonly<Record<string, unknown>>;
  if (!isId(id) || !isId(pluginId) || !actions.has(action) || typeof startedAt !== 'number') return [];
  return [{ id, action: action as ListedOperation['action'], pluginId, startedAt, state: 'running' }];
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxIdLength;
}
