import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClusterInfo } from '@fleetwire/kube-watch';
import type { ClusterViewer } from '@fleetwire/kube-watch/server';
import type { ChannelSource, Logger } from '@fleetwire/websocket-core/server';
import type { AuditLog } from './access/audit-log.ts';
import type { IdentityOf } from './access/identity-of.ts';
import type { Organisations } from './access/organisations.ts';
import type { UserIdentity } from './accounts/access-token.ts';
import type { Route } from './api/route.ts';
import { createClusters } from './clusters/create-clusters.ts';
import type { Config } from './config/schema.ts';
import type { Database } from './database/open-database.ts';
import type { HostCheck } from './http/allowed-hosts.ts';
import type { ClientOf } from './http/client-of.ts';
import type { PagePlugins } from './http/page.ts';
import type { OriginCheck } from './http/same-origin.ts';
import type { Readiness } from './http/readiness.ts';
import { createPlugins } from './plugins/create-plugins.ts';

/** What a part is made with. */
export interface PartContext {
  readonly config: Config;
  /** Of the server. */
  readonly version: string;
  /** The data folder. */
  readonly folder: string;
  readonly database: Database;
  readonly logger: Logger;
  readonly organisations: Organisations;
  readonly isAllowedHost: HostCheck;
  readonly isOwnOrigin: OriginCheck;
  readonly clientOf: ClientOf;
  readonly identityOf: IdentityOf;
  /** Notes what somebody does, or tries to. */
  readonly audit: Pick<AuditLog, 'list' | 'record' | 'refused' | 'within'>;
  /** Whether the sign-in or the personal token of an identity is still there. */
  readonly isAlive: (identity: UserIdentity) => Promise<boolean>;
}

/** The clusters of an organisation and its users, for kubeconfigs and for clients without a WebSocket. */
export interface ClusterDirectory {
  clustersOf(viewer: ClusterViewer): readonly ClusterInfo[];
}

/** Whose access has changed. */
export interface AccessSelector {
  readonly orgId?: string | undefined;
  readonly userId?: string | undefined;
  readonly jti?: string | undefined;
}

/** A part of the server beside its own: what it adds to the socket and to the HTTP surface. */
export interface ServerPart extends Partial<ClusterDirectory> {
  readonly name: string;
  readonly channels: readonly ChannelSource<UserIdentity>[];
  /** What it adds to the REST surface. */
  readonly routes?: readonly Route[] | undefined;
  /** Serves a request whose path is its own; false leaves it to the next. The `Host` has been checked. */
  readonly handleRequest?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** What it serves by {@link handleRequest} ends by itself, and is waited for at the end; watches and logs do not. Default false. */
  readonly endsItsAnswers?: boolean | undefined;
  /** The same for an upgrade. The Origin has been checked too: a page of another origin does not get here. */
  readonly handleUpgrade?: ((request: IncomingMessage, stream: Duplex, head: Buffer) => boolean) | undefined;
  /**
   * What these users may do has changed, or they may not do anything any more: ends what runs under the old terms. All
   * that the selector names must fit; `jti` is a sign-in or a token.
   */
  readonly accessChanged?: ((selector: AccessSelector) => void) | undefined;
  /** Shown under its name by `/readyz`; `ok: false` makes the server not ready. */
  readonly readiness?: (() => Readiness | Promise<Readiness>) | undefined;
  /** No more requests come: resolves when nothing is under way that a stop would cut off. */
  readonly drain?: (() => Promise<void>) | undefined;
  dispose(): Promise<void>;
}

/** The parts, and what of them the page is made of. */
export interface Parts {
  /** In the order in which requests are offered to them. */
  readonly all: readonly ServerPart[];
  readonly page: PagePlugins;
}

/** Makes the parts. */
export async function createParts(context: PartContext): Promise<Parts> {
  const clusters = await createClusters(context);
  try {
    const plugins = await createPlugins(context);
    return { all: [clusters, plugins], page: plugins.page };
  } catch (error) {
    await clusters.dispose();
    throw error;
  }
}
