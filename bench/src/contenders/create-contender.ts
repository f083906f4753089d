import type { ContenderName } from '../dialects.ts';
import type { Contender } from './contender.ts';

/** Loads only the contender that is asked for, so that no other takes memory. */
export async function createContender(name: ContenderName): Promise<Contender> {
  switch (name) {
    case 'fleetwire':
      return (await import('./fleetwire.ts')).createFleetwire();
    case 'ws':
      return (await import('./ws-loop.ts')).createWsLoop();
    case 'preframed':
      return (await import('./preframed.ts')).createPreframed();
    case 'socket.io':
      return (await import('./socket-io.ts')).createSocketIo();
  }
}
