export type { VMCommandError } from './protocol/command-error.ts';
export {
  MessageType,
  VM_ERROR_CODES,
  type CommandData,
  type ConnectionData,
  type ConsoleData,
  type ErrorData,
  type ResponseData,
  type VMAction,
  type VMErrorCode,
  type VMMetrics,
  type VMStatus,
  type VMStatusData,
} from './protocol/message.ts';
