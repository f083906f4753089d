import type {
  ChannelClass,
  ChannelSource,
  FeedRequest,
  FeedSink,
  Identity,
  OpenedFeed,
} from '../../src/server/types.ts';

/** A channel source that a test drives by hand, scoped by organisation. */
export interface ManualSource extends ChannelSource<Identity> {
  readonly opened: { readonly request: FeedRequest; readonly sink: FeedSink; disposed: boolean }[];
  /** Sink of the feed that was opened last. */
  readonly sink: FeedSink;
  /** Organisations that may not subscribe. */
  readonly denied: Set<string>;
  /** Added to the scope key; change it to change everyone's scope. */
  scope: string;
}

export function manualSource(
  pattern: string,
  channelClass: ChannelClass,
  open: (request: FeedRequest, sink: FeedSink) => Partial<OpenedFeed> | Promise<Partial<OpenedFeed>> = () => ({}),
): ManualSource {
  const source: ManualSource = {
    pattern,
    class: channelClass,
    opened: [],
    denied: new Set(),
    scope: '',
    get sink() {
      const last = source.opened.at(-1);
      if (last === undefined) throw new Error(`nobody has subscribed to ${pattern}`);
      return last.sink;
    },
    authorize: ({ identity }) =>
      source.denied.has(identity.orgId) ? { denied: 'FORBIDDEN' } : { scopeKey: `${identity.orgId}${source.scope}` },
    async open(request, sink) {
      const entry = { request, sink, disposed: false };
      source.opened.push(entry);
      const opened = await open(request, sink);
      return {
        ...opened,
        dispose: () => {
          entry.disposed = true;
          opened.dispose?.();
        },
      };
    },
  };
  return source;
}
