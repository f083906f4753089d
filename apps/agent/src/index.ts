import type { AgentPlatform } from '@fleetwire/agent-hub';

/** The platforms that this agent serves; `cloud` is for agents that others write with the SDK. */
export type ServedPlatform = Exclude<AgentPlatform, 'cloud'>;
