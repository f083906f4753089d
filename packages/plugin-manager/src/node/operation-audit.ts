import type { Logger } from '@fleetwire/websocket-core/server';
import type { InstalledBuild, InstalledState } from '../protocol/state.ts';
import type { InstallResult } from './install-pipeline.ts';
import type { PluginAuditRecord, PluginManagerOptions } from './plugin-manager-interface.ts';
import type { PluginStore } from './store/plugin-store.ts';

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

/** What an audit says of a result: the version that it made active, and what of another publisher it accepted. */
export function auditOfResult(result: unknown): Pick<PluginAuditRecord, 'to' | 'build' | 'sha256' | 'accepted'> {
  if (typeof result !== 'object' || result === null) return {};
  const { acceptedChanges = [] } = result as Partial<Pick<InstallResult, 'acceptedChanges'>>;
  const active = activeOf(result);
  return {
    ...(active !== undefined && { to: active.version, build: active.build, sha256: active.sha256 }),
    ...(acceptedChanges.length > 0 && { accepted: acceptedChanges }),
  };
}

/** Installs and repairs give the state of the plugin beside other things; changes give it alone. */
function activeOf(result: object): InstalledBuild | undefined {
  if ('installed' in result) return (result as { readonly installed: InstalledState }).installed.active;
  return 'active' in result ? (result as InstalledState).active : undefined;
}
