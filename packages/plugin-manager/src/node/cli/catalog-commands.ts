import { stat } from 'node:fs/promises';
import { PluginError } from '../../protocol/error.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import { parseUrlOrRef } from '../facade-names.ts';
import type { InstallPlan } from '../plugin-manager-plan.ts';
import { withoutHost } from '../plugin-manager-listing.ts';
import { table } from './command-parts.ts';
import type { Command } from './command.ts';
import { hostOptions, readPolicy, rootOf, storeOptions, withManager } from './open-manager.ts';

const search: Command = {
  name: 'search',
  summary: 'Finds plugins in the sources of the policy.',
  operands: [{ name: 'words', isRequired: false, what: 'words to look for, as one argument; default: everything' }],
  options: storeOptions,
  run: (context) =>
    withManager(context, async (manager, { sources }) => {
      const { items, total, failures } = await manager.search({ query: context.operands[0] }, context.signal);
      const failed = failures.map(({ source, error }) => ({ source, code: error.code, message: error.message }));
      // Sources that answer are worth something without the others; none is a failure.
      const [failure, other] = failures;
      if (failure !== undefined && failures.length === sources.length) {
        if (other === undefined) throw failure.error;
        const message = `no source answered: ${failed.map((each) => `${each.source}: ${each.message}`).join('; ')}`;
        const { code, phase } = failure.error;
        const retryable = failures.some(({ error }) => error.retryable);
        throw new PluginError(code, message, { phase, retryable, details: { failures: failed }, cause: failure.error });
      }
      const found = items.map((item) => ({ id: pluginIdOf(item.ref), ...item }));
      const rows = found.map(({ id, version, title }) => [id, version, title]);
      const notes = failed.map(({ source, message }) => `${source} did not answer: ${message}`);
      return { value: { items: found, total, failures: failed }, text: [table(rows, 'none'), ...notes].join('\n') };
    }),
};

const list: Command = {
  name: 'list',
  summary: 'Lists what is installed.',
  operands: [],
  options: storeOptions,
  run: async (context) => {
    const root = rootOf(context);
    if (await isAbsent(root)) {
      // Opened, it would be there: whoever has misspelt it would be told that the store is empty, and have another one.
      await readPolicy(context);
      return { value: { plugins: [] }, text: `no plugin is installed: there is no ${root}` };
    }
    return withManager(context, async (manager) => {
      const plugins = withoutHost(await manager.list());
      const rows = plugins.map((plugin) => {
        if (!plugin.managed) return [plugin.folderName, '', 'unmanaged'];
        const { pluginId, installed, status, reason = '' } = plugin;
        const state = [installed.isEnabled ? status : 'disabled', ...(installed.isPinned ? ['pinned'] : [])].join(', ');
        return [pluginId, installed.active.version, state, reason];
      });
      return { value: { plugins }, text: table(rows, 'no plugin is installed') };
    });
  },
};

function isAbsent(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT',
  );
}

const publisherWords: Readonly<Record<InstallPlan['publisher'], string>> = {
  'first-install': 'none before: the first install binds the plugin to its repository',
  same: 'the one of what is installed',
  changed: 'not the one of what is installed: an install has to accept it',
};

const plan: Command = {
  name: 'plan',
  summary: 'Says what an install would mean, as far as the catalog knows, and changes nothing.',
  operands: [{ name: 'plugin', isRequired: true, what: 'its id, or its page in Artifact Hub' }],
  options: [
    ...storeOptions,
    ...hostOptions,
    { name: 'plugin-version', value: 'a version', what: 'default: the newest that is compatible' },
  ],
  run: (context) =>
    withManager(context, async (manager, policy) => {
      const { pluginId, version } = parseUrlOrRef(context.operands[0], policy);
      const asked = context.option('plugin-version') ?? version;
      const planned = await manager.plan(pluginId, { version: asked, signal: context.signal });
      const {
        release,
        installedVersion,
        compatibility,
        denied,
        publisher,
        publisherChanges = [],
        passedOver,
        passedOverCount,
      } = planned;
      const refusal = denied && { code: denied.code, message: denied.message, phase: denied.phase };
      const rows = [
        ['plugin', `${pluginId} ${release.version}`],
        ['installed', installedVersion ?? 'no'],
        ['archive', release.archiveUrl],
        ['checksum', `${release.digest.algorithm} ${release.digest.hex}`],
        ['publisher', publisherWords[publisher]],
        ...publisherChanges.map(({ what, expected, found = 'absent' }) => ['', `${what} was ${expected}, is ${found}`]),
        ['host', compatibility.state],
        ...(compatibility.reason === undefined ? [] : [['', compatibility.reason]]),
        ...compatibility.checked.map((what) => ['checked', what]),
        ...compatibility.notChecked.map((what) => ['not checked', what]),
        ['policy', refusal === undefined ? 'allowed' : `${refusal.message} (${refusal.code})`],
        ...passedOver.map((passed) => ['passed over', `${passed.version}: ${passed.reason}`]),
        ...(passedOverCount > passedOver.length
          ? [['passed over', `and ${String(passedOverCount - passedOver.length)} more`]]
          : []),
      ];
      return { value: { ...planned, denied: refusal }, text: table(rows, '') };
    }),
};

/** The commands that look, and change nothing. */
export const catalogCommands: readonly Command[] = [search, list, plan];
