import type { PluginPhase } from '../../protocol/error.ts';
import type { PluginLimits } from '../../protocol/limits.ts';
import type { ArchivePlan, PlannedFile } from '../archive-plan.ts';
import { collisionKey, pathSegments } from './path-rules.ts';
import { refusal, type ArchivePlace } from './refusal.ts';
import type { TarEntry } from './tar-reader.ts';

/** Collects what an archive may write; fed with all entries in their order. */
export interface Planner {
  /** The file that the entry is; undefined for a folder. Throws for an entry that is not allowed. */
  add(entry: TarEntry): PlannedFile | undefined;
  /** Throws where there is no file. */
  finish(): ArchivePlan;
}

interface Node {
  readonly path: string;
  readonly type: 'file' | 'directory';
  /** Whether an entry of its own was there, or only one below it. */
  isNamed: boolean;
}

const typeBits = { file: 0o100000, directory: 0o040000 } as const;

/** Creates a planner. Everything that is not allowed throws a `PluginError` with code, entry and index. */
export function createPlanner(limits: PluginLimits, phase: PluginPhase): Planner {
  const nodes = new Map<string, Node>();
  const files: PlannedFile[] = [];
  const directories: string[] = [];
  let topFolder: string | undefined;
  let totalBytes = 0;
  let last: ArchivePlace = { phase, index: 0 };

  function addFolder(path: string, isNamed: boolean, place: ArchivePlace): void {
    const key = collisionKey(path);
    const known = nodes.get(key);
    if (known === undefined) {
      nodes.set(key, { path, type: 'directory', isNamed });
      const below = path.slice((topFolder?.length ?? 0) + 1);
      if (below !== '') directories.push(below);
      return;
    }
    if (known.path !== path || known.type !== 'directory' || (known.isNamed && isNamed)) throw duplicate(known, place);
    known.isNamed ||= isNamed;
  }

  function add(entry: TarEntry): PlannedFile | undefined {
    const place = { phase, index: entry.index, entry: entry.path };
    last = place;
    if (entry.index >= limits.maxEntries) {
      throw refusal('E_ARCHIVE_ENTRIES', `the archive has more than ${limits.maxEntries} entries`, place);
    }
    checkMode(entry, place);
    const segments = pathSegments(entry.path, limits, place);
    const [top] = segments;
    if (top === undefined) {
      if (entry.type === 'directory') return undefined;
      throw refusal('E_PATH_INVALID', 'a file has no name', place);
    }
    topFolder ??= top;
    if (top !== topFolder) {
      throw refusal(
        'E_ARCHIVE_LAYOUT',
        `the archive has two top folders, the first is ${JSON.stringify(topFolder)}`,
        place,
      );
    }
    if (entry.type === 'file' && segments.length === 1) {
      throw refusal('E_ARCHIVE_LAYOUT', 'a file stands outside the top folder', place);
    }
    for (let depth = 1; depth < segments.length; depth += 1) {
      addFolder(segments.slice(0, depth).join('/'), false, place);
    }
    const path = segments.join('/');
    if (entry.type === 'directory') {
      addFolder(path, true, place);
      return undefined;
    }
    const key = collisionKey(path);
    const known = nodes.get(key);
    if (known !== undefined) throw duplicate(known, place);
    nodes.set(key, { path, type: 'file', isNamed: true });
    checkSize(entry.size, place);
    const file = { path: segments.slice(1).join('/'), size: entry.size, index: entry.index };
    files.push(file);
    return file;
  }

  function checkSize(size: number, place: ArchivePlace): void {
    if (size > limits.maxFileBytes) {
      throw refusal('E_ARCHIVE_SIZE', `a file has ${size} bytes, of at most ${limits.maxFileBytes}`, place);
    }
    totalBytes += size;
    if (totalBytes > limits.maxExtractedBytes) {
      throw refusal('E_ARCHIVE_SIZE', `the files have more than ${limits.maxExtractedBytes} bytes`, place);
    }
  }

  function finish(): ArchivePlan {
    if (topFolder === undefined || files.length === 0) {
      throw refusal('E_ARCHIVE_EMPTY', 'the archive holds no file', last);
    }
    return { topFolder, files, directories, totalBytes };
  }

  return { add, finish };
}

/** Some writers put the type of the file into the mode as well; it must be the type of the entry then. */
function checkMode({ mode, type }: TarEntry, place: ArchivePlace): void {
  const bits = mode - (mode % 0o10000);
  const isAllowed = (bits === 0 || bits === typeBits[type]) && (mode & 0o7000) === 0 && (mode & 0o400) !== 0;
  if (!isAllowed) throw refusal('E_ENTRY_MODE', `an entry has the mode 0${mode.toString(8)}`, place);
}

function duplicate(known: Node, place: ArchivePlace) {
  const what = `two entries are for one path, the first is ${JSON.stringify(known.path)}, a ${known.type}`;
  return refusal('E_ENTRY_DUPLICATE', what, place);
}
