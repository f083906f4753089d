import * as z from 'zod/mini';
import { idPartPattern } from '../protocol/id-part.ts';
import { digestAlgorithms } from '../protocol/release.ts';
import { hexLengths } from './digest.ts';

/** A part of a plugin id. */
export const idPart = z.string().check(z.regex(idPartPattern, 'expected up to 64 of a-z, 0-9, ".", "_" and "-"'));

/** A SHA-256 as this program writes it. */
export const sha256Schema = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in lower-case hex'));

/** A digest as this program writes it: as many digits as its algorithm gives. */
export const digestSchema = z
  .object({ algorithm: z.enum(digestAlgorithms), hex: z.string() })
  .check(
    z.refine(
      ({ algorithm, hex }) => hex.length === hexLengths[algorithm] && /^[0-9a-f]+$/.test(hex),
      'expected a digest in lower-case hex',
    ),
  );
