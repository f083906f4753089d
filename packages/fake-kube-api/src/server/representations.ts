import type { KubeObject } from '../protocol/kube-object.ts';
import type { Status } from '../protocol/status.ts';
import type { WatchEvent } from '../protocol/watch-event.ts';
import type { ResourceDefinition } from '../core/resource-definition.ts';
import { apiVersionOf } from '../core/store/object-shape.ts';
import { renderTable } from '../core/table.ts';
import type { StoredList } from '../core/types.ts';
import type { Representation } from './negotiate.ts';

const PARTIAL = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } as const;

/** One object, in the representation that the client chose. */
export function objectBody(
  definition: ResourceDefinition,
  object: KubeObject,
  representation: Representation,
  nowMs: number,
): unknown {
  if (representation.kind === 'metadata') return { ...PARTIAL, metadata: object.metadata };
  if (representation.kind === 'object') return object;
  const { resourceVersion } = object.metadata;
  return renderTable(definition, [object], {
    nowMs,
    includeObject: representation.includeObject,
    listMeta: { resourceVersion },
  });
}

function listMeta({ resourceVersion, continueToken, remainingItemCount }: StoredList): object {
  return {
    resourceVersion,
    ...(continueToken === undefined ? {} : { continue: continueToken }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  };
}

/** Items of a list of a built-in type carry no kind of their own, as those of the real server. */
function listItem(definition: ResourceDefinition, object: KubeObject): object {
  if (!definition.strategicMerge) return object;
  const { kind: _kind, apiVersion: _apiVersion, ...item } = object;
  return item;
}

/** A list or a page of one, in the representation that the client chose. */
export function listBody(
  definition: ResourceDefinition,
  list: StoredList,
  representation: Representation,
  nowMs: number,
): object {
  const metadata = listMeta(list);
  if (representation.kind === 'table') {
    const { includeObject } = representation;
    return renderTable(definition, list.items, { nowMs, includeObject, listMeta: metadata });
  }
  if (representation.kind === 'metadata') {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: list.items.map((object) => ({ ...PARTIAL, metadata: object.metadata })),
    };
  }
  return {
    kind: definition.listKind,
    apiVersion: apiVersionOf(definition),
    metadata,
    items: list.items.map((object) => listItem(definition, object)),
  };
}

// Typed objects of the real server show the members that have no `omitempty`; this one is in recorded traffic.
const EMPTY_POD = { spec: { containers: null }, status: {} } as const;

function bookmarkObject(definition: ResourceDefinition, resourceVersion: string, isInitialEnd: boolean): KubeObject {
  const metadata = {
    resourceVersion,
    ...(isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  };
  const isPod = definition.group === '' && definition.resource === 'pods';
  return {
    kind: definition.kind,
    apiVersion: apiVersionOf(definition),
    metadata,
    ...(isPod ? EMPTY_POD : {}),
  } as unknown as KubeObject;
}

/** Writes the lines of one kind of watch; a line that several watches send is built once. */
export interface EventLines {
  /** `withColumns` is for the first Table of a watch. */
  event(event: WatchEvent, withColumns: boolean): string;
  bookmark(resourceVersion: string, isInitialEnd: boolean, withColumns: boolean): string;
}

// Changes reach every watch of a server one after the other, so that the last few lines are all that is shared.
const SHARED_LINES = 16;

/** Creates the writers of event lines; `now` dates the ages in Tables. */
export function createEventLines(
  now: () => number,
): (definition: ResourceDefinition, representation: Representation) => EventLines {
  const shared = new Map<WatchEvent, Map<string, string>>();

  const objectIn = (
    definition: ResourceDefinition,
    object: KubeObject,
    representation: Representation,
    withColumns: boolean,
  ): unknown => {
    if (representation.kind === 'object') return object;
    if (representation.kind === 'metadata') return { ...PARTIAL, metadata: object.metadata };
    return renderTable(definition, [object], {
      nowMs: now(),
      includeObject: representation.includeObject,
      listMeta: { resourceVersion: object.metadata.resourceVersion },
      withColumns,
    });
  };

  return (definition, representation) => {
    const isTable = representation.kind === 'table';
    const key = isTable ? `table ${representation.includeObject}` : representation.kind;
    return {
      event(event, withColumns) {
        const variant = isTable && withColumns ? `${key} columns` : key;
        let lines = shared.get(event);
        if (!lines) {
          lines = new Map();
          shared.set(event, lines);
          const oldest = shared.keys().next().value;
          if (shared.size > SHARED_LINES && oldest) shared.delete(oldest);
        }
        let line = lines.get(variant);
        if (line === undefined) {
          const object = objectIn(definition, event.object, representation, withColumns);
          line = `${JSON.stringify({ type: event.type, object })}\n`;
          lines.set(variant, line);
        }
        return line;
      },
      bookmark(resourceVersion, isInitialEnd, withColumns) {
        const object = bookmarkObject(definition, resourceVersion, isInitialEnd);
        const shown =
          representation.kind === 'object' ? object : objectIn(definition, object, representation, withColumns);
        return `${JSON.stringify({ type: 'BOOKMARK', object: shown })}\n`;
      },
    };
  };
}

/** The line of an ERROR event. */
export const errorLine = (status: Status): string => `${JSON.stringify({ type: 'ERROR', object: status })}\n`;
