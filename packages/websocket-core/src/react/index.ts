export { ClientProvider, useClient } from './client-provider.ts';
export { useChannel } from './use-channel.ts';
export { useConnectionState } from './use-connection-state.ts';
export type { ChannelCallbacks, ChannelContent, ChannelFallback, ChannelStatus, ChannelView } from './channel-store.ts';
export type { ClientProviderProps, FallbackOptions } from './client-provider.ts';
export type { UseChannelOptions } from './use-channel.ts';
