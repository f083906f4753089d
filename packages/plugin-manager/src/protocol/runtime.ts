import * as z from 'zod/mini';
import { contributesSchema } from './contributions.ts';
import { pluginIdPattern } from './id-part.ts';
import { defaultLimits } from './limits.ts';
import { text } from './text-schema.ts';

const id = z.string().check(z.regex(pluginIdPattern, 'expected a plugin id, <source>:<repo>/<name>'));
const label = text(1, 200);
/** As large as a file of an archive may be by default; a policy may allow larger files, and no page loads such. */
export const maxEntryBytes = defaultLimits.maxFileBytes;
/** Room for the longest id, version and path of the default limits, percent-encoded, below a path of some 2,000. */
export const maxEntryUrlLength = 4_000;

/** A path on the page's own origin, without dot segments, query and fragment. */
const entryUrl = z.string().check(
  z.regex(
    /^(?!.*\/\.{1,2}(?:\/|$))(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+$/,
    'expected an absolute path without dot segments, query and fragment',
  ),
  z.refine(
    (value: string) => value.length <= maxEntryUrlLength,
    `expected at most ${String(maxEntryUrlLength)} characters`,
  ),
);

/** Subresource Integrity, SHA-384 alone: 48 bytes are 64 characters of Base64. */
const integrity = z
  .string()
  .check(z.regex(/^sha384-[A-Za-z0-9+/]{64}$/, 'expected "sha384-" and 64 characters of Base64'));

const runtimePluginSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ready'),
    id,
    title: label,
    version: label,
    /** Names the bytes: a plugin with another build is another plugin. */
    build: label,
    entry: z.object({ url: entryUrl, integrity, size: z.int().check(z.nonnegative(), z.maximum(maxEntryBytes)) }),
    /** Its other scripts, which the entry may import; a page that was made with them holds them to it. */
    modules: z.optional(z.array(z.object({ url: entryUrl, integrity }))),
    contributes: z.optional(contributesSchema),
    /** What of its `contributes` is left out, and why. */
    warnings: z.optional(z.array(text(0, 1_000))),
  }),
  z.object({
    status: z.enum(['disabled', 'incompatible', 'blocked']),
    id,
    title: label,
    version: label,
    reason: z.optional(text(0, 1_000)),
  }),
]);

/** A plugin as `GET /api/v1/plugins/runtime` lists it. */
export type RuntimePlugin = z.infer<typeof runtimePluginSchema>;

/** A plugin that the page may load: enabled, compatible and verified, says the server. */
export type ReadyPlugin = Extract<RuntimePlugin, { readonly status: 'ready' }>;

/** The body of `GET /api/v1/plugins/runtime`. */
export interface PluginRuntime {
  /**
   * Of the store's state, which it names: two answers with one generation are the same. It goes up with each change, and
   * begins anew with a store that begins anew, so that a lower one is no sign of an old answer.
   */
  readonly generation: number;
  readonly plugins: readonly RuntimePlugin[];
}

/** What of an answer could be read. */
export interface ParsedRuntime extends PluginRuntime {
  /** Items that are not what they must be; the others stand all the same. */
  readonly problems: readonly { readonly pluginId: string | undefined; readonly message: string }[];
}

const runtimeSchema = z.object({ generation: z.int().check(z.nonnegative()), plugins: z.array(z.unknown()) });

function where(error: z.core.$ZodError): string {
  const [first] = error.issues;
  return `${first?.path.map(String).join('.') || 'the value'}: ${first?.message ?? 'not valid'}`;
}

/**
 * Reads an answer item by item, so that one that is damaged takes no other with it. Returns a text where the whole is no
 * list of plugins.
 */
export function parseRuntime(value: unknown): ParsedRuntime | string {
  const whole = runtimeSchema.safeParse(value);
  if (!whole.success) return where(whole.error);
  const plugins = new Map<string, RuntimePlugin>();
  const problems: { pluginId: string | undefined; message: string }[] = [];
  for (const [index, item] of whole.data.plugins.entries()) {
    const parsed = runtimePluginSchema.safeParse(item);
    const named = z.object({ id }).safeParse(item);
    const pluginId = named.success ? named.data.id : undefined;
    if (!parsed.success) problems.push({ pluginId, message: `plugins[${String(index)}].${where(parsed.error)}` });
    else if (plugins.has(parsed.data.id)) {
      problems.push({
        pluginId: undefined,
        message: `plugins[${String(index)}].id: ${parsed.data.id} is listed twice`,
      });
    } else plugins.set(parsed.data.id, parsed.data);
  }
  return { generation: whole.data.generation, plugins: [...plugins.values()], problems };
}
