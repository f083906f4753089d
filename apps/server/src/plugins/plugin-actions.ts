import { PluginError } from '@fleetwire/plugin-manager';
import type { Operation, PluginAuditRecord, PluginManager } from '@fleetwire/plugin-manager/node';
import type { AuditLog } from '../access/audit-log.ts';
import { firstOrganisation, type Organisations } from '../access/organisations.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import { Problem } from '../http/problem.ts';

type User = Pick<UserIdentity, 'userId' | 'username'>;

/** Operations that wait and run; of more, none is begun. Updates of all plugins count each. */
const maxPendingOperations = 200;

/** Starts operations on plugins for users, and notes who began what and what came of it. */
export interface PluginActions {
  /** Throws a {@link Problem} with 429 where no more operations may wait; `count` are to be begun. */
  readonly checkRoom: (count: number) => void;
  /**
   * Starts one, and resolves with its id once the entry is written. Throws a {@link Problem} with 429 where
   * too many wait already.
   */
  start(
    user: User,
    begin: (manager: PluginManager, actor: { readonly actor: string }) => Operation<unknown>,
    detail?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
  /** Whose an operation is that changes nothing, so that its end alone is noted. */
  attribute(user: User, operation: Operation<unknown>): void;
  /** Does what has no progress, and notes it: also where it fails, with its code. */
  noted<T>(user: User, action: string, target: string, work: () => Promise<T>): Promise<T>;
  /** Notes what was done at once. */
  note(user: User, action: string, target: string, detail?: Readonly<Record<string, unknown>>): Promise<void>;
  /** The manager tells of the end of an operation or a change. */
  ended(record: PluginAuditRecord): Promise<void>;
}

/** What is needed to note actions. */
export interface PluginActionsOptions {
  /** The manager, which is made after this. */
  readonly manager: () => PluginManager;
  /** How many operations wait and run. */
  readonly pending: () => number;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly organisations: Organisations;
}

/** Creates it. What is done to plugins stands in the audit log of the first organisation, since it alone manages them. */
export function createPluginActions({ manager, pending, audit, organisations }: PluginActionsOptions): PluginActions {
  /** Of operations that have not ended. */
  const users = new Map<string, User>();

  async function record(user: User | undefined, action: string, target: string, detail?: unknown): Promise<void> {
    const orgId = organisations.idOf(firstOrganisation);
    if (orgId === undefined) return;
    const known = user === undefined ? {} : { user: { userId: user.userId, username: user.username } };
    await audit.record({ orgId, ...known, action: `plugin.${action}`, target, detail });
  }

  async function ended(entry: PluginAuditRecord): Promise<void> {
    const { operationId, action, pluginId, actor, outcome, ...more } = entry;
    // What has no progress, or is of the whole store, is noted by its route, with its user.
    if (pluginId === undefined) return;
    if (action === 'enable' || action === 'disable' || action === 'pin' || action === 'unpin') return;
    const user = users.get(operationId);
    users.delete(operationId);
    const by = user === undefined && actor !== undefined ? { actor } : {};
    const known = Object.entries(more).filter(([, value]) => value !== undefined);
    await record(user, `${action}.${outcome}`, pluginId, { operationId, ...Object.fromEntries(known), ...by });
  }

  /** Before the operation does anything: its end, of which the manager tells whatever it is, finds its user here. */
  function attribute(user: User, { id }: Operation<unknown>): void {
    users.set(id, user);
  }

  function checkRoom(count: number): void {
    if (pending() + count > maxPendingOperations)
      throw new Problem(429, 'RATE_LIMITED', 'too many operations on plugins wait: let them end', 5_000);
  }

  return {
    checkRoom,
    async start(user, begin, detail = {}) {
      checkRoom(1);
      const operation = begin(manager(), { actor: user.username });
      const { id: operationId, action, pluginId } = operation;
      attribute(user, operation);
      await record(user, action, pluginId, { operationId, ...detail });
      return operationId;
    },
    attribute,
    async noted(user, action, target, work) {
      try {
        const result = await work();
        await record(user, action, target);
        return result;
      } catch (error) {
        const code = error instanceof PluginError ? error.code : undefined;
        await record(user, `${action}.failed`, target, code === undefined ? undefined : { code });
        throw error;
      }
    },
    note: record,
    ended,
  };
}
