import { gzipSync } from 'node:zlib';
import type { PluginErrorCode } from '../../protocol/error-codes.ts';
import { rawEntry, tarOf, type RawEntry } from './tar-builder.ts';

/** An archive that must be refused. */
export interface BadArchive {
  /** What is wrong with it; unique. */
  readonly name: string;
  /** The code that it must be refused with. */
  readonly code: PluginErrorCode;
  /** Makes the `.tgz`. */
  bytes(): Buffer;
}

/** A package.json that is good, so that nothing but the named thing is wrong. */
export const manifestEntry: RawEntry = {
  path: 'plugin/package.json',
  body: '{"name":"plugin","version":"1.0.0","main":"main.js"}',
};

/** A good file before what is bad: a reader that writes as it goes has written it by then. */
export const goodTgz = (): Buffer => gzipSync(tarOf([manifestEntry, { path: 'plugin/main.js', body: 'export {};\n' }]));

/** An archive whose bytes are made by a function. */
export function bad(name: string, code: PluginErrorCode, bytes: () => Buffer): BadArchive {
  return { name, code, bytes };
}

/** An archive of a good entry, then those given. */
export function badEntries(
  name: string,
  code: PluginErrorCode,
  entries: () => readonly (RawEntry | Buffer)[],
): BadArchive {
  return bad(name, code, () => gzipSync(tarOf([rawEntry(manifestEntry), ...entries()])));
}
