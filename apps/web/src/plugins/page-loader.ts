import {
  createModuleImporter,
  createPluginLoader,
  type PluginLoader,
  type PluginLoadError,
} from '@fleetwire/plugin-manager/browser';
import { ApiError } from '../auth/auth-session.ts';
import { isOwnPath } from './own-paths.ts';
import { runtimeUrl } from './runtime-url.ts';
import { createPluginSdk, type SdkParts } from './plugin-sdk.ts';

/** What the loader of a page is made of. */
export interface PageLoaderParts extends SdkParts {
  readonly isSafeMode: boolean;
  /** Told of the generation of each list that came. */
  readonly onGeneration: (generation: unknown) => void;
  readonly onProblem: (problem: PluginLoadError) => void;
}

/** How long the list of plugins may take, with the token for it. */
const listLimitMs = 15_000;

/** What a request comes to within the time that a list may take. */
function withinLimit<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(listLimitMs);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(new ApiError('UNREACHABLE', 'The server has not listed its plugins within 15 s.'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    ask(signal).then(resolve, reject);
  });
}

/** Why the server does not list its plugins, as far as it says. */
async function refusalOf(response: Response): Promise<ApiError> {
  const { code, detail } = ((await response.json().catch(() => null)) ?? {}) as Readonly<Record<string, unknown>>;
  const what = 'The server does not list its plugins';
  if (typeof code !== 'string' || typeof detail !== 'string') {
    return new ApiError('UNREACHABLE', `${what} (${String(response.status)}).`);
  }
  return new ApiError(code, `${what}: ${detail} (${code}).`);
}

/** Creates the loader of a sign-in. A chunk of its own, as the first view can do without it. */
export function createPageLoader(parts: PageLoaderParts): PluginLoader {
  return createPluginLoader({
    runtime: async () => {
      const list = await withinLimit(async (signal) => {
        const headers = { authorization: `Bearer ${await parts.token()}`, accept: 'application/json' };
        const response = await parts.fetch(runtimeUrl, { headers, signal });
        if (!response.ok) throw await refusalOf(response);
        return (await response.json()) as { readonly generation?: unknown } | null;
      });
      parts.onGeneration(list?.generation);
      return list;
    },
    importModule: createModuleImporter({ document, nonce: nonceOf(document) }),
    sdk: (plugin, signal) => createPluginSdk(plugin, signal, parts),
    fetch: parts.fetch,
    isOwnPath,
    isSafeMode: parts.isSafeMode,
    onProblem: parts.onProblem,
  });
}

/** The nonce of the page's content policy; browsers hide it from the attribute. */
function nonceOf(page: Document): string | undefined {
  const element = page.querySelector<HTMLMetaElement>('meta[property=csp-nonce]');
  return element?.nonce === '' ? undefined : element?.nonce;
}
