import type { IncomingMessage } from 'node:http';
import type { ApiContext, RequestLine } from './api-context.ts';
import { createFaultySink } from './faulty-sink.ts';
import { negotiate } from './negotiate.ts';
import type { ResourceRequest } from './request-info.ts';
import { selectionOf } from './resource-verbs.ts';
import type { Fault } from './types.ts';
import type { WatchSink } from './watch-sink.ts';
import { planWatch, runWatch } from './watch-stream.ts';

/**
 * Checks a watch; the outcome starts it on a sink and returns its stop. Undefined where no such type is served.
 *
 * @throws StatusError for parameters that are wrong, before anything is answered.
 */
export function prepareWatch(
  context: ApiContext,
  { query }: RequestLine,
  request: ResourceRequest,
  message: IncomingMessage,
): ((sink: WatchSink, faults: readonly Fault[]) => () => void) | undefined {
  const { store } = context;
  const definition = store.definition(request);
  if (!definition?.verbs.includes('watch')) return undefined;
  const { representation } = negotiate(message.headers.accept, query);
  const plan = planWatch(definition, selectionOf(request, query), query, context);
  const lines = context.linesFor(definition, representation);
  return (sink, faults) =>
    runWatch({
      store,
      plan,
      lines,
      output: createFaultySink(sink, faults),
      bookmarkIntervalMs: context.bookmarkIntervalMs,
    });
}
