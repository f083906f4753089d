export { WATCH_EVENT_TYPES, type WatchEvent, type WatchEventType } from '../protocol/watch-event.ts';
export type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../protocol/kube-object.ts';
export { StatusError, type Status, type StatusCause } from '../protocol/status.ts';
export type {
  JsonSchema,
  ResourceDefinition,
  ResourceVerb,
  SubresourceDefinition,
  TableColumn,
} from '../core/resource-definition.ts';
export type {
  DeleteOptions,
  KubeStore,
  ListOptions,
  NewObject,
  PatchType,
  ResourceId,
  Selection,
  StoredList,
  WriteOptions,
} from '../core/types.ts';
export type { Scenario, ScenarioOptions, ScenarioStats } from '../core/scenario/scenario.ts';
export type { ScenarioClock } from '../core/scenario/work-loop.ts';
export { createScenario } from './create-scenario.ts';
export { createFakeKubeApi } from './create-fake-kube-api.ts';
export type {
  ApiStats,
  Authenticator,
  Authorizer,
  FakeKubeApi,
  FakeKubeApiOptions,
  Fault,
  FaultMatch,
  Faults,
} from './types.ts';
