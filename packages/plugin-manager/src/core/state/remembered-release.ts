import * as z from 'zod/mini';
import type { Release } from '../../protocol/release.ts';
import { digestSchema as digest, idPart, sha256Schema as sha256 } from '../field-schemas.ts';
import { withoutQuery } from '../url-rules.ts';

const rememberedSchema = z.object({
  schemaVersion: z.literal(1),
  sha256,
  urlChain: z._default(z.array(z.string()), []),
  release: z.object({
    ref: z.object({ source: idPart, repo: idPart, name: idPart }),
    version: z.string(),
    repositoryId: z.string(),
    archiveUrl: z.string(),
    digest,
    signature: z.optional(z.object({ keyId: z.string(), value: z.string() })),
    isPrerelease: z.boolean(),
    headlampVersions: z.optional(z.string()),
    hostVersions: z.optional(z.string()),
    distros: z.optional(z.array(z.string())),
    extraFiles: z.array(
      z.object({
        url: z.string(),
        digest,
        arch: z.string(),
        outputs: z.array(z.object({ input: z.string(), output: z.string() })),
      }),
    ),
  }),
});

/** What a source said of an archive when it was kept. */
export interface RememberedRelease {
  /** Of the archive, in hex. */
  readonly sha256: string;
  /** The way that the archive came, without queries; empty where nobody knows any more. */
  readonly urlChain: readonly string[];
  readonly release: Release;
}

/**
 * The text that is kept. What is new in a release is for people who choose: it is not kept. Nor are queries, which may
 * hold signatures: a source that answers gives the URLs again.
 */
export function rememberedText({ release, sha256: hash, urlChain }: RememberedRelease): string {
  const { changes: _, ...rest } = release;
  const extraFiles = rest.extraFiles.map((file) => ({ ...file, url: withoutQuery(file.url) }));
  const kept = { ...rest, archiveUrl: withoutQuery(rest.archiveUrl), extraFiles };
  return JSON.stringify({ schemaVersion: 1, sha256: hash, urlChain: urlChain.map(withoutQuery), release: kept });
}

/** Reads what {@link rememberedText} wrote; undefined for anything else, since nothing depends on it. */
export function parseRemembered(text: string): RememberedRelease | undefined {
  try {
    const result = rememberedSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
