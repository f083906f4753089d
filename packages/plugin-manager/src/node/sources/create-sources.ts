import type { PluginPolicy } from '../../core/policy.ts';
import { createArtifactHubSource } from './artifact-hub.ts';
import { createFileSource } from './file-source.ts';
import { createIndexSource } from './index-source.ts';
import type { MetadataFetcher } from './fetch-json.ts';
import type { PluginSource } from './plugin-source.ts';

/** The sources of a policy, in its order and within its limits. */
export function createSources(policy: PluginPolicy, transport: MetadataFetcher): readonly PluginSource[] {
  const { maxMetadataBytes: maxBytes, maxRedirects, operationTimeoutMs: timeoutMs } = policy.limits;
  const fetcher: MetadataFetcher = {
    metadata: (request) => transport.metadata({ maxRedirects, timeoutMs, ...request }),
  };
  return policy.sources.map((source) => {
    switch (source.kind) {
      case 'artifact-hub':
        return createArtifactHubSource({ ...source, fetcher, maxBytes });
      case 'index':
        return createIndexSource({ ...source, fetcher, maxBytes });
      case 'file':
        return createFileSource({ ...source, maxBytes });
    }
  });
}
