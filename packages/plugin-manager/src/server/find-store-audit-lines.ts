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
 * off has still written; of several lines of one operation, the first. Of a file of more than 16 MiB, which no store lets
 * its audit come to, the end is read. Rejects where the files are there and cannot be read.
 */
export async function findStoreAuditLines(search: StoreAuditSearch): Promise<ReadonlyMap<string, StoreAuditLine>> {
  const { root, operationIds } = search;
  if (operationIds.size === 0) return new Map();
  const layout = storeLayout(root);
  // The newer first: one that is put aside meanwhile is then read twice, and not passed over.
  const newer = await findIn(layout.auditFile, search);
  const older = await findIn(layout.olderAuditFile, search);
  return new Map([...newer, ...older]);
}

async function findIn(
  path: string,
  { program, operationIds }: StoreAuditSearch,
): Promise<ReadonlyMap<string, StoreAuditLine>> {
  const found = new Map<string, StoreAuditLine>();
  const file = await openLineFile(path);
  if (file === undefined) return found;
  try {
    for await (const piece of file.pieces(0)) {
      if (piece.kind === 'part' || piece.text === undefined) continue;
      const line = parseStoreAuditLine(piece.text);
      if (line?.program !== program || !operationIds.has(line.operationId)) continue;
      if (!found.has(line.operationId)) found.set(line.operationId, line);
    }
  } finally {
    await file.close();
  }
  return found;
}
