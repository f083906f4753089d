import { stat } from 'node:fs/promises';
import type { StoreFileSystem } from '../../core/state/store-file-system.ts';
import type { StoreLayout } from './store-layout.ts';

/** Where the audit of a store is written to. */
export interface AuditFile {
  append(record: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What it works with. */
export interface AuditFileOptions {
  readonly fileSystem: StoreFileSystem;
  readonly layout: StoreLayout;
  readonly maxBytes: number;
  /** Between processes: two that put the same file aside would lose what the first one kept. */
  readonly withLock: (work: () => Promise<void>) => Promise<void>;
}

/** Makes it. A file that has its size is put aside, in the place of the one before: the audit takes twice that size. */
export function createAuditFile({ fileSystem, layout, maxBytes, withLock }: AuditFileOptions): AuditFile {
  const isFull = async (): Promise<boolean> => {
    const found = await stat(layout.auditFile).catch(() => undefined);
    return (found?.size ?? 0) >= maxBytes;
  };
  return {
    async append(record) {
      if (await isFull()) {
        await withLock(async () => {
          if (await isFull()) await fileSystem.rename(layout.auditFile, layout.olderAuditFile);
        });
      }
      await fileSystem.append(layout.auditFile, `${JSON.stringify(record)}\n`);
    },
  };
}
