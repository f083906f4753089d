import { readFileSync } from 'node:fs';
import type { KubeObject, Status, WatchEvent } from '../../src/server/index.ts';

const FOLDER = new URL('../../../../fixtures/kubernetes/', import.meta.url);

/** The text of a file of recorded traffic. */
export const fixtureText = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

/** A recorded JSON answer. */
export const fixture = <T = Record<string, unknown>>(name: string): T => JSON.parse(fixtureText(name)) as T;

/** The lines of a recorded watch, as they came. */
export const fixtureLines = (name: string): readonly string[] => fixtureText(name).trimEnd().split('\n');

/** The events of a recorded watch. */
export const fixtureEvents = (name: string): readonly WatchEvent[] =>
  fixtureLines(name).map((line) => JSON.parse(line) as WatchEvent);

/** A list as the server answers it. */
export interface ListBody {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubeObject[];
}

/** A recorded Status. */
export const fixtureStatus = (name: string): Status => fixture<Status>(name);
