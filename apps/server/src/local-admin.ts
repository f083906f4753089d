import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { DataFolderError, isDataFolderInUse } from './data-folder.ts';

const fileName = 'local-admin.json';

const fileSchema = z.object({ url: z.string(), secret: z.string() });

/** How programs of this machine that may read the data folder reach its server. */
export type LocalAdmin = z.output<typeof fileSchema>;

/** A secret for one start of the server. */
export function newLocalSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Leaves address and secret in the data folder, readable by its owner alone; returns the undo. */
export function writeLocalAdmin(folder: string, admin: LocalAdmin): () => void {
  const path = join(folder, fileName);
  // An old file keeps its mode when it is written over.
  rmSync(path, { force: true });
  writeFileSync(path, `${JSON.stringify(admin)}\n`, { mode: 0o600 });
  return () => {
    rmSync(path, { force: true });
  };
}

/** Reads them. Throws a {@link DataFolderError} where no server runs. */
export function readLocalAdmin(folder: string): LocalAdmin {
  const path = resolve(folder);
  try {
    // Another program may listen by now where a server was that was killed: it must not get the secret.
    if (!isDataFolderInUse(path)) throw new Error('its lock is free');
    return fileSchema.parse(JSON.parse(readFileSync(join(path, fileName), 'utf8')));
  } catch (error) {
    throw new DataFolderError(
      `no server runs with the data folder ${path}: start it first, or give the --data-dir of the one that runs`,
      { cause: error },
    );
  }
}
