import type { PluginLimits } from '../../protocol/limits.ts';
import { refusal, type ArchivePlace } from './refusal.ts';
import { utf8Bytes } from './utf8.ts';

/** Device names of Windows, with any extension; superscript digits count (learn.microsoft.com, Naming Files). */
const reservedName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i;

/**
 * Control and format characters (also those without a width, and those that turn the direction of text around),
 * separators of lines, what Windows forbids, and a colon, which names its streams.
 */
const forbiddenCharacter = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd\\<>:"|?*]/u;

/**
 * The segments of a path that may be written on any system. The first is the top folder, which the limits do not
 * count. A path of `./` alone has no segments.
 */
export function pathSegments(path: string, limits: PluginLimits, place: ArchivePlace): readonly string[] {
  if (path === '') throw refusal('E_PATH_INVALID', 'a path is empty', place);
  if (/^[/\\]|^[a-z]:/i.test(path)) throw refusal('E_PATH_TRAVERSAL', 'a path begins at a root', place);
  // A file system that normalises names would see two dots in U+2025, say.
  if ([path, path.normalize('NFKC')].some((form) => /(^|[/\\])\.\.($|[/\\])/.test(form))) {
    throw refusal('E_PATH_TRAVERSAL', 'a path leads out of its folder', place);
  }
  const segments = path.replace(/^\.\//, '').replace(/\/$/, '').split('/');
  if (segments.length === 1 && (segments[0] === '' || segments[0] === '.')) return [];
  for (const segment of segments) checkSegment(segment, limits, place);
  const below = segments.slice(1);
  if (below.length > limits.maxDepth) {
    throw refusal('E_PATH_TOO_LONG', `a path is ${below.length} deep, of at most ${limits.maxDepth}`, place);
  }
  const length = utf8Bytes(below.join('/'));
  if (length > limits.maxPathBytes) {
    throw refusal('E_PATH_TOO_LONG', `a path has ${length} bytes, of at most ${limits.maxPathBytes}`, place);
  }
  return segments;
}

function checkSegment(segment: string, limits: PluginLimits, place: ArchivePlace): void {
  const invalid = (what: string) => refusal('E_PATH_INVALID', what, place);
  if (segment === '' || segment === '.') throw invalid('a path has an empty segment, or a dot for one');
  if (forbiddenCharacter.test(segment)) throw invalid('a path holds a character that no path may');
  if (/[/\\]/.test(segment.normalize('NFKC'))) throw invalid('a path holds a character that may become a separator');
  if (/[. ]$/.test(segment)) throw invalid('a segment of a path ends with a dot or a space');
  if (reservedName.test(segment)) throw invalid('a segment of a path is a reserved name of Windows');
  const length = utf8Bytes(segment);
  if (length > limits.maxSegmentBytes) {
    throw refusal('E_PATH_TOO_LONG', `a segment has ${length} bytes, of at most ${limits.maxSegmentBytes}`, place);
  }
}

/** The same for all paths that one file system or another takes for one: by case, or by normal form. */
export function collisionKey(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
