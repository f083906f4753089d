export { PROTOCOL_NAME } from './protocol/version.ts';
