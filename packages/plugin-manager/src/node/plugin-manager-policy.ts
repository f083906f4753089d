import { checkPlugin, checkVersion, extraFilesFor } from '../core/policy-checks.ts';
import type { PluginPolicy } from '../core/policy.ts';
import { checkPublisher } from '../core/publisher.ts';
import type { PolicyPort } from './install-pipeline-ports.ts';
import { verifySignature } from './signature.ts';

/** What extra files call the machine: `linux/x64`. */
export const platform = `${process.platform}/${process.arch}`;

/** What a policy says to the pipeline, on this machine. */
export function policyPort(policy: PluginPolicy): PolicyPort {
  return {
    checkPlugin: (ref) => {
      checkPlugin(policy, ref);
    },
    checkVersion: (release, installedVersion) => {
      checkVersion(policy, release, installedVersion);
    },
    checkPublisher: (pluginId, check) => checkPublisher(pluginId, check, policy),
    extraFilesOf: (release) => extraFilesFor(policy, release, platform),
    verifySignature: (release, archive) => verifySignature(policy, release, archive),
  };
}
