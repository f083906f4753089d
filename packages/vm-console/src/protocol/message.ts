/** The kinds of message of the plain endpoints `/ws/vms/{name}` and `/ws/vms/{name}/console`. */
export const MessageType = {
  Status: 'status',
  Metrics: 'metrics',
  Command: 'command',
  Response: 'response',
  Console: 'console',
  ConsoleInput: 'console_input',
  Error: 'error',
  Heartbeat: 'heartbeat',
  Connection: 'connection',
} as const;

/** One of the values of the {@link MessageType} object. */
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** A power action. `stop` is graceful first and forced after a grace. */
export type VMAction = 'start' | 'stop' | 'restart' | 'suspend' | 'resume';

/** What a machine is doing. */
export type VMStatus = 'running' | 'stopped' | 'paused' | 'suspended' | 'shutdown' | 'crashed' | 'error' | 'unknown';

/** Codes of {@link ErrorData} that a caller may meet. */
export const VM_ERROR_CODES = [
  'AUTH_ERROR',
  'VM_NOT_FOUND',
  'VM_NOT_RUNNING',
  'INVALID_COMMAND',
  'UNKNOWN_ERROR',
] as const;

/** One of {@link VM_ERROR_CODES}, or a code that a later server invents. */
export type VMErrorCode = (typeof VM_ERROR_CODES)[number] | (string & {});

/** `data` of a `command` message. */
export interface CommandData {
  readonly action: VMAction;
  /** The same id again, over the socket or by REST, never runs the command twice. */
  readonly requestId?: string;
}

/** `data` of a `response` message: how a command ended. */
export interface ResponseData {
  readonly requestId: string;
  readonly success: boolean;
  readonly message: string;
}

/** `data` of a `status` message. */
export interface VMStatusData {
  readonly status: VMStatus;
  /** RFC 3339. */
  readonly lastStateChange: string;
  /** Seconds. */
  readonly uptime: number;
}

/** `data` of a `metrics` message. Byte figures are totals since the machine started. */
export interface VMMetrics {
  /** `utilization` in percent of all the machine's CPUs. */
  readonly cpu: { readonly utilization: number };
  /** Bytes. */
  readonly memory: { readonly used: number; readonly total: number };
  readonly network: { readonly rxBytes: number; readonly txBytes: number };
  readonly disk: { readonly readBytes: number; readonly writeBytes: number };
}

/** `data` of a `console` message. */
export interface ConsoleData {
  readonly content: string;
  /** True once the console ended. */
  readonly eof: boolean;
}

/** `data` of an `error` message. */
export interface ErrorData {
  readonly code: VMErrorCode;
  readonly message: string;
}

/** `data` of the one `connection` message that follows the upgrade. */
export interface ConnectionData {
  readonly status: string;
  readonly vmName: string;
  readonly message: string;
}
