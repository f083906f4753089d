import type { IncomingMessage } from 'node:http';
import { FleetwireError } from '@fleetwire/websocket-core';
import { isPosition } from './position.ts';

/** What stands before the items in a typed list; lists of custom resources may have it after them. */
const listHead = /^\s*\{(?:\s*"(?:kind|apiVersion)"\s*:\s*"[^"\\]*"\s*,)*\s*"metadata"\s*:\s*(\{[^{}]*\})/;
/** A list that ignores its limit is left once its head is known; a short one is read out and its connection kept. */
const maxRestBytes = 64 * 1024;
/** A head that is looked for stands within so much: it is looked for in all of it again with each piece that comes. */
const maxHeadLength = 16 * 1024;
/** Where the head comes last. */
const maxListBytes = 4 * 1024 * 1024;

/**
 * The resourceVersion of a list, whose items are not kept where its head comes first. Undefined for what is no list.
 * `hold` is told how many bytes are kept. Rejects with a FleetwireError when it does not end in time or is too large, and
 * when it is cut.
 */
export async function positionOfList(
  response: IncomingMessage,
  timeoutMs: number,
  hold: (bytes: number) => void,
): Promise<string | undefined> {
  const timer = setTimeout(() => {
    response.destroy(new FleetwireError('TIMEOUT', 'the list did not end in time'));
  }, timeoutMs);
  let text = '';
  let restBytes = 0;
  let position: string | undefined;
  response.setEncoding('utf8');
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      if (position === undefined) {
        const isHead = text.length < maxHeadLength;
        text += chunk;
        hold(text.length);
        if (isHead) position = resourceVersionOf(listHead.exec(text.slice(0, maxHeadLength))?.[1]);
      } else restBytes += chunk.length;
      if (restBytes > maxRestBytes) break;
      if (text.length > maxListBytes) throw new FleetwireError('PAYLOAD_TOO_LARGE', 'the list is too large');
    }
  } finally {
    clearTimeout(timer);
    hold(0);
    response.destroy();
  }
  return position ?? resourceVersionOf(text, true);
}

function resourceVersionOf(json: string | undefined, isList = false): string | undefined {
  if (json === undefined) return undefined;
  try {
    const value = JSON.parse(json) as { readonly metadata?: unknown } | null;
    const metadata = (isList ? value?.metadata : value) as { readonly resourceVersion?: unknown } | null | undefined;
    const version = metadata?.resourceVersion;
    return isPosition(version) ? version : undefined;
  } catch {
    return undefined;
  }
}
