import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from '../data-folder.ts';

/** What AES-256 takes. */
const keyBytes = 32;

const fileName = 'secret.key';

/** A key, and a name for it that tells nothing of it. */
export interface SecretKey {
  readonly bytes: Uint8Array;
  /** Begins the SHA-256 of the key, in base64url. */
  readonly id: string;
}

/** Reads 32 bytes in base64, base64url or hex; undefined when the text is anything else. */
export function parseSecretKey(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[\w+/-]{43}=?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === keyBytes ? bytes : undefined;
}

/**
 * The key of the configuration, else the one in the data folder, which the first start makes. This process alone uses the
 * folder. Throws a {@link DataFolderError} when the file cannot be used: another key in its place would open nothing.
 */
export function openSecretKey(configured: Uint8Array | undefined, folder: string): SecretKey {
  const bytes = configured ?? readKeyFile(join(folder, fileName)) ?? makeKeyFile(folder);
  const id = createHash('sha256').update('fleetwire secret key').update(bytes).digest('base64url').slice(0, 16);
  return { bytes, id };
}

function readKeyFile(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DataFolderError(`the key ${path} cannot be read (${(error as Error).message})`, { cause: error });
  }
  const bytes = parseSecretKey(text.trim());
  if (bytes === undefined)
    throw new DataFolderError(
      `the key ${path} is damaged: expected 32 bytes in base64 or in hex; put the file back from a backup, or remove it ` +
        'and have users add their own clusters again',
    );
  return bytes;
}

/** Whole or not at all, also when the machine stops meanwhile: half a key would be worse than none. */
function makeKeyFile(folder: string): Uint8Array {
  const path = join(folder, fileName);
  const draft = `${path}.new`;
  const bytes = randomBytes(keyBytes);
  try {
    // One that a start of before left behind keeps its mode when it is written over.
    rmSync(draft, { force: true });
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, `${bytes.toString('base64url')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    syncFolder(folder);
  } catch (error) {
    throw new DataFolderError(`the key ${path} cannot be made (${(error as Error).message})`, { cause: error });
  }
  return bytes;
}

/** The new name is on the disk afterwards. Windows opens no folders. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
