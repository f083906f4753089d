export { brokerCases, type BrokerCase, type BrokerSuiteOptions, type MakeBroker } from './broker-suite.ts';
export type { Schedule } from './byte-pipe.ts';
export {
  createLinkedNetwork,
  type LinkedNetwork,
  type LinkedNetworkMode,
  type LinkedNetworkOptions,
  type LinkedUpgrade,
} from './linked-network.ts';
export { createLinkedPair, type LinkedPair, type LinkedPairOptions } from './linked-pair.ts';
export { createManualClock, type ManualClock, type ManualClockOptions } from './manual-clock.ts';
export {
  runConformanceCase,
  type ConformanceAction,
  type ConformanceCase,
  type ConformanceFile,
  type ConformanceStep,
  type ConformanceSubject,
} from './conformance.ts';
export { wireOfAccepted, wireOfClient, type ConformanceWire, type WireEvent } from './conformance-wire.ts';
