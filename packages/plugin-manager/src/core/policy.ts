import * as z from 'zod/mini';
import { PluginError } from '../protocol/error.ts';
import { defaultLimits, type PluginLimits } from '../protocol/limits.ts';
import { text } from '../protocol/text-schema.ts';
import { checkShape } from './check-shape.ts';
import { idPart } from './field-schemas.ts';
import { limitsSchema } from './policy-limits.ts';
import { parseUrl } from './url-rules.ts';

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^\\*$|^(\\*\\.)?${label}(\\.${label})*(:\\d{1,5})?$|^\\[[0-9a-f:.]+\\](:\\d{1,5})?$`);
const hosts = z
  .array(z.string().check(z.regex(hostPattern, 'expected a host in lower case: "example.com" or "*.example.com"')))
  .check(z.refine((list) => list.length <= 200, 'expected at most 200 hosts'));
const pluginPattern = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9._*-]{1,64}:[a-z0-9._*-]{1,64}\/[a-z0-9._*-]{1,64}$/,
      'expected a plugin id, in whose parts "*" stands for any characters',
    ),
  );
const expectedUrl = 'expected a URL of the form https://host/path';
const sourceUrl = z
  .string()
  .check(
    z.regex(/^https?:\/\/[^\s/?#@]{1,255}(\/[^\s?#]{0,1000})?$/, expectedUrl),
    z.refine(isUrl, `${expectedUrl}, in ASCII, as it is fetched`),
  );
const isLocal = z._default(z.boolean(), false);

const source = z.discriminatedUnion('kind', [
  z.strictObject({ name: idPart, kind: z.literal('artifact-hub'), url: sourceUrl, isLocal }),
  z.strictObject({ name: idPart, kind: z.literal('index'), url: sourceUrl, isLocal }),
  z.strictObject({ name: idPart, kind: z.literal('file'), path: text(1, 4_096) }),
]);

const key = z.strictObject({
  id: text(1, 128),
  publicKey: text(1, 1_024),
  plugins: z._default(z.array(pluginPattern), ['*:*/*']),
  replaces: z.optional(text(1, 128)),
  isRevoked: z._default(z.boolean(), false),
});

/** Whether the fetcher takes the text for a URL; whether `http` is allowed, the source says. */
function isUrl(value: string): boolean {
  try {
    parseUrl(value, { hosts: [], redirectHosts: [], isLocal: true }, 'policy');
    return true;
  } catch {
    return false;
  }
}

const unique = (list: readonly string[]): boolean => new Set(list).size === list.length;

const policySchema = z.strictObject({
  sources: z._default(
    z.array(source).check(z.refine((list) => unique(list.map(({ name }) => name)), 'expected names that differ')),
    [{ name: 'artifacthub', kind: 'artifact-hub', url: 'https://artifacthub.io', isLocal: false }],
  ),
  hosts: z._default(hosts, ['github.com', 'gitlab.com', 'bitbucket.org']),
  redirectHosts: z._default(hosts, ['objects.githubusercontent.com', 'release-assets.githubusercontent.com']),
  signature: z._default(z.enum(['off', 'verify-if-present', 'require']), 'verify-if-present'),
  keys: z._default(
    z.array(key).check(z.refine((list) => unique(list.map(({ id }) => id)), 'expected ids that differ')),
    [],
  ),
  allow: z.optional(z.array(pluginPattern)),
  deny: z._default(z.array(pluginPattern), []),
  prerelease: z._default(z.enum(['allow', 'deny']), 'deny'),
  downgrade: z._default(z.enum(['allow', 'deny']), 'deny'),
  extraFileHosts: z._default(hosts, []),
  limits: z._default(limitsSchema, {}),
});

/** Where plugins may come from. `isLocal`: it may be on a private address, and be plain http. */
export type SourcePolicy =
  | {
      readonly name: string;
      readonly kind: 'artifact-hub' | 'index';
      readonly url: string;
      readonly isLocal: boolean;
    }
  | { readonly name: string; readonly kind: 'file'; readonly path: string };

/** A key that may sign plugins. */
export interface SigningKey {
  readonly id: string;
  /** Ed25519: 32 bytes or SubjectPublicKeyInfo (RFC 8410) in base64, or PEM. */
  readonly publicKey: string;
  /** Ids that it may sign, with `*`; default: all. */
  readonly plugins: readonly string[];
  /** The id of the key that this one takes the place of: plugins pinned to that one accept this one. */
  readonly replaces?: string | undefined;
  readonly isRevoked: boolean;
}

/** What may be installed, and from where. */
export interface PluginPolicy {
  readonly sources: readonly SourcePolicy[];
  /** Hosts of archives: `example.com`, or `*.example.com` for those below it. */
  readonly hosts: readonly string[];
  /** Hosts that those may redirect to, beside `hosts`. */
  readonly redirectHosts: readonly string[];
  readonly signature: 'off' | 'verify-if-present' | 'require';
  readonly keys: readonly SigningKey[];
  /** Ids with `*`; absent: all. */
  readonly allow?: readonly string[] | undefined;
  /** Stronger than `allow`; what is installed already does not load any more. */
  readonly deny: readonly string[];
  readonly prerelease: 'allow' | 'deny';
  readonly downgrade: 'allow' | 'deny';
  /** Hosts that extra files may come from; none by default. */
  readonly extraFileHosts: readonly string[];
  readonly limits: PluginLimits;
}

/**
 * Reads a policy, and fills in defaults: Artifact Hub alone, archives of GitHub, GitLab and Bitbucket, no prereleases, no
 * downgrades, no extra files, signatures verified where there are some, {@link defaultLimits}. Unknown keys are refused:
 * a misspelt `deny` must not pass for none. Each limit has a maximum: see {@link maxLimits}.
 *
 * Throws a {@link PluginError} with E_POLICY_INVALID that names the key.
 */
export function parsePolicy(input: unknown): PluginPolicy {
  const parsed = checkShape(policySchema, input, ({ expected, found, path }) => {
    const message = `policy${path === '' ? '' : ` ${path}`}: ${expected}, got ${found}`;
    return new PluginError('E_POLICY_INVALID', message, { phase: 'policy', details: { path, expected, found } });
  });
  const given = Object.entries(parsed.limits).filter(([, value]) => value !== undefined);
  return { ...parsed, limits: { ...defaultLimits, ...Object.fromEntries(given) } };
}
