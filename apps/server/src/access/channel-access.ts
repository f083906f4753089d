import type { ChannelSource } from '@fleetwire/websocket-core/server';
import type { UserIdentity } from '../accounts/access-token.ts';
import { can, type Permission } from './permissions.ts';

/** What each channel asks of its subscribers, by its pattern; a source may ask for more. */
export const channelAccess: Readonly<Record<string, 'signed-in' | Permission>> = {
  'server/health': 'signed-in',
  'server/connections': 'signed-in',
  'server/events': 'signed-in',
  clusters: 'kube.read',
  'kube/{cluster}': 'kube.read',
  plugins: 'signed-in',
  'plugins/ops/{id}': 'plugin.manage',
};

/**
 * The same channel, for those alone who hold its permission. Throws a TypeError for one whose access is not declared: the
 * server does not start with it.
 */
export function guardChannel(source: ChannelSource<UserIdentity>): ChannelSource<UserIdentity> {
  const access = channelAccess[source.pattern];
  if (access === undefined) throw new TypeError(`the access of the channel ${source.pattern} is not declared`);
  if (access === 'signed-in') return source;
  return {
    ...source,
    open: source.open.bind(source),
    authorize: (request) =>
      can(request.identity, access)
        ? source.authorize(request)
        : { denied: 'FORBIDDEN', reason: `this needs the permission ${access}` },
  };
}
