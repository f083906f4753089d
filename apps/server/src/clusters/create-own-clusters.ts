import { inTransaction } from '../database/in-transaction.ts';
import type { PartContext } from '../parts.ts';
import { createAddressPolicy } from './address-policy.ts';
import { createOwnClusterStore } from './own-cluster-store.ts';
import { openOwnClusters, type OwnClusters, type OwnClustersOptions } from './own-clusters.ts';
import { createSealing } from './sealing.ts';
import { openSecretKey } from './secret-key.ts';

/** Said at the start: the database outlives the folder, and the rows are worth nothing without the key. */
const noSecretKey =
  'FLEETWIRE_SECRET_KEY is not set: clusters of users are sealed with secret.key of the data folder, without which ' +
  'nothing opens them in the database of DATABASE_URL';

/** Opens the clusters of users as the configuration says. Throws a DataFolderError when their key cannot be used. */
export function createOwnClusters(
  { config, folder, database, audit, logger }: PartContext,
  { sharedNames, via }: Pick<OwnClustersOptions, 'sharedNames' | 'via'>,
): Promise<OwnClusters> {
  const { databaseUrl, ownClusterNetworks, secretKey } = config;
  const isEnabled = ownClusterNetworks.length > 0;
  if (isEnabled && databaseUrl !== undefined && secretKey === undefined) logger.warn({}, noSecretKey);
  return openOwnClusters({
    store: createOwnClusterStore(database),
    transact: (work) =>
      inTransaction(database, (transaction) =>
        work({ store: createOwnClusterStore(transaction), audit: audit.within(transaction) }),
      ),
    sealing: createSealing(openSecretKey(secretKey, folder)),
    isAllowedAddress: createAddressPolicy(ownClusterNetworks),
    isEnabled,
    sharedNames,
    via,
    logger,
    now: Date.now,
  });
}
