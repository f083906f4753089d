import type { ClusterDefinition, ClusterSource } from '@fleetwire/kube-watch/server';
import type { Logger } from '@fleetwire/websocket-core/server';
import { firstOrganisation, type Organisations } from '../access/organisations.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import type { Config } from '../config/schema.ts';

/** Whose the clusters are, as the configuration says it by the names of organisations. */
export interface ClusterOwners {
  /** The clusters of a source, each with its owners of the moment. */
  own(source: ClusterSource): ClusterSource;
  /** The namespace that an organisation is confined to; undefined where it sees all. */
  confinedTo(identity: Pick<UserIdentity, 'orgId'>, cluster: string): string | undefined;
}

/** Creates it. Owners are looked up anew when an organisation comes. */
export function createClusterOwners(
  clusters: Config['clusters'],
  organisations: Organisations,
  logger: Logger,
): ClusterOwners {
  const orgsOf = (cluster: string): readonly string[] => {
    const { orgs = [firstOrganisation], namespaces } = clusters[cluster] ?? {};
    return orgs.flatMap((name) => {
      const id = organisations.idOf(name);
      if (id === undefined)
        logger.warn({ cluster, organisation: name }, 'a cluster belongs to an unknown organisation');
      // Whoever names namespaces confines: one that was forgotten must not open the whole cluster.
      const isForgotten = namespaces !== undefined && namespaces[name] === undefined;
      if (isForgotten)
        logger.warn(
          { cluster, organisation: name },
          'an organisation has no namespace of a cluster, so not the cluster',
        );
      return id === undefined || isForgotten ? [] : id;
    });
  };

  return {
    own(source) {
      /** By what the source gives: a cluster whose owners stay stays the same object. */
      const owned = new WeakMap<ClusterDefinition, ClusterDefinition>();
      return {
        get clusters() {
          return source.clusters.map((definition) => {
            const orgs = orgsOf(definition.name);
            const former = owned.get(definition);
            if (former !== undefined && former.orgs.join() === orgs.join()) return former;
            const next = { ...definition, orgs };
            owned.set(definition, next);
            return next;
          });
        },
        onChange(listener) {
          const undo = [source.onChange(listener), organisations.onChange(listener)];
          return () => {
            for (const each of undo) each();
          };
        },
        dispose() {
          source.dispose();
        },
      };
    },
    confinedTo({ orgId }, cluster) {
      const { namespace, namespaces } = clusters[cluster] ?? {};
      if (namespaces === undefined) return namespace;
      // No namespace is called so; an organisation without one does not have the cluster anyway.
      return namespaces[organisations.nameOf(orgId) ?? ''] ?? '-';
    },
  };
}
