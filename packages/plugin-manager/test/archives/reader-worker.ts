import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { extract as tarStream } from 'tar-stream';
import { extractArchive, planArchive } from '../../src/node/archive.ts';
import { PluginError } from '../../src/protocol/error.ts';
import { defaultLimits as limits } from '../../src/protocol/limits.ts';

/** Path and SHA-256 of every file, in order. */
export type Listing = readonly string[];

/** A thread that one reader works in. */
export interface ReaderWorkerData {
  readonly reader: keyof typeof readers;
  /** A folder of its own. */
  readonly folder: string;
}

const { reader, folder } = workerData as ReaderWorkerData;
const withoutDot = (path: string) => path.replace(/^\.\//, '');

/** Throws unless the file on the disk is what was said of it. */
function requireSame(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(found)}`);
}

/** Of the archive as it is written and read again. */
async function listingOfOurs(archive: Uint8Array): Promise<Listing | undefined> {
  const { signal } = new AbortController();
  const path = join(folder, 'archive.tgz');
  const destination = join(folder, 'destination');
  await rm(destination, { recursive: true, force: true });
  await mkdir(destination);
  await writeFile(path, archive);
  try {
    const plan = await planArchive(path, limits, signal);
    const files = await extractArchive(path, plan, destination, { limits, signal });
    for (const file of files) {
      const bytes = await readFile(join(destination, file.path));
      requireSame('sha256', createHash('sha256').update(bytes).digest('hex'), file.sha256);
      requireSame('integrity', `sha384-${createHash('sha384').update(bytes).digest('base64')}`, file.integrity);
      requireSame('size', bytes.length, file.size);
    }
    return files.map(({ path, sha256 }) => `${plan.topFolder}/${path} ${sha256}`);
  } catch (error) {
    if (error instanceof PluginError) return undefined;
    throw error;
  }
}

/** Anything but files and folders is listed by its type. */
function listingOfNpmTar(archive: Uint8Array): Promise<Listing | undefined> {
  return new Promise((resolve) => {
    const found: (() => string)[] = [];
    const parser = new Parser({ strict: true });
    parser.on('error', () => resolve(undefined));
    parser.on('entry', (entry: ReadEntry) => {
      const hash = createHash('sha256');
      entry.on('data', (chunk: Buffer) => hash.update(chunk));
      if (entry.type === 'File' || entry.type === 'OldFile') {
        found.push(() => `${withoutDot(entry.path)} ${hash.digest('hex')}`);
      } else if (entry.type !== 'Directory') found.push(() => `${entry.path} ${entry.type}`);
    });
    parser.on('end', () => resolve(found.map((text) => text())));
    parser.end(Buffer.from(archive));
  });
}

/** Its iterator would wait for ever for a folder's body. */
function listingOfTarStream(archive: Uint8Array): Promise<Listing | undefined> {
  return new Promise((resolve) => {
    const found: string[] = [];
    const extract = tarStream();
    extract.on('entry', ({ name, type }, body, next) => {
      // A body that ends too early fails by itself.
      body.on('error', () => resolve(undefined));
      if (type !== 'file') {
        if (type !== 'directory') found.push(`${name} ${String(type)}`);
        body.resume();
        next();
        return;
      }
      const hash = createHash('sha256');
      body.on('data', (chunk) => hash.update(chunk as Buffer));
      body.on('end', () => {
        found.push(`${withoutDot(name)} ${hash.digest('hex')}`);
        next();
      });
    });
    extract.on('error', () => resolve(undefined));
    extract.on('close', () => resolve(undefined));
    extract.on('finish', () => resolve(found));
    extract.end(gunzipSync(archive));
  });
}

const readers = { ours: listingOfOurs, 'tar of npm': listingOfNpmTar, 'tar-stream': listingOfTarStream } as const;

parentPort?.on('message', (archive: Uint8Array) => {
  readers[reader](archive).then(
    (listing) => parentPort?.postMessage({ listing }),
    (error: unknown) => parentPort?.postMessage({ failure: String(error) }),
  );
});
