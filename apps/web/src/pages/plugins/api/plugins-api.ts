import type {
  AcceptedPublisher,
  CatalogDetails,
  CatalogRelease,
  CatalogSearch,
  CatalogSources,
  PluginDetails,
  PluginList,
  PluginSummary,
  PluginUpdateList,
  PluginUpdatesStarted,
} from '@fleetwire/plugin-manager';
import { ApiError, type AuthSession } from '../../../auth/auth-session.ts';
import { folderOfId } from '../plugin-address.ts';
import { sendRequest, type PluginsRequest } from './plugins-request.ts';

/** How the files of a plugin compare with its receipt: the answer of `…/verify`. */
export interface PluginVerification {
  readonly isIntact: boolean;
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  /** There, and in no receipt. */
  readonly unexpected: readonly string[];
  /** Why the receipt itself is of no use. */
  readonly reason?: string | undefined;
}

/** What the repair of the store found: the answer of `…/repair`. */
export interface StoreRepair {
  readonly plugins: readonly string[];
  readonly broken: readonly string[];
}

/** What is to be installed. */
export interface InstallWish {
  readonly id: string;
  /** Absent: the newest that fits. */
  readonly version?: string | undefined;
  readonly acceptPublisher?: AcceptedPublisher | undefined;
  readonly isEnabled?: boolean | undefined;
}

/** What may be asked of the catalog. */
export interface CatalogQuery {
  readonly query: string;
  /** Empty: all. */
  readonly source: string;
  readonly limit: number;
  readonly offset: number;
}

/** The routes of plugins. All of them throw an `ApiError`. */
export interface PluginsApi {
  list(signal: AbortSignal): Promise<PluginList>;
  get(id: string, signal: AbortSignal): Promise<PluginDetails>;
  sources(signal: AbortSignal): Promise<CatalogSources>;
  search(query: CatalogQuery, signal: AbortSignal): Promise<CatalogSearch>;
  describe(id: string, signal: AbortSignal): Promise<CatalogDetails>;
  release(id: string, version: string, signal: AbortSignal): Promise<CatalogRelease>;
  updates(signal: AbortSignal): Promise<PluginUpdateList>;
  /** These three resolve with the id of the operation that they began. */
  install(wish: InstallWish): Promise<string>;
  run(id: string, action: 'update' | 'rollback' | 'repair'): Promise<string>;
  uninstall(id: string): Promise<string>;
  /** The operations come by the channel, as those of others do. */
  updateAll(): Promise<PluginUpdatesStarted>;
  /** Of a store whose state cannot be read. */
  repairStore(): Promise<StoreRepair>;
  setEnabled(id: string, isEnabled: boolean): Promise<PluginSummary>;
  setPinned(id: string, isPinned: boolean): Promise<PluginSummary>;
  verify(id: string): Promise<PluginVerification>;
  cancel(operationId: string): Promise<void>;
}

const root = '/api/v1/plugins';

/** Creates the routes for a session. `onRefused` is called whenever the server says that the user may not. */
export function createPluginsApi(
  session: Pick<AuthSession, 'token'>,
  onRefused: () => void = () => undefined,
): PluginsApi {
  const ask = async (request: PluginsRequest): Promise<unknown> => {
    try {
      return await sendRequest(session, request);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'FORBIDDEN') onRefused();
      throw error;
    }
  };
  const send = (method: PluginsRequest['method'], path: string, body?: object): Promise<unknown> =>
    ask({ method, path, body });
  const read = async <T>(path: string, signal: AbortSignal): Promise<T> =>
    (await ask({ method: 'GET', path, signal })) as T;
  const begin = async (method: PluginsRequest['method'], path: string, body?: object): Promise<string> =>
    ((await send(method, path, body)) as { readonly operationId: string }).operationId;
  return {
    list: (signal) => read(root, signal),
    get: (id, signal) => read(pathOf(id), signal),
    sources: (signal) => read('/api/v1/plugin-catalog/sources', signal),
    search: ({ query, source, limit, offset }, signal) => {
      const params = new URLSearchParams({ query, limit: String(limit), offset: String(offset) });
      if (source !== '') params.set('source', source);
      return read(`/api/v1/plugin-catalog/search?${params.toString()}`, signal);
    },
    describe: (id, signal) => read(catalogPathOf(id), signal),
    release: (id, version, signal) => read(`${catalogPathOf(id)}/${encodeURIComponent(version)}`, signal),
    updates: (signal) => read('/api/v1/plugin-updates', signal),
    install: (wish) => begin('POST', root, wish),
    run: (id, action) => begin('POST', `${pathOf(id)}/${action}`),
    uninstall: (id) => begin('DELETE', pathOf(id)),
    updateAll: async () => (await send('POST', '/api/v1/plugin-updates')) as PluginUpdatesStarted,
    repairStore: async () => (await send('POST', `${root}/repair`)) as StoreRepair,
    setEnabled: async (id, isEnabled) =>
      (await send('POST', `${pathOf(id)}/${isEnabled ? 'enable' : 'disable'}`)) as PluginSummary,
    setPinned: async (id, isPinned) => (await send('POST', `${pathOf(id)}/pin`, { isPinned })) as PluginSummary,
    verify: async (id) => (await send('POST', `${pathOf(id)}/verify`)) as PluginVerification,
    cancel: async (operationId) => {
      await send('DELETE', operationPathOf(operationId));
    },
  };
}

/** Whether a list failed as the store has lost its state, which a repair brings back. */
export function isStateCorrupt(error: Error | null): boolean {
  return error instanceof ApiError && error.code === 'E_STATE_CORRUPT';
}

/** The address of an operation, for what polls it. */
export function operationPathOf(operationId: string): string {
  return `/api/v1/plugin-operations/${encodeURIComponent(operationId)}`;
}

function pathOf(id: string): string {
  return `${root}/${encodeURIComponent(folderOfId(id))}`;
}

function catalogPathOf(id: string): string {
  return `/api/v1/plugin-catalog/${folderOfId(id).split('~').map(encodeURIComponent).join('/')}`;
}
