/** The kinds of session events, by the name that they have on the wire. */
export const SessionEventType = {
  SessionCreated: 'session.created',
  SessionUpdated: 'session.updated',
  SessionDeleted: 'session.deleted',
  SessionStateChanged: 'session.state.changed',
  SessionConnected: 'session.connected',
  SessionDisconnected: 'session.disconnected',
  SessionHeartbeat: 'session.heartbeat',
  SessionIdle: 'session.idle',
  SessionActive: 'session.active',
  SessionResourcesUpdated: 'session.resources.updated',
  SessionTagsUpdated: 'session.tags.updated',
  SessionShared: 'session.shared',
  SessionUnshared: 'session.unshared',
  SessionError: 'session.error',
} as const;

/** One of the values of the {@link SessionEventType} object. */
export type SessionEventType = (typeof SessionEventType)[keyof typeof SessionEventType];

/** What a session may use. */
export interface SessionResources {
  readonly cpu: string;
  readonly memory: string;
  readonly storage: string;
}

/** The `data` of each kind of event; a kind with `undefined` carries none. */
export interface SessionEventDataByType {
  readonly 'session.created': {
    readonly template: string;
    readonly resources: SessionResources;
    readonly state: string;
  };
  /** The fields that changed, with their new values. */
  readonly 'session.updated': Readonly<Record<string, unknown>>;
  readonly 'session.deleted': undefined;
  readonly 'session.state.changed': { readonly oldState: string; readonly newState: string };
  readonly 'session.connected': {
    readonly connectionId: string;
    readonly clientIP: string;
    readonly userAgent: string;
  };
  /** `duration` in seconds. */
  readonly 'session.disconnected': { readonly connectionId: string; readonly duration: number };
  readonly 'session.heartbeat': { readonly timestamp: string; readonly activeConnections: number };
  /** `idleDuration` in seconds. */
  readonly 'session.idle': { readonly idleDuration: number };
  readonly 'session.active': undefined;
  readonly 'session.resources.updated': { readonly resources: SessionResources };
  readonly 'session.tags.updated': { readonly tags: readonly string[] };
  /** The first form goes to the owner, the second to the user whom the session is now shared with. */
  readonly 'session.shared':
    | { readonly sharedWith: string; readonly permissions: readonly string[] }
    | { readonly sharedBy: string; readonly permissions: readonly string[] };
  readonly 'session.unshared': { readonly unsharedFrom: string };
  readonly 'session.error': { readonly error: string; readonly code: string };
}

/** Something that happened to a session. A client that subscribed to both its user and its session gets it once. */
export interface SessionEvent<Type extends SessionEventType = SessionEventType> {
  readonly type: Type;
  readonly sessionId: string;
  /** The session's owner. */
  readonly userId: string;
  /** RFC 3339, server time. */
  readonly timestamp: string;
  readonly data?: SessionEventDataByType[Type];
}
