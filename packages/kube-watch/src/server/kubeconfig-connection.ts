import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { FleetwireError } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { Cluster, Context, KubeConfig, User } from '@kubernetes/client-node';
import type { ClusterConnection } from './types.ts';

/** The part of `@kubernetes/client-node` that is used. */
export interface ClientNode {
  readonly KubeConfig: new () => KubeConfig;
}

/** One context with what it names. */
export interface KubeconfigEntry {
  readonly context: Context;
  readonly cluster: Cluster;
  /** Absent: requests are anonymous. */
  readonly user: User | undefined;
}

/** An exec plugin or an OIDC provider answers within so long; nobody waits for longer than a dial. */
const credentialsTimeoutMs = 10_000;

/** What hangs cannot be ended from here: while it does, it is asked again after ever longer times, up to this. */
const maxRestMs = 3_600_000;

const tlsOptions = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'rejectUnauthorized', 'servername'] as const;

/** Changes whenever a context means anything else than before. */
export function fingerprintOf({ cluster, user }: KubeconfigEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([cluster, user ?? null]))
    .digest('base64url');
}

/**
 * Requests as the context says: tokens, client certificates, exec plugins, OIDC, a proxy and impersonation are
 * `@kubernetes/client-node`'s, asked anew for each request. Another user of the
 * kubeconfig counts as another identity; other credentials of the same user, as of a token that is replaced, do not.
 */
export function createKubeconfigConnection(
  entry: KubeconfigEntry,
  clientNode: ClientNode,
  logger: Logger,
  limitMs = credentialsTimeoutMs,
): ClusterConnection {
  let config = configOf(entry, clientNode);
  let pending: ReturnType<ClusterConnection['requestOptions']> | undefined;
  const { cluster, context } = entry;
  /** Questions that were given up and have not ended: a plugin is a process each. */
  let hanging = 0;
  let restsUntilMs = -Infinity;

  async function ask(): Promise<Awaited<ReturnType<ClusterConnection['requestOptions']>>> {
    if (hanging > 0 && performance.now() < restsUntilMs) throw unavailable('what was asked for them hangs');
    const options: RequestOptions = { headers: {} };
    const answered = config.applyToHTTPSOptions(options);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        // One that hangs is not waited for by whoever comes next; nor is what it hangs in asked again.
        config = configOf(entry, clientNode);
        restsUntilMs = performance.now() + Math.min(maxRestMs, limitMs * 2 ** hanging);
        hanging += 1;
        const end = (): void => void (hanging -= 1);
        answered.then(end, end);
        reject(new Error(`no credentials within ${String(limitMs)} ms`));
      }, limitMs);
    });
    try {
      await Promise.race([answered, late]);
    } catch (error) {
      // What a plugin writes may hold secrets: it is for the log alone.
      logger.warn({ cluster: context.name, err: error }, 'the credentials of a cluster could not be had');
      throw unavailable(error);
    } finally {
      clearTimeout(timer);
    }
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {}))
      headers[name.toLowerCase()] = String(value).trim();
    if (typeof options.auth === 'string') {
      headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    }
    const tls = Object.fromEntries(
      tlsOptions.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
    );
    // The library's agent for everything else keeps the credentials that it was made with, and no connection alive.
    return cluster.proxyUrl ? { headers, tls, agent: options.agent } : { headers, tls };
  }

  return {
    server: cluster.server,
    identityKey: JSON.stringify([cluster.server, entry.user?.name ?? null, entry.user?.impersonateUser ?? null]),
    requestOptions() {
      // One question for a crowd: each would start a plugin of its own.
      if (pending !== undefined) return pending;
      const asked = ask().finally(() => {
        if (pending === asked) pending = undefined;
      });
      pending = asked;
      return asked;
    },
    async refreshCredentials() {
      config = configOf(entry, clientNode);
      pending = undefined;
      const { user } = entry;
      return user !== undefined && [user.exec, user.authProvider, user.certFile].some(Boolean);
    },
  };
}

function unavailable(cause: unknown): FleetwireError {
  return new FleetwireError('UNAVAILABLE', 'its credentials could not be had', { cause });
}

/** A configuration of this context alone; a new one remembers no credentials. */
function configOf({ cluster, user, context }: KubeconfigEntry, clientNode: ClientNode): KubeConfig {
  const config = new clientNode.KubeConfig();
  // The library takes plain http only where certificates are not checked, which http has none of.
  const reachable = cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster;
  config.loadFromOptions({
    clusters: [reachable],
    users: [user === undefined ? { name: '' } : structuredClone(user)],
    contexts: [{ ...context, user: user?.name ?? '' }],
    currentContext: context.name,
  });
  return config;
}
