import { showable } from '../protocol/shown-text.ts';

const maxTitleLength = 200;
const maxDescriptionLength = 2_000;

/** A title as a source gives it, fit to be shown; `name` where nothing of it can be seen. */
export function shownTitle(title: string | null | undefined, name: string): string {
  const text = showable(title ?? '', maxTitleLength);
  return text === '' ? name : text;
}

/** A description as a source gives it, in one line, fit to be shown; empty where there is none. */
export function shownDescription(description: string | null | undefined): string {
  return inOneLine(description ?? '', maxDescriptionLength);
}

/** An author as a source gives it, fit to be shown; undefined where nothing of it can be seen. */
export function shownAuthor(author: string | null | undefined): string | undefined {
  const text = showable(author ?? '', maxTitleLength);
  return text === '' ? undefined : text;
}

/** A text without line ends and without what changes how others are seen, of at most so many UTF-16 code units. */
export function inOneLine(text: string, maxLength: number): string {
  // Cut before anything else is done with a text that may be megabytes.
  const start = text.slice(0, maxLength * 4).replace(/[\s\p{Cc}]+/gu, ' ');
  const clean = showable(start, start.length);
  return clean.length > maxLength ? `${showable(clean, maxLength - 1)}…` : clean;
}
