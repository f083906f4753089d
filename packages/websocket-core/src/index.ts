export { FleetwireError } from './core/errors.ts';
export { PROTOCOL_NAME } from './protocol/version.ts';
