export type { CatalogPackage, CatalogVersion } from './catalog-package.ts';
export { createCatalogServer, type CatalogFault, type CatalogServer } from './catalog-server.ts';
export { injectFaults, type FileSystemStep } from './fault-injector.ts';
export type { BadArchive } from './bad-archives/bad-archive.ts';
export { badArchives } from './bad-archives/bad-archives.ts';
export { goodArchive, type GoodArchiveSpec, type TarDialect } from './bad-archives/good-archives.ts';
