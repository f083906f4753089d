import { FleetwireError } from '@fleetwire/websocket-core';
import { parseSelfContainedKubeconfig, type SelfContainedContext } from '@fleetwire/kube-watch/server';
import { z } from 'zod';
import { KeyedBuckets } from '../accounts/token-bucket.ts';
import { KubeconfigTextError, readKubeconfigText } from '../clusters/kubeconfig-text.ts';
import { maxOwnClusters } from '../clusters/own-cluster-store.ts';
import { OwnClusterError, type OwnClusters } from '../clusters/own-clusters.ts';
import { pickContexts, type ContextPick } from '../clusters/pick-contexts.ts';
import { Problem } from '../http/problem.ts';
import { route, textUpTo, type Route } from './route.ts';

const maxKubeconfigBytes = 256 * 1024;

/** Its line feeds and quotes take two bytes each in JSON; beside it are names. */
const maxBodyBytes = 2 * maxKubeconfigBytes + 64 * 1024;

/** So much of a text counts as one more text of those that one may send. */
const bytesPerToken = 64 * 1024;

const maxNameLength = 253;

const tag = 'Clusters';
const path = '/api/v1/me/clusters';

const ownClusterSchema = z.object({
  id: z.string(),
  name: z.string(),
  server: z.string().optional().describe('Absent where what is stored cannot be opened.'),
  namespace: z.string().optional(),
  createdAt: z.number(),
  problem: z.string().optional().describe('Why it cannot be used.'),
});

const pickSchema = z.object({
  context: textUpTo(1000),
  name: textUpTo(maxNameLength).optional().describe('Default: that of the context.'),
});

const addSchema = z.object({
  kubeconfig: z
    .string()
    .refine((text) => text !== '' && Buffer.byteLength(text) <= maxKubeconfigBytes, {
      error: `expected 1 to ${String(maxKubeconfigBytes)} bytes`,
    })
    .describe('The text of a kubeconfig without files, programs and proxies, as YAML or JSON.'),
  contexts: z
    .array(pickSchema)
    .refine((picks) => picks.length > 0 && picks.length <= maxOwnClusters, {
      error: `expected 1 to ${String(maxOwnClusters)} contexts`,
    })
    .optional()
    .describe('Default: all of the kubeconfig.'),
});

const statuses = {
  OWN_CLUSTERS_OFF: 403,
  ADDRESS_NOT_ALLOWED: 403,
  INVALID_KUBECONFIG: 400,
  BAD_REQUEST: 400,
  CONFLICT: 409,
  NOT_FOUND: 404,
} as const satisfies Record<OwnClusterError['code'], number>;

/** The clusters that one has for oneself: `/api/v1/me/clusters`. */
export function createOwnClusterRoutes(ownClusters: OwnClusters): Route[] {
  // A large text takes the process some hundredths of a second, and names of hosts are looked up for it.
  const additions = new KeyedBuckets({ burst: 20, refillMs: 6_000 }, () => performance.now());
  return [
    route({
      method: 'GET',
      path,
      access: 'kube.read',
      tag,
      summary: 'The clusters that one has added for oneself, oldest first; nobody else has them.',
      response: z.object({
        isEnabled: z.boolean().describe('Whether the operator lets users add clusters.'),
        items: z.array(ownClusterSchema),
      }),
      handle: ({ identity }) => ({ isEnabled: ownClusters.isEnabled, items: [...ownClusters.list(identity)] }),
    }),
    route({
      method: 'POST',
      path,
      access: 'kube.read',
      isForSignIns: true,
      tag,
      summary:
        'Adds clusters from a kubeconfig, all or none. Their credentials are stored sealed, and not shown again.',
      body: addSchema,
      maxBodyBytes,
      response: z.object({ items: z.array(ownClusterSchema) }),
      status: 201,
      problems: {
        403: 'The operator lets users have no clusters, or none at this address; or the permission is missing, or a personal token asks.',
        409: `A name is taken, but for case perhaps, or there are ${String(maxOwnClusters)} already.`,
        429: 'Too many were added.',
      },
      async handle({ identity, body: { kubeconfig, contexts: picks } }) {
        const waitMs = additions.take(identity.userId, 1 + Math.floor(Buffer.byteLength(kubeconfig) / bytesPerToken));
        if (waitMs > 0) throw new Problem(429, 'RATE_LIMITED', 'too many clusters were added', waitMs);
        return refusing(async () => ({
          items: [...(await ownClusters.add(identity, readContexts(kubeconfig, picks)))],
        }));
      },
    }),
    route({
      method: 'PATCH',
      path: `${path}/{id}`,
      access: 'kube.read',
      isForSignIns: true,
      tag,
      summary: "Renames one of one's own clusters.",
      body: z.object({ name: textUpTo(maxNameLength) }),
      response: ownClusterSchema,
      problems: { 404: 'One has no such cluster.', 409: 'The name is taken, but for case perhaps.' },
      handle: ({ identity, params, body: { name } }) =>
        refusing(() => ownClusters.rename(identity, params['id'] ?? '', name)),
    }),
    route({
      method: 'DELETE',
      path: `${path}/{id}`,
      access: 'kube.read',
      isForSignIns: true,
      tag,
      summary: "Removes one of one's own clusters with its credentials, and ends what runs on it.",
      problems: { 404: 'One has no such cluster.' },
      handle: ({ identity, params }) => refusing(() => ownClusters.remove(identity, params['id'] ?? '')),
    }),
  ];
}

function readContexts(kubeconfig: string, picks: readonly ContextPick[] | undefined): readonly SelfContainedContext[] {
  const whole = readKubeconfigText(kubeconfig);
  const { document, missing } = picks === undefined ? { document: whole, missing: [] } : pickContexts(whole, picks);
  if (missing.length > 0)
    throw new OwnClusterError(
      'INVALID_KUBECONFIG',
      missing.map((name) => `contexts: expected some of the kubeconfig, got ${JSON.stringify(name)}`).join('; '),
    );
  const contexts = parseSelfContainedKubeconfig(document);
  if (contexts.length > maxOwnClusters)
    throw new OwnClusterError(
      'INVALID_KUBECONFIG',
      `expected at most ${String(maxOwnClusters)} contexts, got ${String(contexts.length)}: choose some in contexts`,
    );
  return contexts;
}

/** Answers with a problem what was refused. */
async function refusing<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof OwnClusterError) throw new Problem(statuses[error.code], error.code, error.message);
    if (error instanceof KubeconfigTextError)
      throw new Problem(400, 'INVALID_KUBECONFIG', `kubeconfig: ${error.message}`);
    if (error instanceof FleetwireError && error.code === 'INVALID_KUBECONFIG')
      throw new Problem(400, 'INVALID_KUBECONFIG', error.message.replaceAll('\n', '; '));
    throw error;
  }
}
