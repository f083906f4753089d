import type { PluginOperationView } from '@fleetwire/plugin-manager';
import { useChannel, type ChannelView } from '@fleetwire/websocket-core/react';
import { operationPathOf } from '../api/plugins-api.ts';

/** Codes of a channel that there is not, or no longer. */
const goneCodes: ReadonlySet<string> = new Set(['UNKNOWN_CHANNEL', 'NOT_FOUND', 'E_NOT_FOUND']);

/** One operation, live. `isGone`: the server does not know of it. */
export interface LiveOperation {
  readonly channel: ChannelView;
  readonly view: PluginOperationView | undefined;
  readonly isGone: boolean;
}

/** Follows one operation. */
export function useOperationView(operationId: string): LiveOperation {
  const channel = useChannel(`plugins/ops/${operationId}`, {
    fallback: {
      url: operationPathOf(operationId),
      intervalMs: 1_000,
      read: (json) => ({ items: [{ key: 'operation', version: 0, value: json }] }),
    },
  });
  const view = channel.items?.get('operation')?.value as PluginOperationView | undefined;
  return { channel, view, isGone: channel.error !== undefined && goneCodes.has(channel.error.code) };
}
