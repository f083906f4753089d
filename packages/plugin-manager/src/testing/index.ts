export { injectFaults, type FileSystemStep } from './fault-injector.ts';
