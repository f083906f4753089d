import { FleetwireError } from '@fleetwire/websocket-core';
import type {
  ChannelGrant,
  ChannelRequest,
  ChannelSource,
  FeedRequest,
  FeedSink,
  Identity,
  Logger,
  OpenedFeed,
} from '@fleetwire/websocket-core/server';
import * as z from 'zod/mini';
import { canonicalSelector } from '../core/canonical-target.ts';
import { clusterOfSegment, kubeChannel, kubeChannelPattern } from '../protocol/channel.ts';
import type { ClusterChange, ClusterRegistry } from './cluster-registry.ts';
import type { ClusterRuntime } from './cluster-runtime.ts';
import { FeedBudget } from './feed-budget.ts';
import { KubeFeed } from './kube-feed.ts';
import { permissionFor, type KubeAction } from './kube-permissions.ts';
import { isZero } from './position.ts';
import { decodeScope, encodeScope, impersonationOf, ownerKey, refusalOf, type FeedScope } from './tenancy.ts';
import type { KubeGatewayTimings } from './timings.ts';
import type { ClusterViewer, KubeGatewayOptions } from './types.ts';
import { Upstream } from './upstream.ts';
import type { UpstreamTarget } from './watch-request.ts';

const selector = z.string().check(
  z.refine((text) => text.length <= 2_000, 'expected at most 2000 characters'),
  z.refine((text) => text !== '' && text === canonicalSelector(text), 'expected sorted requirements, each once'),
);

/** One spelling of each query, and nothing else: each new set of parameters is an upstream of its own ([G4]). */
const paramsSchema = z.strictObject({
  path: z.string().check(z.refine((text) => text.length <= 1_000, 'expected at most 1000 characters')),
  labelSelector: z.optional(selector),
  fieldSelector: z.optional(selector),
  projection: z.optional(z.enum(['metadata', 'table'])),
});

interface Slot {
  readonly cluster: ClusterRuntime;
  /** Whom the feed is for; the user only where the cluster is that user's own. */
  readonly viewer: ClusterViewer;
  readonly orgId: string;
  readonly userId: string;
  readonly sink: FeedSink;
  readonly feed: KubeFeed;
  readonly upstream: Upstream;
  readonly release: () => void;
  readonly heldBytes: number;
}

/** What the channel needs of its gateway. */
export interface KubeChannelOptions<I extends Identity> {
  readonly policy: Pick<KubeGatewayOptions<I>, 'can' | 'confinedTo' | 'impersonation' | 'onGranted'>;
  readonly registry: () => ClusterRegistry;
  readonly timings: KubeGatewayTimings;
  readonly random: () => number;
  readonly logger: Logger;
  readonly onEvents: (count: number, bytes: number) => void;
}

/** The channel `kube/{cluster}`: one upstream for each feed, as long as the feed is kept. */
export class KubeChannelSource<I extends Identity> implements ChannelSource<I> {
  readonly pattern = kubeChannelPattern;
  readonly class = 'recoverable';
  readonly lingerMs: number;
  readonly #options: KubeChannelOptions<I>;
  readonly #slots = new Set<Slot>();
  readonly #budget = new FeedBudget<Slot>();

  constructor(options: KubeChannelOptions<I>) {
    this.#options = options;
    this.lingerMs = options.timings.feedLingerMs;
  }

  get upstreams(): number {
    return this.#slots.size;
  }

  authorize(request: ChannelRequest<I>): ChannelGrant | Promise<ChannelGrant> {
    const { identity, channel, segments, params } = request;
    const { policy } = this.#options;
    const cluster = this.#find(identity, channel, segments);
    // The same for a cluster that is not there and for one of somebody else.
    if (cluster === undefined) return { denied: 'UNKNOWN_CHANNEL', reason: `unknown channel ${channel}` };
    const asked = readParams(params);
    if ('reason' in asked) return { denied: 'BAD_REQUEST', reason: asked.reason };
    const refusal = refusalOf(policy, cluster.definition, identity, asked.action);
    if (refusal !== undefined) {
      const reason =
        'permission' in refusal
          ? `watching ${asked.params.path} needs the permission ${refusal.permission}`
          : `this organisation sees the namespace ${refusal.namespace} alone`;
      return { denied: 'FORBIDDEN', reason };
    }
    const impersonate = impersonationOf(policy, cluster.definition, identity);
    const grant = { scopeKey: scopeOf(cluster, identity.orgId, impersonate) };
    if (request.isAgain === true) return grant;
    const { name } = cluster.definition;
    const noted = policy.onGranted?.({ identity, cluster: name, path: asked.params.path, action: asked.action });
    return noted === undefined ? grant : noted.then(() => grant);
  }

  open(request: FeedRequest, sink: FeedSink): OpenedFeed {
    const { channel, params, segments, scopeKey, since, userId } = request;
    const { orgId, ownerId, impersonate } = decodeScope(scopeKey);
    const viewer: ClusterViewer = { orgId, userId: ownerId };
    const cluster = this.#find(viewer, channel, segments);
    if (cluster === undefined) throw new FleetwireError('UNKNOWN_CHANNEL', `unknown channel ${channel}`);
    // Another cluster took the name since it was asked for, or another identity its place.
    if (scopeOf(cluster, orgId, impersonate) !== scopeKey) throw new FleetwireError('SCOPE_CHANGED', scopeChanged);
    if (since === undefined || isZero(since)) {
      throw new FleetwireError('BAD_REQUEST', 'since: expected the resourceVersion of a list that was read before');
    }
    const asked = readParams(params);
    if ('reason' in asked) throw new FleetwireError('BAD_REQUEST', asked.reason);
    const { path, labelSelector, fieldSelector, projection = 'full' } = asked.params;
    const target: UpstreamTarget = { path, labelSelector, fieldSelector, projection, impersonate };
    const refusal = this.#budget.refusalOf({ orgId, userId });
    if (refusal !== undefined) throw new FleetwireError('TOO_MANY_SUBSCRIPTIONS', refusal);
    const slot = this.#slot({ cluster, viewer, orgId, userId, target, since, sink });
    this.#slots.add(slot);
    this.#budget.add(slot);
    return {
      position: since,
      history: (after) => slot.feed.history(after),
      dispose: () => {
        this.#close(slot);
      },
    };
  }

  /** Follows a change of a cluster: ends what those it was for do not find any more, and dials anew ([G13], [O5]). */
  changed(change: ClusterChange): void {
    for (const slot of [...this.#slots]) if (slot.cluster.definition.name === change.name) this.#apply(slot, change);
  }

  dispose(): void {
    for (const slot of [...this.#slots]) this.#close(slot);
  }

  #apply(slot: Slot, change: ClusterChange): void {
    if (this.#options.registry().find(slot.viewer, change.name) !== slot.cluster) {
      this.#end(slot, 'UNKNOWN_CHANNEL', `unknown channel ${kubeChannel(change.name)}`);
    } else if (change.kind === 'changed' || change.runtime !== slot.cluster) {
      // What changed is another cluster of that name, or nothing that a feed is of.
    } else if (change.kind === 'other-identity') {
      this.#end(slot, 'SCOPE_CHANGED', scopeChanged);
    } else {
      slot.upstream.renew();
    }
  }

  #find(
    viewer: ClusterViewer,
    channel: string,
    segments: Readonly<Record<string, string>>,
  ): ClusterRuntime | undefined {
    const name = clusterOfSegment(segments['cluster'] ?? '');
    // One spelling each, so that a cluster's feeds are shared by all.
    if (name === undefined || kubeChannel(name) !== channel) return undefined;
    return this.#options.registry().find(viewer, name);
  }

  #slot(open: {
    readonly cluster: ClusterRuntime;
    readonly viewer: ClusterViewer;
    readonly orgId: string;
    readonly userId: string;
    readonly target: UpstreamTarget;
    readonly since: string;
    readonly sink: FeedSink;
  }): Slot {
    const { timings, random, logger, onEvents } = this.#options;
    const { cluster, viewer, orgId, userId, target, since, sink } = open;
    const feed = new KubeFeed({
      ...{ cluster, target, timings, since, sink, logger, opener: ownerKey({ orgId, userId }) },
      onEvents,
      // Kept, it would tell whoever comes what may be over.
      onRefused: ({ code, message }) => {
        this.#end(slot, endCodes[code] ?? 'BAD_REQUEST', message);
      },
      onHeld: () => {
        const over = this.#budget.count(slot);
        // Whoever reads it goes on from where it is; the ring is what is given up.
        if (over !== undefined) this.#end(over, 'LAGGED', 'the watches of the organisation, or of all, hold too much');
      },
    });
    const upstream = new Upstream({ cluster, target, since, timings, random, held: feed.beside }, feed);
    const release = cluster.hold();
    const slot: Slot = {
      ...{ cluster, viewer, orgId, userId, sink, feed, upstream, release },
      get heldBytes() {
        return feed.heldBytes;
      },
    };
    return slot;
  }

  #end(slot: Slot, code: EndCode, message: string): void {
    if (!this.#slots.has(slot)) return;
    this.#close(slot);
    slot.sink.end(new FleetwireError(code, message, { retryable: code === 'SCOPE_CHANGED' || code === 'LAGGED' }));
  }

  #close(slot: Slot): void {
    if (!this.#slots.delete(slot)) return;
    this.#budget.remove(slot);
    slot.feed.dispose();
    slot.upstream.dispose();
    slot.release();
  }
}

type EndCode =
  (typeof endCodes)[keyof typeof endCodes] | 'BAD_REQUEST' | 'UNKNOWN_CHANNEL' | 'SCOPE_CHANGED' | 'LAGGED';

/** What a subscription ends with for a refusal of the cluster. */
const endCodes: Readonly<Record<number, 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND'>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
};

const scopeChanged = 'the identity of the cluster changed';

function scopeOf({ definition }: ClusterRuntime, orgId: string, impersonate: FeedScope['impersonate']): string {
  const { owner, connection } = definition;
  return encodeScope({ orgId, ownerId: owner?.userId, identityKey: connection.identityKey, impersonate });
}

type Params = z.output<typeof paramsSchema>;

/** The parameters, when they name a collection that can be watched ([G3]). */
function readParams(
  params: unknown,
): { readonly params: Params; readonly action: KubeAction } | { readonly reason: string } {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { reason: `params.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}` };
  }
  const { path } = parsed.data;
  const action = permissionFor({ method: 'GET', path, query: 'watch=true' });
  const isCollection = action?.target !== undefined && action.target.name === undefined;
  if (!isCollection || path.includes('%')) {
    return { reason: `params.path: expected the path of a collection, got ${JSON.stringify(path.slice(0, 200))}` };
  }
  return { params: parsed.data, action };
}
