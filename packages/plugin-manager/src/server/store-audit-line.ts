import * as z from 'zod/mini';
import { showable } from '../protocol/shown-text.ts';

/** Of one text; what is longer is cut, as the line itself has a bound. */
const maxShownLength = 500;

const word = z.string().check(z.regex(/^[a-z][a-z-]{0,39}$/, 'expected a word'));
/** What is shown may come from another program: without control and format characters. */
const shownText = z.pipe(
  z.string(),
  z.transform((value: string) => showable(value, maxShownLength)),
);
const optionalText = z.optional(shownText);

/** Words and not the ones of today alone: a newer program may do more. */
const lineSchema = z.object({
  at: z.number(),
  program: optionalText,
  operationId: z.string().check(z.regex(/^[\w-]{1,100}$/, 'expected an id')),
  action: word,
  outcome: word,
  pluginId: optionalText,
  actor: optionalText,
  code: optionalText,
  accepted: z.optional(
    z
      .array(z.object({ what: shownText, expected: optionalText, found: optionalText }))
      .check(z.refine((changes: readonly unknown[]) => changes.length <= 10, 'expected at most 10 changes')),
  ),
  from: optionalText,
  to: optionalText,
  build: optionalText,
  sha256: optionalText,
  found: optionalText,
});

/** A line of `audit.jsonl`: what a program has written of a change, or of an attempt. */
export type StoreAuditLine = z.infer<typeof lineSchema>;

/** How each line begins. */
const beginning = '{"at":';

/**
 * Reads a line; undefined for one that is none. Of one that begins with what was left of a write that was cut off, the
 * whole line behind that counts.
 */
export function parseStoreAuditLine(written: string): StoreAuditLine | undefined {
  const parsed = parseOne(written);
  const last = written.lastIndexOf(beginning);
  return parsed ?? (last > 0 ? parseOne(written.slice(last)) : undefined);
}

function parseOne(written: string): StoreAuditLine | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(written)).data;
  } catch {
    return undefined;
  }
}
