import { definitionsOfCrd } from '../core/crd.ts';
import { isoTime } from '../core/store/object-shape.ts';
import type { KubeStore } from '../core/types.ts';
import type { KubeObject } from '../protocol/kube-object.ts';

const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' } as const;

interface CrdParts {
  readonly spec?: {
    readonly group?: string;
    readonly names?: { readonly plural?: string };
    readonly versions?: readonly { readonly name?: string; readonly served?: boolean; readonly storage?: boolean }[];
  };
  readonly status?: { readonly conditions?: readonly unknown[] };
}

/** Serves the types of the CustomResourceDefinitions in a store as long as they are there; returns its undo. */
export function runCrdController(store: KubeStore, now: () => number): () => void {
  if (!store.definition(CRDS)) return () => undefined;
  /** Undoes of the types of a definition, by its name. */
  const served = new Map<
    string,
    { readonly generation: number | undefined; readonly undos: readonly (() => void)[] }
  >();

  const serve = (crd: KubeObject): void => {
    const { name, generation, deletionTimestamp } = crd.metadata;
    const known = served.get(name);
    if (deletionTimestamp !== undefined || (known && known.generation === generation)) return;
    const { spec, status } = crd as CrdParts;
    const group = spec?.group ?? '';
    const resource = spec?.names?.plural ?? '';
    const isTaken = !known && store.definitions.some((one) => one.group === group && one.resource === resource);
    if (!isTaken) {
      const undos = definitionsOfCrd(crd).map((definition) => store.define(definition));
      served.set(name, { generation, undos });
      // Versions that are no longer served go; those that still are have been replaced and stay.
      for (const undo of known?.undos ?? []) undo();
    }
    const isStored = store.list(CRDS, { fieldSelector: `metadata.name=${name}` }).items.length > 0;
    if ((status?.conditions?.length ?? 0) > 0 || !isStored) return;
    const condition = (type: string, reason: string, message: string): object => ({
      type,
      status: isTaken ? 'False' : 'True',
      lastTransitionTime: isoTime(now()),
      reason,
      message,
    });
    store.update(
      CRDS,
      undefined,
      name,
      {
        ...crd,
        // Without a resourceVersion: a change that came in between must not fail this one.
        metadata: { name },
        status: {
          conditions: [
            isTaken
              ? condition('NamesAccepted', 'PluralConflict', `"${resource}" is already in use`)
              : condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
            isTaken
              ? condition('Established', 'NotAccepted', 'not all names are accepted')
              : condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
          ],
          acceptedNames: isTaken ? { plural: '', kind: '' } : spec?.names,
          storedVersions: (spec?.versions ?? [])
            .filter(({ storage }) => storage === true)
            .map((version) => version.name),
        },
      },
      { subresource: 'status' },
    );
  };

  for (const crd of store.list(CRDS).items) serve(crd);
  return store.watch(CRDS, {}, store.resourceVersion, ({ type, object }) => {
    if (type !== 'DELETED') {
      serve(object);
      return;
    }
    const { name } = object.metadata;
    const undos = served.get(name)?.undos ?? [];
    served.delete(name);
    for (const undo of undos) undo();
  });
}
