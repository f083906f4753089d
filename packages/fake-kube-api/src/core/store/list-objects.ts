import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { matcherOf } from '../selectors/matcher.ts';
import { badRequest, expired, resourceVersionTooLarge } from '../status-errors.ts';
import type { ListOptions, Selection, StoredList } from '../types.ts';
import { keyOf, type Collection } from './collection.ts';
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts';
import { parseResourceVersion } from './resource-version.ts';

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

// Enough for a few dashboards that page through big lists while the objects change.
const MAX_SNAPSHOTS = 8;

/** Remembers the objects of cut lists, so that the next page need not rebuild them from the history. */
export interface Snapshots {
  get(key: string): readonly KubeObject[] | undefined;
  set(key: string, objects: readonly KubeObject[]): void;
  clear(): void;
}

/** Creates an empty cache of snapshots; at its bound the one that was used longest ago goes. */
export function createSnapshots(): Snapshots {
  const entries = new Map<string, readonly KubeObject[]>();
  const set = (key: string, objects: readonly KubeObject[]): void => {
    entries.delete(key);
    entries.set(key, objects);
    const oldest = entries.keys().next().value;
    if (entries.size > MAX_SNAPSHOTS && oldest !== undefined) entries.delete(oldest);
  };
  return {
    set,
    get(key) {
      const objects = entries.get(key);
      if (objects) set(key, objects);
      return objects;
    },
    clear: () => {
      entries.clear();
    },
  };
}

/** What a list reads from. */
export interface ListSource {
  readonly collection: Collection;
  readonly definition: ResourceDefinition;
  /** The last revision of the server. */
  readonly revision: number;
  readonly snapshots: Snapshots;
}

interface Plan {
  /** The revision that the list shows; undefined for the present. */
  readonly at: number | undefined;
  readonly start: string;
  readonly limit: number;
  readonly expired: () => Error;
}

/** Which state of the collection a request asks for (Kubernetes documentation, API concepts, § Resource versions). */
function planOf(source: ListSource, options: ListOptions): Plan {
  const limit = options.limit ?? 0;
  const asked = parseResourceVersion(options.resourceVersion);
  const tooLarge = (revision: number): Error => resourceVersionTooLarge(String(revision), String(source.revision));
  if (options.continueToken !== undefined && options.continueToken !== '') {
    if (asked !== undefined && asked !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const { revision, start } = decodeContinueToken(options.continueToken);
    if (revision > source.revision) throw tooLarge(revision);
    return {
      at: revision === -1 ? undefined : revision,
      start,
      limit,
      expired: () => expired(CONTINUE_EXPIRED, encodeContinueToken({ revision: -1, start })),
    };
  }
  const tooOld = (): Error => expired('The resourceVersion for the provided list is too old.');
  if (asked === undefined) return { at: undefined, start: '', limit, expired: tooOld };
  // The real watch cache ignores the limit for "any state will do".
  if (asked === 0) return { at: undefined, start: '', limit: 0, expired: tooOld };
  if (asked > source.revision) throw tooLarge(asked);
  const exact =
    options.resourceVersionMatch === 'Exact' ||
    ((options.resourceVersionMatch === undefined || options.resourceVersionMatch === '') && limit > 0);
  return { at: exact ? asked : undefined, start: '', limit, expired: tooOld };
}

function firstFrom(objects: readonly KubeObject[], start: string, keyIn: (object: KubeObject) => string): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const object = objects[middle];
    if (object && keyIn(object) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Answers one list or one page of it.
 *
 * @throws StatusError 400, 410 Expired or 504 as the API server does.
 */
export function listObjects(source: ListSource, selection: Selection, options: ListOptions): StoredList {
  const { collection, definition } = source;
  const namespace = definition.namespaced ? selection.namespace : undefined;
  const { matches, name } = matcherOf(definition, selection);
  const plan = planOf(source, options);
  const revision = plan.at ?? source.revision;
  const resourceVersion = String(revision);

  if (name !== undefined && plan.at === undefined && (namespace !== undefined || !definition.namespaced)) {
    const object = collection.get(namespace ?? '', name);
    return { items: object && (!matches || matches(object)) ? [object] : [], resourceVersion };
  }

  const snapshotKey = `${collection.key}\n${namespace ?? ''}\n${resourceVersion}`;
  if (plan.at !== undefined && plan.at < collection.floor) throw plan.expired();
  const objects =
    plan.at === undefined
      ? collection.sorted(namespace)
      : (source.snapshots.get(snapshotKey) ?? collection.sortedAt(namespace, plan.at));
  if (!objects) throw plan.expired();
  if (plan.limit <= 0 && plan.start === '')
    return { items: matches ? objects.filter(matches) : objects, resourceVersion };

  const keyIn = (object: KubeObject): string =>
    namespace === undefined ? keyOf(object.metadata.namespace ?? '', object.metadata.name) : object.metadata.name;
  const items: KubeObject[] = [];
  let index = firstFrom(objects, plan.start, keyIn);
  for (; index < objects.length && (plan.limit <= 0 || items.length < plan.limit); index += 1) {
    const object = objects[index];
    if (object && (!matches || matches(object))) items.push(object);
  }
  const last = objects[index - 1];
  if (index >= objects.length || !last) return { items, resourceVersion };
  source.snapshots.set(snapshotKey, objects);
  return {
    items,
    resourceVersion,
    continueToken: encodeContinueToken({ revision, start: `${keyIn(last)}\0` }),
    ...(matches ? {} : { remainingItemCount: objects.length - index }),
  };
}
