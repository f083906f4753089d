import { readContributes } from '../core/declared-contributes.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import { showable } from '../protocol/shown-text.ts';
import { maxEntryBytes, maxEntryUrlLength, type PluginRuntime, type RuntimePlugin } from '../protocol/runtime.ts';
import { judgePlugin, type Judges } from './plugin-verdict.ts';
import type { ManagedPlugin, PluginStore } from './store/plugin-store.ts';
import { readSettled } from './store/read-settled.ts';

/** The bounds of the wire for titles and reasons. */
const maxTitleLength = 200;
const maxReasonLength = 1_000;

/** What decides about what is loaded. */
export interface RuntimeOptions extends Judges {
  readonly store: PluginStore;
  /** That files are served below. */
  readonly publicPath: string;
}

/**
 * What the dashboard loads of a store, and what not. One plugin that is damaged takes no other with it; one whose files
 * another process has taken away meanwhile is read again.
 */
export async function readRuntime(options: RuntimeOptions): Promise<PluginRuntime> {
  return readSettled({
    read: () => readOnce(options),
    isWhole: ({ plugins }) => plugins.every(({ status }) => status !== 'blocked'),
    generation: async () => (await options.store.state()).generation,
  });
}

async function readOnce(options: RuntimeOptions): Promise<PluginRuntime> {
  const { generation, managed } = await options.store.list();
  const plugins: RuntimePlugin[] = [];
  for (const plugin of managed) {
    const item = await runtimePlugin(plugin, options);
    if (item !== undefined) plugins.push(item);
  }
  return { generation, plugins };
}

/** Undefined for one without an entry. One whose receipt cannot be read may have had an entry, and is listed. */
async function runtimePlugin(plugin: ManagedPlugin, options: RuntimeOptions): Promise<RuntimePlugin | undefined> {
  const { pluginId: id, folderName, installed } = plugin;
  const { version, build } = installed.active;
  const receipt = plugin.status === 'ok' ? plugin.receipt : undefined;
  if (receipt !== undefined && receipt.entry === undefined) return undefined;
  // A receipt of an earlier version of this program may have a title that would be refused now.
  const title = showable(receipt?.title ?? '', maxTitleLength);
  const named = { id, title: title === '' ? parsePluginId(id).name : title, version };
  if (!installed.isEnabled) return { ...named, status: 'disabled' };

  const verdict = await judgePlugin(plugin, options);
  if (verdict.status !== 'ok') {
    const status = verdict.status === 'incompatible' ? 'incompatible' : 'blocked';
    return { ...named, status, reason: verdict.reason.slice(0, maxReasonLength) };
  }
  if (verdict.entry === undefined) return undefined;
  const urlOf = (path: string): string =>
    `${options.publicPath}/${[folderName, build, ...path.split('/')].map(encodeSegment).join('/')}`;
  const { path, integrity, size } = verdict.entry;
  const entry = { url: urlOf(path), integrity, size };
  const modules = verdict.modules?.map((file) => ({ url: urlOf(file.path), integrity: file.integrity })) ?? [];
  if (size > maxEntryBytes || entry.url.length > maxEntryUrlLength) {
    const most = `${String(maxEntryBytes)} bytes, at a path of ${String(maxEntryUrlLength)} characters`;
    const reason = `its entry has ${String(size)} bytes at ${String(entry.url.length)} characters; a page loads at most ${most}`;
    return { ...named, status: 'blocked', reason };
  }
  const { contributes, problems } = readContributes(verdict.receipt.contributes);
  const warnings = problems.map((problem) => problem.slice(0, maxReasonLength));
  const others = modules.length > 0 && { modules };
  return { ...named, status: 'ready', build, entry, ...others, contributes, ...(warnings.length > 0 && { warnings }) };
}

/** `+` may stand in a path as it is (RFC 3986, section 3.3), and versions of builds hold it. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%2B', '+');
}
