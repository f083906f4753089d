import { pluginIdOf, type CatalogSources, type PluginUpdatesStarted } from '@fleetwire/plugin-manager';
import { readPluginId } from '@fleetwire/plugin-manager/server';
import { z } from 'zod';
import { route, textUpTo, type Route } from '../api/route.ts';
import { Problem } from '../http/problem.ts';
import { asProblem, whileAsked } from './plugin-problem.ts';
import { codeRunning, managed, startProblems, storeProblems, type PluginRouteServices } from './plugin-routes.ts';
import {
  catalogSchema,
  operationSchema,
  releaseSchema,
  searchSchema,
  sourcesSchema,
  updatesSchema,
  updatesStartedSchema,
} from './plugin-schemas.ts';

const path = '/api/v1/plugin-catalog';
const item = `${path}/{source}/{repo}/{name}`;

const searchQuery = z.object({
  query: textUpTo(200, 0).default('').describe('Words; empty: everything.'),
  source: textUpTo(64, 0).default('').describe('Name of one source; empty: all.'),
  limit: z.coerce.number().int().min(1).max(60).default(20).describe('Of each source.'),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
});

const sourceProblems = {
  400: 'It is no plugin id.',
  404: 'No source has it.',
  422: 'The policy does not allow it.',
  502: 'The source answers what it should not.',
  503: 'The source cannot be reached now.',
} as const;

/** What the routes of the catalogs work with. */
export interface PluginCatalogRouteOptions extends Pick<PluginRouteServices, 'service' | 'mayManage'> {
  /** Those of the policy. */
  readonly sources: CatalogSources['items'];
}

/** The catalogs, seen from the server: Artifact Hub lets no page of another origin ask it. */
export function createPluginCatalogRoutes(options: PluginCatalogRouteOptions): Route[] {
  const { service, sources, mayManage } = options;
  const idOf = ({ source = '', repo = '', name = '' }: Readonly<Record<string, string>>): string =>
    readPluginId(pluginIdOf({ source, repo, name }));

  return [
    route({
      method: 'GET',
      path: `${path}/sources`,
      access: 'signed-in',
      tag: managed.tag,
      summary: 'Whether the user may manage plugins, and to those who may the names of the sources.',
      response: sourcesSchema,
      handle({ identity }): CatalogSources {
        const canManage = mayManage(identity);
        return { items: canManage ? sources : [], canManage };
      },
    }),
    route({
      ...managed,
      method: 'GET',
      path: `${path}/search`,
      summary: 'What the sources have; those that fail are named.',
      query: searchQuery,
      response: searchSchema,
      problems: { 400: 'The query is not what is expected.', 422: sourceProblems[422] },
      handle: ({ query: { query, source, limit, offset }, context }) =>
        whileAsked(context, (signal) =>
          service.search({ query, limit, offset, ...(source === '' ? {} : { source }) }, signal),
        ),
    }),
    route({
      ...managed,
      method: 'GET',
      path: item,
      summary: 'A plugin of a catalog, with its versions and the newest that fits.',
      response: catalogSchema,
      problems: sourceProblems,
      handle: ({ params, context }) => whileAsked(context, (signal) => service.catalogDetails(idOf(params), signal)),
    }),
    route({
      ...managed,
      method: 'GET',
      path: `${item}/{version}`,
      summary: 'What an install of a version would mean: whether it fits, what the policy says, whose it is.',
      response: releaseSchema,
      problems: sourceProblems,
      handle: ({ params, context }) =>
        whileAsked(context, (signal) => service.catalogRelease(idOf(params), params['version'] ?? '', signal)),
    }),
  ];
}

/** Updates of all plugins, and the operations. */
export function createPluginOperationRoutes({ service, actions }: PluginRouteServices): Route[] {
  const operationOf = (view: ReturnType<typeof service.operations.get>) => {
    if (view !== undefined) return view;
    throw new Problem(
      404,
      'NOT_FOUND',
      'there is no such operation: it ended more than an hour ago, or before the server was started',
    );
  };

  return [
    route({
      ...managed,
      method: 'GET',
      path: '/api/v1/plugin-updates',
      summary: 'Which plugins have newer versions that fit, and what changes.',
      response: updatesSchema,
      problems: storeProblems,
      handle: ({ context }) => whileAsked(context, (signal) => service.updates(signal)),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path: '/api/v1/plugin-updates',
      summary: 'Begins to update each plugin that has a newer version and is not pinned.',
      response: updatesStartedSchema,
      status: 202,
      problems: startProblems,
      isReplayable: ({ operationIds }) => operationIds.every((id) => service.operations.get(id) !== undefined),
      handle: ({ identity }): Promise<PluginUpdatesStarted> =>
        asProblem(async () => {
          // Live: what was published a minute ago must not be passed over.
          const { items } = await service.updates(undefined, { isLive: true });
          const newer = items.filter(({ state }) => state === 'available');
          const failures = items.flatMap((item) =>
            item.state === 'unknown' ? [{ id: item.id, failure: item.failure }] : [],
          );
          // All or none: half of "all" would be said to nobody.
          actions.checkRoom(newer.length);
          const operationIds = await Promise.all(
            newer.map(({ id }) => actions.start(identity, (manager, actor) => manager.update(id, actor))),
          );
          return { operationIds, failures };
        }),
    }),
    route({
      ...managed,
      method: 'GET',
      path: '/api/v1/plugin-operations/{id}',
      summary: 'How far an operation is; it is kept for an hour after its end.',
      response: operationSchema,
      problems: { 404: 'There is none.' },
      handle: ({ params }) => operationOf(service.operations.get(params['id'] ?? '')),
    }),
    route({
      // To cancel twice is to cancel.
      ...managed,
      method: 'DELETE',
      path: '/api/v1/plugin-operations/{id}',
      summary:
        'Cancels an operation unless it has ended, or what it does is active already; the answer is what it is now.',
      response: operationSchema,
      problems: { 404: 'There is none.' },
      async handle({ identity, params }) {
        const before = operationOf(service.operations.get(params['id'] ?? ''));
        if (before.endedAt !== undefined) return before;
        await actions.note(identity, 'cancel', before.pluginId, { operationId: before.id });
        return operationOf(service.operations.cancel(before.id));
      },
    }),
  ];
}
