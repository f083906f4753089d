import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PluginError } from '@fleetwire/plugin-manager';
import {
  createFetcher,
  createPluginManager,
  createSources,
  type Fetcher,
  type PluginPolicy,
} from '@fleetwire/plugin-manager/node';
import { sdkVersion } from '@fleetwire/plugin-manager/sdk';
import { createCatalogCache, createPluginService, followStoreAudit } from '@fleetwire/plugin-manager/server';
import { addressBlockOf, type ChannelSource } from '@fleetwire/websocket-core/server';
import { can } from '../access/permissions.ts';
import { notOfFirstOrganisation } from '../api/mount-routes.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import { isDemoOn } from '../clusters/find-clusters.ts';
import type { PagePlugins } from '../http/page.ts';
import type { PartContext, ServerPart } from '../parts.ts';
import { makePrivateFolder } from '../private-file.ts';
import { startDemoCatalog } from './demo-catalog.ts';
import { createPluginActions } from './plugin-actions.ts';
import { createPluginCatalogRoutes, createPluginOperationRoutes } from './plugin-catalog-routes.ts';
import { noteLostOperations } from './lost-operations.ts';
import { readPluginNetwork } from './plugin-network.ts';
import { readPluginPolicy } from './plugin-policy.ts';
import { createPluginRoutes, managed } from './plugin-routes.ts';
import { createAuditTakeOver, forgetOldLines } from './take-over-audit.ts';

/** The plugins of the server: their store, routes, channels and files, and what the page loads. */
export interface PluginsPart extends ServerPart {
  readonly page: PagePlugins;
}

/** Opens the plugins of the data folder. Throws a ConfigError for a policy, a proxy or authorities that are none. */
export async function createPlugins(context: PartContext): Promise<PluginsPart> {
  const { config, organisations, audit, database, folder, logger } = context;
  const configured = readPluginPolicy(config);
  const fetcher = createFetcher(readPluginNetwork(config, logger));
  await noteLostOperations({ audit, organisations, root: storeFolder(folder), program, logger });
  await forgetOldLines(database);
  const demo = isDemoOn(config) ? await startDemoCatalog() : undefined;
  try {
    const policy = demo === undefined ? configured : withDemo(configured, demo.url);
    return openPlugins(context, policy, fetcher, async () => demo?.dispose());
  } catch (error) {
    await demo?.dispose();
    throw error;
  }
}

function openPlugins(
  { folder, database, organisations, audit, logger, version, clientOf }: PartContext,
  policy: PluginPolicy,
  fetcher: Fetcher,
  disposeDemo: () => Promise<void>,
): PluginsPart {
  const actions = createPluginActions({
    manager: () => manager,
    pending: () => service.operations.pending(),
    audit,
    organisations,
  });
  const root = storeFolder(folder);
  const manager = createPluginManager({
    root,
    // The kind of host that packages name `web`: a page that a server serves, no desktop application.
    host: { product: 'fleetwire', version, distro: 'web', sdkVersion },
    policy,
    sources: createSources(policy, fetcher),
    // Each view of a page asks, and Artifact Hub counts.
    shownSources: createSources(policy, createCatalogCache(fetcher, logger)),
    transport: fetcher,
    logger,
    audit: (record) => actions.ended(record),
    writer: { program },
  });
  const mayManage = (identity: UserIdentity): boolean =>
    can(identity, managed.access) && organisations.isFirst(identity);
  const service = createPluginService({
    manager,
    logger,
    seesOperations: (identity) => mayManage(identity as UserIdentity),
    clientOf: (request) => addressBlockOf(clientOf(request).address),
  });
  const services = { manager, service, actions, mayManage };
  // What `fleetwire-plugin` does beside the server, and did while there was none.
  const follower = followStoreAudit({
    ...{ root, program, logger },
    take: createAuditTakeOver({ database, audit, organisations, now: Date.now }),
  });
  let lastFailure: string | undefined;

  return {
    name: 'plugins',
    channels: service.channels.map((source) =>
      source.pattern === 'plugins' ? source : ofFirstOrganisation(source, (who) => organisations.isFirst(who)),
    ),
    routes: [
      ...createPluginRoutes(services),
      ...createPluginCatalogRoutes({
        service,
        sources: policy.sources.map(({ name, kind }) => ({ name, kind })),
        mayManage,
      }),
      ...createPluginOperationRoutes(services),
    ],
    handleRequest: service.handleRequest,
    endsItsAnswers: true,
    page: {
      async runtime() {
        try {
          const runtime = await service.pageRuntime();
          lastFailure = undefined;
          return runtime;
        } catch (err) {
          // Once, and not for each page.
          if (String(err) !== lastFailure) logger.error({ err }, 'the plugins cannot be read: pages are without any');
          lastFailure = String(err);
          return nothing;
        }
      },
    },
    // Always well, and within a second: a plugin that is broken, or a store that is held, takes no dashboard with it.
    readiness: async () => {
      try {
        const { generation, plugins } = await service.pageRuntime();
        const loaded = plugins.filter(({ status }) => status === 'ready').length;
        return { ok: true, generation, loaded, notLoaded: plugins.length - loaded };
      } catch (error) {
        return { ok: true, failure: error instanceof PluginError ? error.code : 'INTERNAL' };
      }
    },
    drain: () => service.drain(),
    async dispose() {
      service.dispose();
      await Promise.all([manager.dispose(), follower.dispose()]);
      await disposeDemo();
    },
  };
}

/** Whose lines in the audit of the store are the server's own. */
const program = 'fleetwire';

/** One object, so that the page of it is made once. */
const nothing = { plugins: [] };

/** The store's folder, for its owner alone, as all in the data folder is. */
function storeFolder(dataFolder: string): string {
  const path = join(dataFolder, 'plugins');
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    makePrivateFolder(path);
  } catch {
    // The store says what is wrong with it, and serves what it can.
  }
  return path;
}

/** The policy with the demo catalog as one more source; an operator's own source of that name stays. */
function withDemo(policy: PluginPolicy, url: string): PluginPolicy {
  if (policy.sources.some(({ name }) => name === demoSource)) return policy;
  const source = { name: demoSource, kind: 'index', url: `${url}/index.json`, isLocal: true } as const;
  // On loopback, which no source is let to but one that is local.
  return { ...policy, sources: [...policy.sources, source], hosts: [...policy.hosts, new URL(url).host] };
}

const demoSource = 'demo';

/** The same channel for the first organisation alone. */
function ofFirstOrganisation(
  source: ChannelSource,
  isFirst: (identity: Pick<UserIdentity, 'orgId'>) => boolean,
): ChannelSource<UserIdentity> {
  return {
    ...source,
    open: source.open.bind(source),
    authorize: (request) =>
      isFirst(request.identity) ? source.authorize(request) : { denied: 'FORBIDDEN', reason: notOfFirstOrganisation },
  };
}
