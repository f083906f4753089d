export {
  AGENT_ENDPOINT,
  AGENT_PLATFORMS,
  type AgentCommand,
  type AgentMessage,
  type AgentNotConnectedError,
  type AgentPlatform,
  type BroadcastMessage,
} from './protocol/agent.ts';
export type { Client, OrgContext } from './protocol/organisation.ts';
export {
  SessionEventType,
  type SessionEvent,
  type SessionEventDataByType,
  type SessionResources,
} from './protocol/session-event.ts';
