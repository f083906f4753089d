import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import { systemClock } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import { storeLayout } from '../node/store/store-layout.ts';
import { maxReadBytes, openLineFile, type LineFile } from './appended-lines.ts';
import { parseStoreAuditLine, type StoreAuditLine } from './store-audit-line.ts';

/** How often the files are looked at. A look at what has not changed opens two files. */
export const auditLookMs = 1_000;

/** Most lines that are told at once. */
export const maxAuditBatch = 100;

/** What a follower works with. */
export interface StoreAuditFollowerOptions {
  /** Folder of the store. */
  readonly root: string;
  /** Name of this program, as its manager writes it: its own lines are not told. */
  readonly program: string;
  /**
   * Takes lines of other programs, the oldest first, 100 at most. Each is told once while this follower lives, and again
   * by the next: whoever takes them knows by `operationId` which ones it has. Where it rejects, they are told again.
   */
  readonly take: (lines: readonly StoreAuditLine[]) => Promise<void>;
  readonly logger: Logger;
  /** Default: the clock of the machine. */
  readonly clock?: Clock | undefined;
}

/** Follows what other programs write into the audit of a store. */
export interface StoreAuditFollower {
  /** Looks no more; resolves when the look that is under way has ended. */
  dispose(): Promise<void>;
}

/**
 * Begins with all that the files of the store hold, and goes on with what is appended to them. Of more than 16 MiB at once,
 * which no store lets its audit come to, the end is read.
 */
export function followStoreAudit(options: StoreAuditFollowerOptions): StoreAuditFollower {
  const { root, program, take, logger, clock = systemClock } = options;
  const layout = storeLayout(root);
  /** Up to where each file was told. */
  let places: ReadonlyMap<string, number> = new Map();
  let timer: TimerHandle;
  let isDisposed = false;
  let lastFailure: string | undefined;
  let looking = look();

  async function look(): Promise<void> {
    try {
      await readBoth();
      lastFailure = undefined;
    } catch (err) {
      // Once, and not at each look.
      if (String(err) !== lastFailure) logger.error({ err }, 'the audit of the plugin store cannot be taken over now');
      lastFailure = String(err);
    }
    if (isDisposed) return;
    timer = clock.setTimeout(() => {
      looking = look();
    }, auditLookMs);
  }

  async function readBoth(): Promise<void> {
    // The newer first: one that is put aside meanwhile is then found under both names, and not under none.
    const newer = await openLineFile(layout.auditFile);
    try {
      const older = await openLineFile(layout.olderAuditFile);
      try {
        const files = [older, newer?.identity === older?.identity ? undefined : newer];
        const present = files.filter((file) => file !== undefined);
        places = new Map(present.map(({ identity, size }) => [identity, knownPlace(identity, size)]));
        for (const file of present) await readOne(file);
      } finally {
        await older?.close();
      }
    } finally {
      await newer?.close();
    }
  }

  /** One that has become shorter is another one. */
  function knownPlace(identity: string, size: number): number {
    const place = places.get(identity) ?? 0;
    return place > size ? 0 : place;
  }

  async function readOne(file: LineFile): Promise<void> {
    const place = places.get(file.identity) ?? 0;
    if (place === file.size) return;
    const passedOverBytes = file.size - place - maxReadBytes;
    if (passedOverBytes > 0) {
      logger.warn(
        { passedOverBytes },
        'the audit of the plugin store is larger than a store lets it be: its end is read',
      );
    }
    let batch: StoreAuditLine[] = [];
    let end = place;
    let damaged = 0;
    const tell = async (): Promise<void> => {
      if (batch.length > 0) await take(batch);
      batch = [];
      places = new Map(places).set(file.identity, end);
    };
    for await (const written of file.pieces(place)) {
      if (isDisposed) return;
      end = written.end;
      if (written.kind === 'part') continue;
      const line = written.text === undefined ? undefined : parseStoreAuditLine(written.text);
      if (line === undefined) damaged += written.text === '' ? 0 : 1;
      else if (line.program !== program) batch.push(line);
      if (batch.length >= maxAuditBatch) await tell();
    }
    await tell();
    if (damaged > 0) logger.warn({ damaged }, 'lines of the audit of the plugin store cannot be read');
  }

  return {
    async dispose() {
      isDisposed = true;
      clock.clearTimeout(timer);
      await looking;
    },
  };
}
