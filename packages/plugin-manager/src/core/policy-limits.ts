import * as z from 'zod/mini';
import type { PluginLimits } from '../protocol/limits.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

/**
 * What a policy may set the limits to at most. Beyond it something else would fail, and later: a timer holds less than 25
 * days and fires at once for more; a receipt takes paths of 1,024 characters; file systems take names of 255 bytes; answers,
 * manifests and receipts are held in memory.
 */
export const maxLimits: PluginLimits = {
  maxDownloadBytes: 4 * gibibyte,
  maxExtractedBytes: 16 * gibibyte,
  maxFileBytes: 4 * gibibyte,
  maxEntries: 100_000,
  // What deflate can reach is about 1,032.
  maxRatio: 2_000,
  ratioFreeBytes: 16 * gibibyte,
  maxPathBytes: 1_024,
  maxSegmentBytes: 255,
  maxDepth: 512,
  maxManifestBytes: 16 * mebibyte,
  maxMetadataBytes: 64 * mebibyte,
  maxRedirects: 20,
  operationTimeoutMs: 24 * 60 * 60 * 1_000,
};

function upTo(name: keyof PluginLimits, least = 1) {
  const most = maxLimits[name];
  const expected = `expected a whole number from ${String(least)} to ${String(most)}`;
  return z.optional(
    z
      .number(expected)
      .check(z.refine((value: number) => Number.isInteger(value) && value >= least && value <= most, expected)),
  );
}

/** `limits` of a policy: whole numbers; 0 for redirects alone. */
export const limitsSchema = z.strictObject({
  maxDownloadBytes: upTo('maxDownloadBytes'),
  maxExtractedBytes: upTo('maxExtractedBytes'),
  maxFileBytes: upTo('maxFileBytes'),
  maxEntries: upTo('maxEntries'),
  maxRatio: upTo('maxRatio'),
  ratioFreeBytes: upTo('ratioFreeBytes'),
  maxPathBytes: upTo('maxPathBytes'),
  maxSegmentBytes: upTo('maxSegmentBytes'),
  maxDepth: upTo('maxDepth'),
  maxManifestBytes: upTo('maxManifestBytes'),
  maxMetadataBytes: upTo('maxMetadataBytes'),
  maxRedirects: upTo('maxRedirects', 0),
  operationTimeoutMs: upTo('operationTimeoutMs'),
});
