/** A text that fits, how well, and which of its characters were meant. */
export interface FuzzyMatch {
  /** Higher is better; comparable between texts of one query. */
  readonly score: number;
  /** Indices into the text, ascending. */
  readonly positions: readonly number[];
}

/** Points of a character by where it stands: what one would type first counts most. */
const startPoints = 12;
const runPoints = 9;
const wordPoints = 8;
const plainPoints = 1;
/** For each word of the query that occurs as a whole. */
const wholePoints = 10;

/**
 * Whether the characters of `query` occur in `text` in their order, whatever lies between them; undefined when not. A
 * word of the query is looked for as a whole first, then by the beginnings of words, then anywhere.
 */
export function fuzzyMatch(query: string, text: string): FuzzyMatch | undefined {
  const lower = text.toLowerCase();
  const positions = new Set<number>();
  let score = 0;
  for (const word of query.toLowerCase().split(/\s+/)) {
    if (word === '') continue;
    const whole = findWhole(word, lower);
    const found = whole ?? findScattered(word, lower);
    if (found === undefined) return undefined;
    if (whole !== undefined) score += wholePoints;
    for (const [index, position] of found.entries()) {
      positions.add(position);
      score += pointsOf(lower, position, found[index - 1]);
    }
  }
  // Of two that fit alike, the shorter was more likely meant.
  return { score: score - text.length / 100, positions: [...positions].sort((a, b) => a - b) };
}

/** The best fitting first; entries that do not fit are left out, and all stay in their order without a query. */
export function fuzzyFilter<T>(query: string, entries: readonly T[], textOf: (entry: T) => string): readonly T[] {
  if (query.trim() === '') return entries;
  return entries
    .flatMap((entry, index) => {
      const match = fuzzyMatch(query, textOf(entry));
      return match === undefined ? [] : [{ entry, index, score: match.score }];
    })
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ entry }) => entry);
}

function isWordStart(text: string, position: number): boolean {
  return position === 0 || /[^a-z0-9]/.test(text[position - 1] ?? '');
}

function findWhole(word: string, text: string): readonly number[] | undefined {
  let start = text.indexOf(word);
  if (start === -1) return undefined;
  for (let next = start; next !== -1; next = text.indexOf(word, next + 1)) {
    if (isWordStart(text, next)) {
      start = next;
      break;
    }
  }
  return Array.from(word, (_, index) => start + index);
}

function findScattered(word: string, text: string): readonly number[] | undefined {
  const found: number[] = [];
  let from = 0;
  for (const character of word) {
    let position = text.indexOf(character, from);
    if (position === -1) return undefined;
    // The beginning of a later word is what is meant, unless this goes on where the last one stood.
    if (position !== from || found.length === 0) {
      for (let next = position; next !== -1; next = text.indexOf(character, next + 1)) {
        if (isWordStart(text, next) && hasRest(word, found.length + 1, text, next + 1)) {
          position = next;
          break;
        }
      }
    }
    found.push(position);
    from = position + 1;
  }
  return found;
}

/** Whether the characters of the word from `index` on occur in the text from `from` on. */
function hasRest(word: string, index: number, text: string, from: number): boolean {
  let position = from;
  for (const character of word.slice(index)) {
    position = text.indexOf(character, position) + 1;
    if (position === 0) return false;
  }
  return true;
}

function pointsOf(text: string, position: number, before: number | undefined): number {
  if (position === 0) return startPoints;
  if (isWordStart(text, position)) return wordPoints;
  return before === position - 1 ? runPoints : plainPoints;
}
