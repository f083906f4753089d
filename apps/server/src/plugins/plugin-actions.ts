import type { Operation, PluginAuditRecord, PluginManager } from '@fleetwire/plugin-manager/node';
import type { AuditLog } from '../access/audit-log.ts';
import { firstOrganisation, type Organisations } from '../access/organisations.ts';
import type { UserIdentity } from '../accounts/access-token.ts';

type User = Pick<UserIdentity, 'userId' | 'username'>;

/** Starts operations on plugins for users, and notes who began what and what came of it. */
export interface PluginActions {
  /** Starts one, and resolves with its id once the entry is written. */
  start(
    user: User,
    begin: (manager: PluginManager, actor: { readonly actor: string }) => Operation<unknown>,
    detail?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
  /** Notes what was done at once. */
  note(user: User, action: string, pluginId: string, detail?: Readonly<Record<string, unknown>>): Promise<void>;
  /** The manager tells of the end of a change: what came of an operation. */
  ended(record: PluginAuditRecord): Promise<void>;
}

/** What is needed to note actions. */
export interface PluginActionsOptions {
  /** The manager, which is made after this. */
  readonly manager: () => PluginManager;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly organisations: Organisations;
}

/** Creates it. What is done to plugins stands in the audit log of the first organisation, since it alone manages them. */
export function createPluginActions({ manager, audit, organisations }: PluginActionsOptions): PluginActions {
  /** Of operations that have not ended. */
  const users = new Map<string, User>();

  async function record(user: User | undefined, action: string, target: string, detail?: unknown): Promise<void> {
    const orgId = organisations.idOf(firstOrganisation);
    if (orgId === undefined) return;
    const known = user === undefined ? {} : { user: { userId: user.userId, username: user.username } };
    await audit.record({ orgId, ...known, action: `plugin.${action}`, target, detail });
  }

  return {
    async start(user, begin, detail = {}) {
      const operation = begin(manager(), { actor: user.username });
      const { id: operationId, action, pluginId } = operation;
      // Before the operation does anything: its end finds its user here.
      users.set(operationId, user);
      await record(user, action, pluginId, { operationId, ...detail });
      return operationId;
    },
    note: record,
    async ended({ operationId, action, pluginId, actor, outcome, code }) {
      // What has no progress is noted by its route, with its user.
      if (action === 'enable' || action === 'disable' || action === 'pin' || action === 'unpin') return;
      const user = users.get(operationId);
      users.delete(operationId);
      const by = user === undefined && actor !== undefined ? { actor } : {};
      const failure = code === undefined ? {} : { code };
      await record(user, `${action}.${outcome}`, pluginId, { operationId, ...failure, ...by });
    },
  };
}
