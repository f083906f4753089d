/** What an agent runs its sessions on, as it names itself to the hub. */
export const AGENT_PLATFORMS = ['vm', 'kubernetes', 'docker'] as const;

/** One of {@link AGENT_PLATFORMS}. */
export type AgentPlatform = (typeof AGENT_PLATFORMS)[number];
