import type { BadArchive } from './bad-archive.ts';
import { badEntryArchives } from './bad-entries.ts';
import { badGzips } from './bad-gzips.ts';
import { badTars } from './bad-tars.ts';

/** Every class of archive that must be refused, each once or more, with its code. The limits are the default ones. */
export const badArchives: readonly BadArchive[] = [...badGzips, ...badTars, ...badEntryArchives];
