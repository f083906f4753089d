import { PluginError } from '../../protocol/error.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import type { Operation } from '../operation.ts';
import type { Command, CommandContext } from './command.ts';
import { hostOptions, storeOptions, withManager } from './open-manager.ts';
import { withoutHost } from '../plugin-manager-listing.ts';
import { withoutControls } from './progress-line.ts';

const pluginOperand = { name: 'plugin', isRequired: true, what: 'its id, <source>:<repo>/<name>' } as const;
const versionOption = {
  name: 'plugin-version',
  value: 'a version',
  what: 'default: the newest that is compatible',
} as const;

/** Shows what an operation does, and gives what it comes to. */
async function follow<T>(operation: Operation<T>, { onProgress }: CommandContext): Promise<T> {
  for await (const progress of operation) onProgress(progress);
  return operation;
}

function lines(rows: readonly (readonly string[])[], otherwise: string): string {
  return rows.length === 0 ? otherwise : rows.map((row) => withoutControls(row.join('  '))).join('\n');
}

const search: Command = {
  name: 'search',
  summary: 'Finds plugins in the sources of the policy.',
  operands: [{ name: 'words', isRequired: false, what: 'words to look for, as one argument; default: everything' }],
  options: storeOptions,
  run: (context) =>
    withManager(context, async (manager) => {
      const { items, total, failures } = await manager.search({ query: context.operands[0] }, context.signal);
      const [failure] = failures;
      // Sources that answer are worth something without the others; none is a failure.
      if (failure !== undefined && items.length === 0) throw failure.error;
      const found = items.map((item) => ({ id: pluginIdOf(item.ref), ...item }));
      const failed = failures.map(({ source, error }) => ({ source, code: error.code, message: error.message }));
      const rows = found.map(({ id, version, title }) => [id, version, title]);
      return {
        value: { items: found, total, failures: failed },
        text: lines(
          [...rows, ...failed.map(({ source, message }) => [`${source} did not answer: ${message}`])],
          'none',
        ),
      };
    }),
};

const list: Command = {
  name: 'list',
  summary: 'Lists what is installed.',
  operands: [],
  options: storeOptions,
  run: (context) =>
    withManager(context, async (manager) => {
      const plugins = withoutHost(await manager.list());
      const rows = plugins.map((plugin) => {
        if (!plugin.managed) return [plugin.folderName, 'unmanaged'];
        const { pluginId, installed, status, reason = '' } = plugin;
        return [pluginId, installed.active.version, installed.isEnabled ? status : 'disabled', reason];
      });
      return { value: { plugins }, text: lines(rows, 'no plugin is installed') };
    }),
};

function installer(name: 'install' | 'update', summary: string): Command {
  return {
    name,
    summary,
    operands: [pluginOperand],
    options: [...storeOptions, ...hostOptions, versionOption],
    run: (context) =>
      withManager(context, async (manager) => {
        const [pluginId = ''] = context.operands;
        const operation = manager[name](pluginId, {
          version: context.option('plugin-version'),
          signal: context.signal,
        });
        const { version, build } = (await follow(operation, context)).installed.active;
        return { value: { pluginId, version, build }, text: `${pluginId} ${version}` };
      }),
  };
}

const rollback: Command = {
  name: 'rollback',
  summary: 'Goes back to the version before, without a network.',
  operands: [pluginOperand],
  options: storeOptions,
  run: (context) =>
    withManager(context, async (manager) => {
      const [pluginId = ''] = context.operands;
      const { active } = await follow(manager.rollback(pluginId, { signal: context.signal }), context);
      return { value: { pluginId, version: active.version }, text: `${pluginId} ${active.version}` };
    }),
};

const remove: Command = {
  name: 'remove',
  summary: 'Removes a plugin.',
  operands: [pluginOperand],
  options: storeOptions,
  run: (context) =>
    withManager(context, async (manager) => {
      const [pluginId = ''] = context.operands;
      await follow(manager.uninstall(pluginId, { signal: context.signal }), context);
      return { value: { pluginId }, text: `${pluginId} is removed` };
    }),
};

const verify: Command = {
  name: 'verify',
  summary: 'Compares the files of a plugin with its receipt.',
  operands: [pluginOperand],
  options: storeOptions,
  run: (context) =>
    withManager(context, async (manager) => {
      const [pluginId = ''] = context.operands;
      const report = await manager.verify(pluginId);
      if (report.isIntact) return { value: { ...report }, text: `${pluginId} is as it was installed` };
      const { changed, missing, unexpected, reason } = report;
      const files = [...changed, ...missing, ...unexpected];
      const what = reason ?? `${String(files.length)} differ, ${files.slice(0, 5).join(', ')}`;
      const message = `expected the files of ${pluginId} as they were installed; ${what}`;
      throw new PluginError('E_FILES_CHANGED', message, { phase: 'integrity', pluginId, details: { ...report } });
    }),
};

/** The commands that work on a store. */
export const managerCommands: readonly Command[] = [
  search,
  list,
  installer('install', 'Installs a plugin.'),
  installer('update', 'Updates a plugin to the newest version that is compatible.'),
  rollback,
  remove,
  verify,
];
