import { storeLayout } from '../node/store/store-layout.ts';
import { openLineFile } from './appended-lines.ts';
import { parseStoreAuditLine, type StoreAuditLine } from './store-audit-line.ts';

/** What is looked for. */
export interface StoreAuditSearch {
  /** Folder of the store. */
  readonly root: string;
  /** Name of the program that wrote them, as its manager writes it. */
  readonly program: string;
  readonly operationIds: ReadonlySet<string>;
}

/**
 * The lines in the audit of a store that say how operations of a program ended, by their ids: what a process that was cut
 * off has still written. Rejects where the files are there and cannot be read.
 */
export async function findStoreAuditLines(search: StoreAuditSearch): Promise<ReadonlyMap<string, StoreAuditLine>> {
  const { root, program, operationIds } = search;
  const found = new Map<string, StoreAuditLine>();
  if (operationIds.size === 0) return found;
  const layout = storeLayout(root);
  // The newer first: one that is put aside meanwhile is then read twice, and not passed over.
  for (const path of [layout.auditFile, layout.olderAuditFile]) {
    const file = await openLineFile(path);
    if (file === undefined) continue;
    try {
      for await (const { text } of file.lines(0)) {
        const line = text === undefined ? undefined : parseStoreAuditLine(text);
        if (line?.program === program && operationIds.has(line.operationId)) found.set(line.operationId, line);
      }
    } finally {
      await file.close();
    }
  }
  return found;
}
