import { PluginError } from '@fleetwire/plugin-manager';
import type { PluginManager } from '@fleetwire/plugin-manager/node';
import { readPluginId, type PluginService } from '@fleetwire/plugin-manager/server';
import { z } from 'zod';
import type { UserIdentity } from '../accounts/access-token.ts';
import { route, textUpTo, type Route } from '../api/route.ts';
import type { PluginActions } from './plugin-actions.ts';
import { openDetailsOf, openListOf } from './plugin-disclosure.ts';
import { asProblem, whileAsked } from './plugin-problem.ts';
import {
  detailsSchema,
  listSchema,
  runtimeSchema,
  startedSchema,
  repairSchema,
  summarySchema,
  verificationSchema,
} from './plugin-schemas.ts';

/** What the routes of plugins work with. */
export interface PluginRouteServices {
  readonly manager: PluginManager;
  readonly service: PluginService;
  readonly actions: PluginActions;
  /** Whether somebody may change plugins, and be told where they came from. */
  readonly mayManage: (identity: UserIdentity) => boolean;
}

/** What every route has that changes something, or that makes the server ask others. */
export const managed = {
  access: 'plugin.manage',
  isOfFirstOrganisation: true,
  tag: 'Plugins',
} as const;

const mutation = { ...managed, needsIdempotencyKey: true } as const;

/**
 * After these other code runs in the pages of all: what leaked for a day must not put any there. To disable, to pin and
 * to remove take code away, and are for scripts too.
 */
export const codeRunning = { ...mutation, isForSignIns: true } as const;
const path = '/api/v1/plugins';

const version = textUpTo(200).optional().describe('Default: the newest that fits.');
const acceptPublisher = z
  .union([
    z.boolean(),
    z.strictObject({
      repositoryId: textUpTo(500),
      packageName: textUpTo(500).optional(),
      keyId: textUpTo(500).nullable().optional(),
    }),
  ])
  .optional()
  .describe(
    'Takes another publisher than the one of the first install. `true`: whatever repository and package name are found; ' +
      'an object: those that it names, as `publisherChanges` of the release shows them. Another key, or none (`null`), ' +
      'has to be named.',
  );
const pinSchema = z.object({ isPinned: z.boolean().default(true) }).optional();
const updateSchema = z.object({ version, acceptPublisher }).optional();
const installSchema = z.object({
  id: textUpTo(200).describe('`<source>:<repo>/<name>`, or with `~` for both separators.'),
  version,
  acceptPublisher,
  isEnabled: z.boolean().optional().describe('Default: true, or what it is already.'),
});

/** What a store may answer to whatever is asked of it. */
export const storeProblems = {
  500: 'The plugin store is not in order.',
  503: 'The plugin store is busy, or full: ask again after `Retry-After`.',
} as const;
const pluginProblems = {
  ...storeProblems,
  400: 'It is no plugin id, or the body is not what is expected.',
  404: 'The plugin is not installed.',
} as const;
/** What begins operations has these too. */
export const startProblems = { ...storeProblems, 429: 'Too many operations wait already.' } as const;

/** `/api/v1/plugins`: what is installed, and what is done with it. */
export function createPluginRoutes({ manager, service, actions, mayManage }: PluginRouteServices): Route[] {
  const idOf = (params: Readonly<Record<string, string>>): string => readPluginId(params['id'] ?? '');
  const started = {
    response: startedSchema,
    status: 202,
    // After a kill, or an hour, it would lead to nothing.
    isReplayable: ({ operationId }: z.output<typeof startedSchema>) =>
      service.operations.get(operationId) !== undefined,
  } as const;

  return [
    route({
      method: 'GET',
      path,
      access: 'signed-in',
      tag: managed.tag,
      summary: 'The plugins that are installed, and folders that Fleetwire did not make.',
      response: listSchema,
      problems: storeProblems,
      handle: ({ identity }) =>
        asProblem(async () => {
          const list = await service.list();
          return mayManage(identity) ? list : openListOf(list);
        }),
    }),
    route({
      method: 'GET',
      path: `${path}/runtime`,
      access: 'signed-in',
      tag: managed.tag,
      summary: 'What the dashboard loads, with the digests of the modules, and what it does not load and why.',
      response: runtimeSchema,
      problems: storeProblems,
      handle: () => asProblem(() => service.runtime()),
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      access: 'signed-in',
      tag: managed.tag,
      summary: 'A plugin with its origin and its files.',
      response: detailsSchema,
      problems: pluginProblems,
      handle: ({ identity, params }) =>
        asProblem(async () => {
          const details = await service.details(idOf(params));
          return mayManage(identity) ? details : openDetailsOf(details);
        }),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path,
      summary: 'Begins to install a plugin; how far it is says `/api/v1/plugin-operations/{id}`.',
      body: installSchema,
      ...started,
      problems: startProblems,
      handle: ({ identity, body: { id, ...wish } }) =>
        asProblem(async () => {
          const pluginId = readPluginId(id);
          return begun(actions.start(identity, (to, actor) => to.install(pluginId, { ...wish, ...actor }), told(wish)));
        }),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path: `${path}/repair`,
      summary:
        'Makes the store whole where its state cannot be read: what its receipts prove is there again, all of it disabled.',
      response: repairSchema,
      problems: storeProblems,
      handle: ({ identity }) =>
        asProblem(() =>
          actions.noted(identity, 'repair-store', 'plugins', () =>
            manager.repair(undefined, { actor: identity.username }),
          ),
        ),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path: `${path}/{id}/update`,
      summary: 'Begins to update a plugin.',
      body: updateSchema,
      ...started,
      problems: { ...pluginProblems, ...startProblems, 409: 'It is pinned; or the same is under way.' },
      handle: ({ identity, params, body: wish = {} }) =>
        asProblem(async () => {
          const pluginId = idOf(params);
          const { installed } = await manager.get(pluginId);
          if (installed.isPinned) {
            const message = `${pluginId} is pinned to ${installed.active.version}: unpin it first`;
            throw new PluginError('E_PINNED', message, { phase: 'policy', pluginId });
          }
          return begun(actions.start(identity, (to, actor) => to.update(pluginId, { ...wish, ...actor }), told(wish)));
        }),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path: `${path}/{id}/rollback`,
      summary: 'Begins to go back to the version before, without a network.',
      ...started,
      problems: { ...pluginProblems, ...startProblems, 409: 'No earlier version is kept; or the same is under way.' },
      handle: ({ identity, params }) =>
        asProblem(async () => {
          const pluginId = idOf(params);
          const { installed } = await manager.get(pluginId);
          if (installed.previous.length === 0) {
            const message = `no earlier version of ${pluginId} is kept`;
            throw new PluginError('E_NO_ROLLBACK', message, { phase: 'resolve', pluginId });
          }
          return begun(actions.start(identity, (to, actor) => to.rollback(pluginId, actor)));
        }),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path: `${path}/{id}/repair`,
      summary: 'Begins to install the active version anew where its files are damaged.',
      ...started,
      problems: { ...pluginProblems, ...startProblems },
      handle: ({ identity, params }) =>
        asProblem(async () => {
          const { pluginId } = await manager.get(idOf(params));
          return begun(actions.start(identity, (to, actor) => to.repair(pluginId, actor)));
        }),
    }),
    route({
      ...mutation,
      method: 'DELETE',
      path: `${path}/{id}`,
      summary: 'Begins to remove a plugin with all its versions.',
      ...started,
      problems: { ...pluginProblems, ...startProblems },
      handle: ({ identity, params }) =>
        asProblem(async () => {
          const { pluginId } = await manager.get(idOf(params));
          return begun(actions.start(identity, (to, actor) => to.uninstall(pluginId, actor)));
        }),
    }),
    ...(['enable', 'disable'] as const).map((action) =>
      route({
        ...(action === 'enable' ? codeRunning : mutation),
        method: 'POST',
        path: `${path}/{id}/${action}`,
        summary: action === 'enable' ? 'Loads a plugin in all dashboards.' : 'Takes a plugin out of all dashboards.',
        response: summarySchema,
        problems: pluginProblems,
        handle: ({ identity, params }) =>
          asProblem(async () => {
            const pluginId = idOf(params);
            return actions.noted(identity, action, pluginId, () =>
              service.setEnabled(pluginId, action === 'enable', { actor: identity.username }),
            );
          }),
      }),
    ),
    route({
      ...mutation,
      method: 'POST',
      path: `${path}/{id}/pin`,
      summary: 'Keeps a plugin at its version, or with `isPinned: false` lets it be updated again.',
      body: pinSchema,
      response: summarySchema,
      problems: pluginProblems,
      handle: ({ identity, params, body: { isPinned } = { isPinned: true } }) =>
        asProblem(async () => {
          const pluginId = idOf(params);
          return actions.noted(identity, isPinned ? 'pin' : 'unpin', pluginId, () =>
            service.setPinned(pluginId, isPinned, { actor: identity.username }),
          );
        }),
    }),
    route({
      // It changes nothing, so that asking twice is no harm: an answer of before would be an old one.
      ...managed,
      method: 'POST',
      path: `${path}/{id}/verify`,
      summary: 'Hashes the files of a plugin and compares them with its receipt.',
      response: verificationSchema,
      problems: pluginProblems,
      handle: ({ identity, params, context }) =>
        whileAsked(context, async (signal) => {
          const { pluginId } = await manager.get(idOf(params));
          const operation = manager.verify(pluginId, { actor: identity.username, signal });
          actions.attribute(identity, operation);
          return await operation;
        }),
    }),
  ];
}

/** The answer that says where the progress is. */
async function begun(starting: ReturnType<PluginActions['start']>): Promise<{ readonly operationId: string }> {
  return { operationId: await starting };
}

/** What was wished beyond the plugin itself, for the audit log. */
function told(wish: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
}
