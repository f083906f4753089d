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

/** Creates the loader of a sign-in. A chunk of its own, as the first view can do without it. */
export function createPageLoader(parts: PageLoaderParts): PluginLoader {
  return createPluginLoader({
    runtime: async () => {
      const headers = { authorization: `Bearer ${await parts.token()}`, accept: 'application/json' };
      const response = await parts.fetch(runtimeUrl, { headers });
      if (!response.ok) {
        throw new ApiError('UNREACHABLE', `The server does not list its plugins (${String(response.status)}).`);
      }
      const list = (await response.json()) as { readonly generation?: unknown } | null;
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
