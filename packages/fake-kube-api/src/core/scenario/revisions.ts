import type { KubeObject } from '../../protocol/kube-object.ts';
import { ownerReference, type Cluster } from './cluster.ts';
import { shortHash } from './text.ts';
import type { ControllerRevision, PodTemplate } from './views.ts';

/** The label by which a pod says which template it was made from. */
export const REVISION_LABEL = 'controller-revision-hash';

/** Earlier templates kept, as the API's default. */
const HISTORY_LIMIT = 10;

interface Owner extends KubeObject {
  readonly spec: { readonly template: PodTemplate; readonly [field: string]: unknown };
}

/** The name of the revision that an owner's template has, which pods carry in {@link REVISION_LABEL}. */
export function revisionName(owner: Owner): string {
  return `${owner.metadata.name}-${shortHash(owner.spec.template)}`;
}

/** Keeps the owner's template as a ControllerRevision, the newest with the highest number, and no more than ten. */
export function keepRevision(cluster: Cluster, owner: Owner): ControllerRevision | undefined {
  const name = revisionName(owner);
  const all = [...cluster.cache('revisions').ownedBy(owner.metadata.uid)].sort((a, b) => a.revision - b.revision);
  const newest = all.at(-1);
  const known = all.find((revision) => revision.metadata.name === name);
  const number = (newest?.revision ?? 0) + 1;
  if (known === undefined) {
    const { labels } = owner.spec.template.metadata ?? {};
    cluster.create('revisions', {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name,
        namespace: owner.metadata.namespace ?? 'default',
        labels: { ...labels, [REVISION_LABEL]: name },
        ownerReferences: [ownerReference(owner)],
      },
      data: { spec: { template: { ...owner.spec.template, $patch: 'replace' } } },
      revision: number,
    });
    for (const old of all.slice(0, Math.max(0, all.length - HISTORY_LIMIT))) cluster.remove('revisions', old);
  } else if (known !== newest) {
    cluster.update('revisions', { ...known, revision: number });
  }
  return cluster.cache('revisions').get(`${owner.metadata.namespace}/${name}`);
}

/** The template that a revision keeps. */
export function templateOf(cluster: Cluster, namespace: string | undefined, name: string): PodTemplate | undefined {
  const kept = cluster.cache('revisions').get(`${namespace}/${name}`)?.data?.spec.template;
  if (kept === undefined) return undefined;
  const { $patch: _, ...template } = kept as PodTemplate & { readonly $patch?: string };
  return template;
}
