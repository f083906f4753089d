import type { WatchMessage } from '../core/watch-lines.ts';
import type { WatchListener } from '../core/watch-transport.ts';
import type { WatchEvent } from '../protocol/kube-object.ts';

/**
 * Gives what came at once to a listener, in order and with as few calls as that allows: each call is a step of the
 * reflector. `isOver` is asked between the calls, as the listener may let go of the watch.
 */
export function deliverMessages(
  messages: readonly WatchMessage[],
  listener: Pick<WatchListener, 'onEvents' | 'onMalformed'>,
  isOver: () => boolean,
): void {
  let events: WatchEvent[] = [];
  const flush = (): void => {
    const batch = events;
    events = [];
    if (batch.length > 0 && !isOver()) listener.onEvents(batch);
  };
  for (const message of messages) {
    if (message.ok && message.columns === undefined) {
      for (const event of message.events) events.push(event);
      continue;
    }
    flush();
    if (isOver()) return;
    if (message.ok) listener.onEvents(message.events, message.columns);
    else listener.onMalformed(message.error);
  }
  flush();
}
