/** A piece of a word. Variables are put in where it is not literal; a word of plain ones goes where nothing is left. */
interface WordPart {
  readonly text: string;
  readonly kind: 'plain' | 'quoted' | 'literal';
}

/** A word as it was written. */
type Word = readonly WordPart[];

/** One command of a list, and what must have become of the one before for it to run. */
export interface Step {
  readonly words: readonly Word[];
  readonly runs: 'always' | 'after-success' | 'after-failure';
}

/** A list of commands, or the character that this shell does not understand. */
export type ParsedScript =
  { readonly kind: 'steps'; readonly steps: readonly Step[] } | { readonly kind: 'error'; readonly unexpected: string };

/** What a real shell would act on and this one cannot: saying so is better than to print it. */
const UNSUPPORTED = new Set(['|', '&', '<', '>', '`', '(', ')']);

/**
 * Reads the little of the shell's language that commands typed by hand need: quotes, `;`, `&&`, `||`, comments and
 * variables (POSIX.1-2024, Shell Command Language, 2.2 and 2.9.3).
 */
export function parseScript(script: string): ParsedScript {
  const steps: Step[] = [];
  let words: Word[] = [];
  let word: WordPart[] | undefined;
  let runs: Step['runs'] = 'always';
  const add = (text: string, kind: WordPart['kind']): void => {
    (word ??= []).push({ text, kind });
  };
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endStep = (next: Step['runs']): boolean => {
    endWord();
    const isEmpty = words.length === 0;
    if (!isEmpty) steps.push({ words, runs });
    words = [];
    runs = next;
    return isEmpty;
  };
  let at = 0;
  while (at < script.length) {
    const character = script.charAt(at);
    const both = script.slice(at, at + 2);
    if (character === "'" || character === '"') {
      const end = script.indexOf(character, at + 1);
      if (end < 0) return { kind: 'error', unexpected: 'end of input' };
      add(script.slice(at + 1, end), character === "'" ? 'literal' : 'quoted');
      at = end;
    } else if (character === '\\') {
      add(script.charAt(at + 1), 'literal');
      at += 1;
    } else if (both === '&&' || both === '||') {
      if (endStep(both === '&&' ? 'after-success' : 'after-failure')) return { kind: 'error', unexpected: both };
      at += 1;
    } else if (character === ';' || character === '\n') {
      if (endStep('always') && character === ';') return { kind: 'error', unexpected: ';' };
    } else if (UNSUPPORTED.has(character)) {
      return { kind: 'error', unexpected: character };
    } else if (character === '#' && word === undefined) {
      const end = script.indexOf('\n', at);
      at = end < 0 ? script.length : end - 1;
    } else if (/\s/.test(character)) {
      endWord();
    } else {
      const [plain = character] = /^[^\s'"\\;|&<>`()]+/.exec(script.slice(at)) ?? [];
      add(plain, 'plain');
      at += plain.length - 1;
    }
    at += 1;
  }
  const isAwaited = runs !== 'always';
  if (endStep('always') && isAwaited) return { kind: 'error', unexpected: 'end of input' };
  return { kind: 'steps', steps };
}

/** Puts variables into words; `?` is the last exit code, and what is not set is empty. */
export function expandWords(
  words: readonly Word[],
  env: ReadonlyMap<string, string>,
  lastCode: number,
): readonly string[] {
  const valueOf = (name: string): string => (name === '?' ? String(lastCode) : (env.get(name) ?? ''));
  return words.flatMap((word) => {
    const text = word
      .map((part) =>
        part.kind === 'literal'
          ? part.text
          : part.text.replaceAll(/\$(?:\{(\w+)\}|(\w+|\?))/g, (_, braced?: string, bare?: string) =>
              valueOf(braced ?? bare ?? ''),
            ),
      )
      .join('');
    return text === '' && word.every(({ kind }) => kind === 'plain') ? [] : [text];
  });
}
