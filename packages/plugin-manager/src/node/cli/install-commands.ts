import { PluginError } from '../../protocol/error.ts';
import { parseUrlOrRef } from '../facade-names.ts';
import { followOperation } from '../follow-operation.ts';
import type { PluginManager } from '../plugin-manager-interface.ts';
import { follow, installedId, table } from './command-parts.ts';
import type { Command, CommandContext, CommandResult } from './command.ts';
import { hostOptions, storeOptions, withManager } from './open-manager.ts';
import { namingPlugin } from './output.ts';
import { UsageError } from './usage-error.ts';

const acceptOption = {
  name: 'accept-publisher',
  what: 'takes a repository and a package name that are not those of the first install; never another key',
} as const;
const versionOption = {
  name: 'plugin-version',
  value: 'a version',
  what: 'default: the newest that is compatible',
} as const;

const install: Command = {
  name: 'install',
  summary: 'Installs a plugin.',
  operands: [{ name: 'plugin', isRequired: true, what: 'its id, <source>:<repo>/<name>, or its page in Artifact Hub' }],
  options: [
    ...storeOptions,
    ...hostOptions,
    versionOption,
    acceptOption,
    { name: 'accept-changed-archive', what: 'the archive of an installed version may be another one than it was' },
    { name: 'disabled', what: 'it is not loaded until it is enabled' },
  ],
  run: (context) =>
    withManager(context, async (manager, policy) => {
      const { pluginId, version: ofPage } = parseUrlOrRef(context.operands[0], policy);
      const operation = manager.install(pluginId, {
        version: context.option('plugin-version') ?? ofPage,
        acceptPublisher: context.has('accept-publisher'),
        acceptChangedArchive: context.has('accept-changed-archive'),
        isEnabled: context.has('disabled') ? false : undefined,
        signal: context.signal,
      });
      const { installed, isChanged } = await follow(operation, context);
      const { version, build } = installed.active;
      const text = `${pluginId} ${version} is installed${isChanged ? '' : ' already'}`;
      return { value: { pluginId, version, build, isChanged }, text };
    }),
};

const update: Command = {
  name: 'update',
  summary: 'Updates a plugin, or all of them, to the newest version that is compatible.',
  operands: [{ name: 'plugin', isRequired: false, what: 'its id, its name in package.json, or its folder' }],
  options: [
    ...storeOptions,
    ...hostOptions,
    versionOption,
    acceptOption,
    { name: 'all', what: 'every plugin that is not pinned; one that fails keeps no other back' },
  ],
  run: (context) => {
    const isAll = context.has('all');
    const [given] = context.operands;
    if (isAll === (given !== undefined)) {
      const found = isAll ? JSON.stringify(given) : 'nothing';
      throw new UsageError(`update: expected <plugin> or --all; got ${isAll ? `--all and ${found}` : found}`);
    }
    const other = ['plugin-version', 'accept-publisher'].find((name) => context.has(name));
    if (isAll && other !== undefined) throw new UsageError(`update: expected no --${other} with --all`);
    return withManager(context, (manager) => (isAll ? updateAll(manager, context) : updateOne(manager, context)));
  },
};

async function updateOne(manager: PluginManager, context: CommandContext): Promise<CommandResult> {
  const pluginId = await installedId(manager, context);
  const operation = manager.update(pluginId, {
    version: context.option('plugin-version'),
    acceptPublisher: context.has('accept-publisher'),
    signal: context.signal,
  });
  const { version, build } = (await follow(operation, context)).installed.active;
  return { value: { pluginId, version, build }, text: `${pluginId} ${version} is installed` };
}

async function updateAll(
  manager: PluginManager,
  { signal, onProgress, onEvent }: CommandContext,
): Promise<CommandResult> {
  const undo = manager.events.subscribe((event) => {
    if (event.type !== 'operation') return;
    const { operation } = event;
    // What came of it is among the outcomes.
    followOperation(operation, (progress) => {
      onProgress(progress, operation.pluginId);
    }).catch(() => undefined);
  });
  try {
    const outcomes = await manager.updateAll({ signal });
    const plugins = outcomes.map((outcome) => {
      if (!('error' in outcome)) return outcome;
      const { code, message } = outcome.error;
      return { ...outcome, error: { code, message } };
    });
    const rows = plugins.map((one) => [
      one.pluginId,
      'version' in one ? `${one.installedVersion} → ${one.version}` : one.installedVersion,
      one.outcome,
    ]);
    const text = table(rows, 'no plugin is installed');
    const [failed] = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
    if (failed !== undefined) {
      // What was updated stays so, whatever failed beside it.
      onEvent({ value: { type: 'outcomes', plugins }, text });
      const reasons = plugins.flatMap((one) => ('error' in one ? [namingPlugin(one.error.message, one.pluginId)] : []));
      const { code, phase, retryable } = failed;
      const message = `${String(reasons.length)} of ${String(plugins.length)} plugins were not updated: ${reasons.join('; ')}`;
      throw new PluginError(code, message, { phase, retryable, details: { plugins }, cause: failed });
    }
    return { value: { plugins }, text };
  } finally {
    undo();
  }
}

/** The commands that bring another version. */
export const installCommands: readonly Command[] = [install, update];
