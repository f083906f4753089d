import { useCallback, useSyncExternalStore } from 'react';
import type { ClientState } from '../client/types.ts';
import { useClient } from './client-provider.ts';

/** What the client is doing; renders again at each change. */
export function useConnectionState(): ClientState {
  const client = useClient();
  const subscribe = useCallback((onChange: () => void) => client.onState(onChange), [client]);
  const getState = (): ClientState => client.state;
  return useSyncExternalStore(subscribe, getState, getState);
}
