import type { Logger } from '@fleetwire/websocket-core/server';
import type { InstalledBuild, InstalledState } from '../protocol/state.ts';
import type { InstallResult } from './install-pipeline.ts';
import type { PluginAuditRecord, PluginManagerOptions } from './plugin-manager-interface.ts';
import type { PluginStore, VerifyReport } from './store/plugin-store.ts';

/** Of each kind of damage; a line of the audit stays short, and the report has all of it. */
const maxNamedPaths = 3;
const maxPathLength = 40;
const maxReasonLength = 80;
/** What a line may hold: see `parseStoreAuditLine`. */
const maxFoundLength = 500;

/** Writes down what was done; `store` is absent where none could be opened. Never rejects. */
export type RecordAudit = (store: Pick<PluginStore, 'audit'> | undefined, entry: PluginAuditRecord) => Promise<void>;

/** Makes it. Each of the two audits is told, whatever became of the other: what was done stays done. */
export function createAuditRecorder(
  { audit, writer }: Pick<PluginManagerOptions, 'audit' | 'writer'>,
  logger: Logger,
): RecordAudit {
  async function attempt(entry: PluginAuditRecord, message: string, tell: () => unknown): Promise<void> {
    try {
      await tell();
    } catch (err) {
      logger.error({ err, ...entry }, message);
    }
  }
  return async (store, told) => {
    const entry = { ...told, actor: told.actor ?? writer?.actor };
    const line = { ...(writer !== undefined && { program: writer.program }), ...entry };
    await attempt(entry, 'a change of a plugin could not be written to the audit', () => store?.audit(line));
    await attempt(entry, 'the audit could not be told of a change of a plugin', () => audit?.(entry));
  };
}

/** The version that is active; undefined where none is, or the state cannot be read: then the work says so. */
export async function activeVersion(store: PluginStore, pluginId: string | undefined): Promise<string | undefined> {
  if (pluginId === undefined) return undefined;
  const state = await store.state().catch(() => undefined);
  return state !== undefined && Object.hasOwn(state.plugins, pluginId)
    ? state.plugins[pluginId]?.active.version
    : undefined;
}

/**
 * What an audit says of a result: the version that it made active, what of another publisher it accepted, and what damage
 * it found.
 */
export function auditOfResult(
  result: unknown,
): Pick<PluginAuditRecord, 'to' | 'build' | 'sha256' | 'accepted' | 'found'> {
  if (typeof result !== 'object' || result === null) return {};
  const { acceptedChanges = [] } = result as Partial<Pick<InstallResult, 'acceptedChanges'>>;
  const active = activeOf(result);
  return {
    ...(active !== undefined && { to: active.version, build: active.build, sha256: active.sha256 }),
    ...(acceptedChanges.length > 0 && { accepted: acceptedChanges }),
    ...damageIn(result),
  };
}

/** A verification gives its report, a repair gives it beside other things. */
function damageIn(result: object): Pick<PluginAuditRecord, 'found'> {
  const report = ('found' in result ? result.found : result) as Partial<VerifyReport> | undefined;
  if (report?.isIntact !== false) return {};
  const { reason, changed = [], missing = [], unexpected = [] } = report;
  const kinds = Object.entries({ changed, missing, unexpected }).flatMap(([kind, paths]) => {
    const more = paths.length - maxNamedPaths;
    const named = paths.slice(0, maxNamedPaths).map((path) => path.slice(0, maxPathLength));
    if (more > 0) named.push(`and ${String(more)} more`);
    return paths.length === 0 ? [] : [`${kind}: ${named.join(', ')}`];
  });
  const words = [...(reason === undefined ? [] : [reason.slice(0, maxReasonLength)]), ...kinds].join('; ');
  return { found: words.slice(0, maxFoundLength) };
}

/** Installs and repairs give the state of the plugin beside other things; changes give it alone. */
function activeOf(result: object): InstalledBuild | undefined {
  if ('installed' in result) return (result as { readonly installed: InstalledState }).installed.active;
  return 'active' in result ? (result as InstalledState).active : undefined;
}
