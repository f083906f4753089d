import { PluginError } from '@fleetwire/plugin-manager';
import type { PluginManager } from '@fleetwire/plugin-manager/node';
import { readPluginId, type PluginService } from '@fleetwire/plugin-manager/server';
import { z } from 'zod';
import { route, textUpTo, type Route } from '../api/route.ts';
import type { PluginActions } from './plugin-actions.ts';
import { asProblem } from './plugin-problem.ts';
import {
  detailsSchema,
  listSchema,
  runtimeSchema,
  startedSchema,
  summarySchema,
  verificationSchema,
} from './plugin-schemas.ts';

/** What the routes of plugins work with. */
export interface PluginRouteServices {
  readonly manager: PluginManager;
  readonly service: PluginService;
  readonly actions: PluginActions;
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

const notInstalled = 'The plugin is not installed.';
const started = { response: startedSchema, status: 202 } as const;

/** `/api/v1/plugins`: what is installed, and what is done with it. */
export function createPluginRoutes({ manager, service, actions }: PluginRouteServices): Route[] {
  const idOf = (params: Readonly<Record<string, string>>): string => readPluginId(params['id'] ?? '');

  return [
    route({
      method: 'GET',
      path,
      access: 'signed-in',
      tag: managed.tag,
      summary: 'The plugins that are installed, and folders that Fleetwire did not make.',
      response: listSchema,
      handle: () => asProblem(() => service.list()),
    }),
    route({
      method: 'GET',
      path: `${path}/runtime`,
      access: 'signed-in',
      tag: managed.tag,
      summary: 'What the dashboard loads, with the digests of the modules, and what it does not load and why.',
      response: runtimeSchema,
      handle: () => asProblem(() => service.runtime()),
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      access: 'signed-in',
      tag: managed.tag,
      summary: 'A plugin with its origin and its files.',
      response: detailsSchema,
      problems: { 400: 'It is no plugin id.', 404: notInstalled },
      handle: ({ params }) => asProblem(() => service.details(idOf(params))),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path,
      summary: 'Begins to install a plugin; how far it is says `/api/v1/plugin-operations/{id}`.',
      body: installSchema,
      ...started,
      handle: ({ identity, body: { id, ...wish } }) =>
        asProblem(async () => {
          const pluginId = readPluginId(id);
          return begun(actions.start(identity, (to, actor) => to.install(pluginId, { ...wish, ...actor }), told(wish)));
        }),
    }),
    route({
      ...codeRunning,
      method: 'POST',
      path: `${path}/{id}/update`,
      summary: 'Begins to update a plugin.',
      body: updateSchema,
      ...started,
      problems: { 404: notInstalled, 409: 'It is pinned; or the same is under way.' },
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
      problems: { 404: notInstalled, 409: 'No earlier version is kept; or the same is under way.' },
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
      problems: { 404: notInstalled },
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
      problems: { 404: notInstalled },
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
        problems: { 404: notInstalled },
        handle: ({ identity, params }) =>
          asProblem(async () => {
            const pluginId = idOf(params);
            const summary = await service.setEnabled(pluginId, action === 'enable', { actor: identity.username });
            await actions.note(identity, action, pluginId);
            return summary;
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
      problems: { 404: notInstalled },
      handle: ({ identity, params, body: { isPinned } = { isPinned: true } }) =>
        asProblem(async () => {
          const pluginId = idOf(params);
          const summary = await service.setPinned(pluginId, isPinned, { actor: identity.username });
          await actions.note(identity, isPinned ? 'pin' : 'unpin', pluginId);
          return summary;
        }),
    }),
    route({
      // It changes nothing, so that asking twice is no harm: an answer of before would be an old one.
      ...managed,
      method: 'POST',
      path: `${path}/{id}/verify`,
      summary: 'Hashes the files of a plugin and compares them with its receipt.',
      response: verificationSchema,
      problems: { 404: notInstalled },
      handle: ({ identity, params }) =>
        asProblem(async () => {
          const { pluginId } = await manager.get(idOf(params));
          const operation = manager.verify(pluginId, { actor: identity.username });
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
