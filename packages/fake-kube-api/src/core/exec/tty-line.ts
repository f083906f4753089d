/** The line that is being typed into a terminal, in the terminal's own line editing. */
export interface TtyLine {
  readonly text: string;
  /** Inside an escape sequence, such as that of an arrow key, which does nothing here. */
  readonly sequence: 'none' | 'escape' | 'control';
}

/** What a key did: `echo` is to be written back. */
export interface TypedKey {
  readonly line: TtyLine;
  readonly echo: string;
  /** `end` is Ctrl-D on an empty line. */
  readonly event?:
    { readonly kind: 'line'; readonly text: string } | { readonly kind: 'interrupt' } | { readonly kind: 'end' };
}

/** Longer lines ring the bell, as those of Linux' terminals (`N_TTY_BUF_SIZE`). */
const MAX_LINE_CHARACTERS = 4095;

const BELL = '\u0007';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const ESCAPE = '\u001b';
const DELETE = '\u007f';

/** A line with nothing on it. */
export const emptyLine: TtyLine = { text: '', sequence: 'none' };

/** Wipes so many characters before the cursor. */
const wiped = (count: number): string => '\b \b'.repeat(count);

/**
 * Types one character (a code point): Enter, Backspace, Ctrl-C, Ctrl-D, Ctrl-U and text, echoed as a terminal in
 * canonical mode does (POSIX.1-2024, 11.1.6). Other control characters and escape sequences are ignored.
 */
export function typeKey(line: TtyLine, character: string): TypedKey {
  const { text, sequence } = line;
  if (sequence === 'escape') {
    return { line: { text, sequence: character === '[' || character === 'O' ? 'control' : 'none' }, echo: '' };
  }
  if (sequence === 'control') {
    return { line: { text, sequence: /[@-~]/.test(character) ? 'none' : 'control' }, echo: '' };
  }
  switch (character) {
    case '\r':
    case '\n':
      return { line: emptyLine, echo: '\r\n', event: { kind: 'line', text } };
    case CTRL_C:
      return { line: emptyLine, echo: '^C\r\n', event: { kind: 'interrupt' } };
    case CTRL_D:
      return text === '' ? { line, echo: '', event: { kind: 'end' } } : { line, echo: '' };
    case CTRL_U:
      return { line: emptyLine, echo: wiped([...text].length) };
    case ESCAPE:
      return { line: { text, sequence: 'escape' }, echo: '' };
    case '\b':
    case DELETE:
      return text === ''
        ? { line, echo: '' }
        : { line: { ...line, text: [...text].slice(0, -1).join('') }, echo: wiped(1) };
  }
  if (character < ' ') return { line, echo: '' };
  if (text.length >= MAX_LINE_CHARACTERS) return { line, echo: BELL };
  return { line: { ...line, text: text + character }, echo: character };
}
