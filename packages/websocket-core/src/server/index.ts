export { addressBlockOf } from './address-block.ts';
export {
  brokerFeedName,
  createBrokerChannel,
  orgScopeKey,
  systemScopeKey,
  type BrokerChannelOptions,
} from './broker-channel.ts';
export {
  credentialsOf,
  originForm,
  pathOf,
  protocolsOf,
  redactUrl,
  type Credentials,
  type CredentialsRequest,
} from './credentials.ts';
export { createServer, type PublishTarget, type Server, type ServerOptions } from './create-server.ts';
export type { DrainOptions } from './drain.ts';
export { EncodedValue } from './state-content.ts';
export type {
  CollectedMetric,
  HistogramMetric,
  MetricLabels,
  MetricSample,
  MetricsSink,
  ServerGauges,
  ServerStats,
} from './server-metrics.ts';
export type { EndpointContext } from './server-context.ts';
export { refuseUpgrade, type EndpointOptions } from './upgrade.ts';
export { validated } from './validated.ts';
export type {
  Authenticate,
  AuthenticationRequest,
  AuthenticationResult,
  ChannelClass,
  ChannelGrant,
  ChannelRequest,
  ChannelSource,
  ConnectionHandle,
  ConnectionSelector,
  FeedHistory,
  FeedRequest,
  FeedSink,
  Identity,
  Logger,
  MessageHandler,
  OpenedFeed,
  RequestContext,
  RequestHandler,
  StateChange,
  TokenSource,
  UpgradeInfo,
} from './types.ts';
export { createMemoryBroker, type MemoryBrokerOptions } from '../core/memory-broker.ts';
export type { Broker, BrokerEntry, BrokerHistory, BrokerListener, BrokerPublishOptions } from '../core/broker.ts';
