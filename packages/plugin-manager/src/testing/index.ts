export type { CatalogPackage, CatalogVersion } from './catalog-package.ts';
export { createCatalogServer, type CatalogFault, type CatalogServer } from './catalog-server.ts';
export { injectFaults, type FileSystemStep } from './fault-injector.ts';
