import { PluginError } from '../../protocol/error.ts';
import type { PluginManager } from '../plugin-manager-interface.ts';
import { follow, installedId, pluginOperand } from './command-parts.ts';
import type { Command, CommandContext, CommandResult } from './command.ts';
import { hostOptions, storeOptions, withManager } from './open-manager.ts';
import { UsageError } from './usage-error.ts';

/** A command on one installed plugin. */
function onPlugin(
  name: string,
  summary: string,
  run: (manager: PluginManager, pluginId: string, context: CommandContext) => Promise<CommandResult>,
): Command {
  return {
    name,
    summary,
    operands: [pluginOperand],
    options: storeOptions,
    run: (context) =>
      withManager(context, async (manager) => run(manager, await installedId(manager, context), context)),
  };
}

const rollback = onPlugin(
  'rollback',
  'Goes back to the version before, without a network.',
  async (manager, pluginId, context) => {
    const { active } = await follow(manager.rollback(pluginId, { signal: context.signal }), context);
    return { value: { pluginId, version: active.version }, text: `${pluginId} ${active.version}` };
  },
);

const remove = onPlugin('remove', 'Removes a plugin.', async (manager, pluginId, context) => {
  await follow(manager.uninstall(pluginId, { signal: context.signal }), context);
  return { value: { pluginId }, text: `${pluginId} is removed` };
});

const verify = onPlugin(
  'verify',
  'Compares the files of a plugin with its receipt.',
  async (manager, pluginId, context) => {
    const report = await follow(manager.verify(pluginId, { signal: context.signal }), context);
    if (report.isIntact) return { value: { ...report }, text: `${pluginId} is as it was installed` };
    const { changed, missing, unexpected, reason } = report;
    const files = [...changed, ...missing, ...unexpected];
    const what = reason ?? `${String(files.length)} differ, ${files.slice(0, 5).join(', ')}`;
    const message = `expected the files of ${pluginId} as they were installed; ${what}`;
    throw new PluginError('E_FILES_CHANGED', message, { phase: 'integrity', pluginId, details: { ...report } });
  },
);

function setting(
  name: string,
  summary: string,
  what: string,
  set: (manager: PluginManager, pluginId: string) => ReturnType<PluginManager['setEnabled']>,
): Command {
  return onPlugin(name, summary, async (manager, pluginId) => {
    const { isEnabled, isPinned, active } = await set(manager, pluginId);
    const value = { pluginId, version: active.version, isEnabled, isPinned };
    return { value, text: `${pluginId} ${active.version} is ${what}` };
  });
}

const repair: Command = {
  name: 'repair',
  summary: 'Installs the active version of a plugin anew where its files are damaged; without one, repairs the store.',
  operands: [{ ...pluginOperand, isRequired: false }],
  options: [
    ...storeOptions,
    // A version that is installed anew is checked against them.
    ...hostOptions.map(({ isRequired = false, ...option }) => ({
      ...option,
      what: isRequired ? `${option.what}; needed with a plugin` : option.what,
    })),
  ],
  run: (context) => {
    if (context.operands[0] === undefined) return withManager(context, repairStore);
    const absent = hostOptions.find(({ name, isRequired }) => isRequired === true && !context.has(name));
    if (absent !== undefined) throw new UsageError(`repair: expected --${absent.name} with a plugin; it is missing`);
    return withManager(context, (manager) => repairPlugin(manager, context));
  },
};

async function repairStore(manager: PluginManager): Promise<CommandResult> {
  const { isRebuilt, plugins, broken, rolledBack } = await manager.repair();
  const state = isRebuilt ? 'the state was rebuilt, and every plugin is disabled' : 'the state was in order';
  const count = `${String(plugins.length)} ${plugins.length === 1 ? 'plugin' : 'plugins'}`;
  const rest = [
    ...rolledBack.map(({ pluginId, from, to }) => `${pluginId} ${from} is gone: ${to} took its place`),
    ...broken.map((pluginId) => `the active version of ${pluginId} is gone: install it again`),
  ];
  const text = [`${state}: ${count}`, ...rest].join('\n');
  return { value: { isRebuilt, plugins, broken, rolledBack }, text };
}

async function repairPlugin(manager: PluginManager, context: CommandContext): Promise<CommandResult> {
  const pluginId = await installedId(manager, context);
  const repaired = await follow(manager.repair(pluginId, { signal: context.signal }), context);
  const { isReinstalled, found } = repaired;
  const { version } = repaired.installed.active;
  return {
    value: { pluginId, version, isReinstalled, found },
    text: `${pluginId} ${version} ${isReinstalled ? 'is installed anew' : 'is as it was installed'}`,
  };
}

/** The commands on what is installed. */
export const storeCommands: readonly Command[] = [
  rollback,
  remove,
  setting('enable', 'Lets a plugin load.', 'enabled', (manager, pluginId) => manager.setEnabled(pluginId, true)),
  setting('disable', 'Keeps a plugin from loading.', 'disabled', (manager, pluginId) =>
    manager.setEnabled(pluginId, false),
  ),
  setting('pin', 'Keeps a plugin at its version.', 'pinned', (manager, pluginId) => manager.setPinned(pluginId, true)),
  setting('unpin', 'Lets a plugin be updated again.', 'not pinned', (manager, pluginId) =>
    manager.setPinned(pluginId, false),
  ),
  verify,
  repair,
];
