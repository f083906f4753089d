import { gzipSync } from 'node:zlib';
import { gnuLongName, gnuMagic, paxHeader, paxRecord, rawEntry, tarOf, type RawEntry } from './tar-builder.ts';

/** How long names and what headers do not hold are written. */
export type TarDialect = 'ustar' | 'pax' | 'gnu';

/** What a good archive is made of. Paths are below the top folder, sorted or not, and name no folder twice. */
export interface GoodArchiveSpec {
  readonly dialect: TarDialect;
  readonly topFolder: string;
  readonly files: readonly { readonly path: string; readonly body: Uint8Array }[];
  /** Whether folders have entries of their own. */
  readonly hasFolderEntries: boolean;
  /** Whether paths begin with `./`. */
  readonly hasDotPrefix: boolean;
  /** Whether a comment stands before everything, as `git archive` writes it. */
  readonly hasGlobalHeader: boolean;
}

/**
 * The `.tgz` of a spec: only what common writers write. Undefined where the dialect cannot say a path: ustar has no
 * place for names above 100 bytes but at a `/`, and neither it nor GNU says of which character set they are.
 */
export function goodArchive(spec: GoodArchiveSpec): Buffer | undefined {
  const start = `${spec.hasDotPrefix ? './' : ''}${spec.topFolder}`;
  const folders = new Set<string>();
  const entries: Buffer[] = spec.hasGlobalHeader ? [paxHeader([paxRecord('comment', 'a'.repeat(40))], 'g')] : [];
  const push = (entry: RawEntry & { readonly path: string }): boolean => {
    const written = entryOf(entry, spec.dialect);
    if (written !== undefined) entries.push(...written);
    return written !== undefined;
  };
  for (const { path, body } of spec.files) {
    const segments = `${start}/${path}`.split('/');
    for (let depth = spec.hasDotPrefix ? 2 : 1; depth < segments.length; depth += 1) {
      const folder = `${segments.slice(0, depth).join('/')}/`;
      if (!spec.hasFolderEntries || folders.has(folder)) continue;
      folders.add(folder);
      if (!push({ path: folder, type: '5' })) return undefined;
    }
    if (!push({ path: segments.join('/'), body })) return undefined;
  }
  return gzipSync(tarOf(entries));
}

function entryOf(entry: RawEntry & { readonly path: string }, dialect: TarDialect): readonly Buffer[] | undefined {
  const path = Buffer.from(entry.path);
  switch (dialect) {
    case 'ustar': {
      if (path.length <= 100) return [rawEntry(entry)];
      // The last slash of the path that leaves at most 100 bytes behind it.
      const slash = path.indexOf('/', path.length - 101);
      if (slash < 1 || slash > 155 || slash === path.length - 1) return undefined;
      return [rawEntry({ ...entry, path: path.subarray(slash + 1), prefix: path.subarray(0, slash).toString() })];
    }
    case 'gnu': {
      const short = { ...entry, path: path.subarray(0, 100), magic: gnuMagic };
      return path.length <= 100 ? [rawEntry(short)] : [gnuLongName(entry.path), rawEntry(short)];
    }
    case 'pax': {
      // Some of the records that writers add; they change nothing.
      const records = [paxRecord('mtime', '1700000000.123456789'), paxRecord('SCHILY.dev', '64')];
      const short = { ...entry, path: path.subarray(0, 100) };
      return [paxHeader([paxRecord('path', entry.path), ...records]), rawEntry(short)];
    }
  }
}
