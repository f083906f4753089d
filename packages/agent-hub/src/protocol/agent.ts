import type { FleetwireError } from '@fleetwire/websocket-core';

/**
 * What an agent runs sessions on. `cloud` is a label for agents that are written with the SDK; the others are the
 * platforms of `fleetwire-agent`.
 */
export const AGENT_PLATFORMS = ['kubernetes', 'docker', 'vm', 'cloud'] as const;

/** One of {@link AGENT_PLATFORMS}. */
export type AgentPlatform = (typeof AGENT_PLATFORMS)[number];

/** Path of the endpoint that agents connect out to; it speaks `fleetwire.v1` and nothing else. */
export const AGENT_ENDPOINT = '/api/v1/agents/connect';

/** A command as an agent receives it. */
export interface AgentCommand {
  /** Unique for ever: redelivery carries the same id, so that an agent runs a command once. */
  readonly commandId: string;
  /** `start_session`, `stop_session`, `hibernate_session`, `wake_session`, or one that the agent declared. */
  readonly action: string;
  /** Checked against the schema that the agent declared for the action. */
  readonly payload: unknown;
}

/** A message between hub and agent; on the socket `type` is the message's name and `payload` its data. */
export interface AgentMessage {
  readonly type: string;
  /** RFC 3339, on the sender's clock; for display only. */
  readonly timestamp: string;
  readonly payload: unknown;
}

/** A message to every agent of one organisation. */
export interface BroadcastMessage {
  readonly message: AgentMessage;
  /** The agent that must not get it, usually the one that caused it. */
  readonly excludeAgentId?: string;
}

/** Rejection of a command that needs a connected agent when no replica holds one. */
export interface AgentNotConnectedError extends FleetwireError {
  readonly code: 'agent-not-connected';
}
