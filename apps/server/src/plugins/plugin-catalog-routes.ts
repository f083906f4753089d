import { pluginIdOf, type CatalogSources } from '@fleetwire/plugin-manager';
import { readPluginId } from '@fleetwire/plugin-manager/server';
import type { Context } from 'hono';
import { z } from 'zod';
import { can } from '../access/permissions.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import { route, textUpTo, type Route } from '../api/route.ts';
import { Problem } from '../http/problem.ts';
import { asProblem } from './plugin-problem.ts';
import { codeRunning, managed, type PluginRouteServices } from './plugin-routes.ts';
import {
  catalogSchema,
  operationSchema,
  releaseSchema,
  searchSchema,
  sourcesSchema,
  updatesSchema,
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
  404: 'No source has it.',
  422: 'The policy does not allow it.',
  502: 'The source answers what it should not.',
  503: 'The source cannot be reached now.',
} as const;

/** What the routes of the catalogs work with. */
export interface PluginCatalogRouteOptions extends Pick<PluginRouteServices, 'service'> {
  /** Those of the policy. */
  readonly sources: CatalogSources['items'];
  readonly isOfFirstOrganisation: (identity: UserIdentity) => boolean;
}

/** The catalogs, seen from the server: Artifact Hub lets no page of another origin ask it. */
export function createPluginCatalogRoutes(options: PluginCatalogRouteOptions): Route[] {
  const { service, sources, isOfFirstOrganisation } = options;
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
        const canManage = can(identity, managed.access) && isOfFirstOrganisation(identity);
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
      problems: { 422: sourceProblems[422] },
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
    throw new Problem(404, 'NOT_FOUND', 'there is no such operation, or it ended more than an hour ago');
  };

  return [
    route({
      ...managed,
      method: 'GET',
      path: '/api/v1/plugin-updates',
      summary: 'Which plugins have newer versions that fit, and what changes.',
      response: updatesSchema,
      handle: ({ context }) => whileAsked(context, (signal) => service.updates(signal)),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path: '/api/v1/plugin-updates',
      summary: 'Begins to update each plugin that has a newer version and is not pinned.',
      response: z.object({ operationIds: z.array(z.string()) }),
      status: 202,
      handle: ({ identity }) =>
        asProblem(async () => {
          const { items } = await service.updates();
          const newer = items.filter(({ state }) => state === 'available');
          const operationIds = await Promise.all(
            newer.map(({ id }) => actions.start(identity, (manager, actor) => manager.update(id, actor))),
          );
          return { operationIds };
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

/** Asks the sources for as long as somebody waits for the answer. */
async function whileAsked<T>(context: Context, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal } = context.req.raw;
  try {
    return await asProblem(() => ask(signal));
  } catch (error) {
    // Nobody reads it; it must not be logged as a fault of the server.
    if (signal.aborted) throw new Problem(503, 'UNAVAILABLE', 'the request was given up');
    throw error;
  }
}
