import * as z from 'zod/mini';
import { PluginError } from '../../protocol/error.ts';
import { pluginIdPattern } from '../../protocol/id-part.ts';
import { digestAlgorithms } from '../../protocol/release.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { PluginState } from '../../protocol/state.ts';
import { digestSchema as digest, idPart, sha256Schema as sha256 } from '../field-schemas.ts';
import { buildPattern } from './folder-names.ts';

const pluginId = z.string().check(z.regex(pluginIdPattern));
const count = z.int().check(z.nonnegative());

// A receipt is read from a disk that others may have written to, so that its paths are looked at as if they were new.
const filePath = z
  .string()
  .check(
    z.refine(
      (path: string) =>
        path.length <= 1024 &&
        !/[\\\0]/.test(path) &&
        path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..'),
      'expected a relative path with "/" and without dot segments',
    ),
  );

const build = z.object({
  version: z.string(),
  build: z.string().check(z.regex(buildPattern)),
  sha256,
  installedAt: z.number(),
});

const stateSchema = z.object({
  schemaVersion: z.literal(1),
  generation: count,
  plugins: z.record(
    pluginId,
    z.object({
      active: build,
      previous: z.array(build),
      isEnabled: z.boolean(),
      isPinned: z.boolean(),
      publisher: z.object({
        repositoryId: z.string(),
        packageName: z.string(),
        keyId: z.optional(z.string()),
      }),
    }),
  ),
});

const extraFile = z.object({ url: z.string(), digest, arch: z.optional(z.string()) });
// No bytes were ever compared with it: it is as the source gave it.
const otherDigest = z.object({ algorithm: z.enum(digestAlgorithms), hex: z.string() });

const receiptSchema = z.object({
  schemaVersion: z.literal(1),
  managed: z.literal(true),
  ref: z.object({ source: idPart, repo: idPart, name: idPart }),
  version: z.string(),
  repositoryId: z.string(),
  packageName: z.string(),
  title: z.string(),
  author: z.optional(z.string()),
  homeUrl: z.optional(z.string()),
  digest,
  sha256,
  archiveBytes: count,
  urlChain: z.array(z.string()),
  signature: z.optional(z.object({ keyId: z.string(), value: z.string() })),
  keyId: z.optional(z.string()),
  entry: z.optional(z.string()),
  contributes: z.optional(z.unknown()),
  compat: z.optional(
    z.object({
      headlampVersions: z.optional(z.string()),
      hostVersions: z.optional(z.string()),
      distros: z.optional(z.array(z.string())),
      engines: z.optional(z.string()),
      sdk: z.optional(z.string()),
    }),
  ),
  extraFiles: z.optional(z.array(extraFile)),
  otherExtraFiles: z.optional(z.array(z.extend(extraFile, { digest: otherDigest }))),
  files: z.array(z.object({ path: filePath, size: count, sha256, integrity: z.string() })),
  installedAt: z.number(),
});

/**
 * What the text of `state.json` says. Throws a {@link PluginError}: E_STATE_NEWER where a later version of this program
 * wrote it, E_STATE_CORRUPT where it is anything else that it must not be; the message says where.
 */
export function parseState(text: string): PluginState {
  const value = parseJson(text);
  const found = schemaVersionOf(value);
  if (typeof found === 'number' && found > 1) {
    const message = `state.json has the schema version ${String(found)}; this program knows 1: use the newer program`;
    throw new PluginError('E_STATE_NEWER', message, { phase: 'resolve', details: { expected: 1, found } });
  }
  const result = stateSchema.safeParse(value);
  // A record drops `__proto__` without a word; a plugin that the state forgets would be removed from the disk.
  if (result.success && !hasOwnProto(value)) return result.data;
  const reason =
    value === undefined ? 'it is no JSON' : result.success ? 'a plugin is called __proto__' : reasonOf(result.error);
  throw new PluginError('E_STATE_CORRUPT', `state.json cannot be read: ${reason}; repair rebuilds it`, {
    phase: 'resolve',
    details: { reason },
  });
}

/**
 * What the text of a receipt says. Throws a {@link PluginError} with E_FILES_CHANGED for what is none: this program
 * wrote it whole, so that somebody has changed it.
 */
export function parseReceipt(text: string): Receipt {
  const value = parseJson(text);
  const result = receiptSchema.safeParse(value);
  if (result.success) return result.data;
  const reason = value === undefined ? 'it is no JSON' : reasonOf(result.error);
  throw new PluginError('E_FILES_CHANGED', `a receipt cannot be read: ${reason}`, {
    phase: 'integrity',
    details: { reason },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function hasOwnProto(value: unknown): boolean {
  const plugins = typeof value === 'object' && value !== null && 'plugins' in value ? value.plugins : undefined;
  return typeof plugins === 'object' && plugins !== null && Object.hasOwn(plugins, '__proto__');
}

function schemaVersionOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : undefined;
}

function reasonOf(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  if (!issue) return 'it is not what it must be';
  const place = issue.path.map(String).join('.');
  return place === '' ? issue.message : `${place}: ${issue.message}`;
}
