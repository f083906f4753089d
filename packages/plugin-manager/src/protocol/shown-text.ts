import * as z from 'zod/mini';

/** Most UTF-16 code units of a title. */
const maxTitleLength = 100;

/**
 * Control and format characters, which reorder, hide or break what stands around a text, separators of lines and halves of
 * pairs. Not the joiners, which scripts and emoji need.
 */
const unsafe = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const visible = /[^\p{Z}\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/u;

/** Whether there is something to see in a text, and no control or format character that changes how it is seen. */
export function isShowable(text: string): boolean {
  return text.search(unsafe) === -1 && visible.test(text);
}

/** At most so many UTF-16 code units of a text, without what {@link isShowable} refuses; empty where that is all of it. */
export function showable(text: string, maxLength: number): string {
  const clean = text.slice(0, maxLength).replace(unsafe, '').trim();
  return visible.test(clean) ? clean : '';
}

/** A text that the dashboard shows under its own name: without spaces around it, and with something to see. */
export const titleSchema = z.string().check(
  z.trim(),
  z.refine(
    (value: string) => value.length >= 1 && value.length <= maxTitleLength,
    `expected 1 to ${String(maxTitleLength)} characters`,
  ),
  z.refine(isShowable, 'expected a text that can be seen, without control and format characters'),
);
