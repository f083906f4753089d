import semver from 'semver';
import * as z from 'zod/mini';
import { PluginError, type PluginErrorOptions } from '../protocol/error.ts';
import type { PluginErrorCode } from '../protocol/error-codes.ts';
import type { PluginHost } from '../protocol/host.ts';
import type { PluginLimits } from '../protocol/limits.ts';
import { isShowable, showable } from '../protocol/shown-text.ts';
import type { ArchivePlan, PlannedFile } from './archive-plan.ts';
import { checkShape, shown } from './check-shape.ts';
import { enginesMismatch } from './engines.ts';
import { isBoundedJson, maxContributesDepth, maxContributesValues } from './manifest-contributes.ts';

/**
 * What counts of a plugin's package.json. Everything else in it has no effect: lifecycle scripts and dependencies are
 * never run or installed.
 */
export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  /** `title`; the name where there is none. */
  readonly title: string;
  readonly author?: string | undefined;
  /** `homepage`, where it is a web address. */
  readonly homeUrl?: string | undefined;
  /** Path of the ES module below the top folder, without `./`; absent: the package has no entry for this dashboard. */
  readonly entry?: string | undefined;
  /** `fleetwire.contributes`, as it is: an object of bounded depth and size. */
  readonly contributes?: Readonly<Record<string, unknown>> | undefined;
  /** `engines.fleetwire`: range of host versions. */
  readonly hostVersions?: string | undefined;
  /** `engines["fleetwire-sdk"]`: range of versions of the plugin SDK. */
  readonly sdkVersions?: string | undefined;
}

/** Name of the manifest, in the top folder of the archive. */
export const manifestPath = 'package.json';

// https://docs.npmjs.com/cli/configuring-npm/package-json#name; capitals are of older packages.
const namePattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;
const maxNameLength = 214;
const maxTextLength = 200;
const maxEntryLength = 240;

function visibleText(max: number) {
  const expected = `expected 1 to ${String(max)} characters to see, none of them control or format characters`;
  const isText = (value: string) => value.length >= 1 && value.length <= max && isShowable(value);
  return z.string().check(z.refine(isText, expected));
}

const range = visibleText(maxTextLength).check(
  z.refine((value: string) => semver.validRange(value) !== null, 'expected a range of versions, as ">=1.2.0 <2"'),
);

const contributes = z
  .record(z.string(), z.unknown())
  .check(
    z.refine(
      isBoundedJson,
      `expected at most ${String(maxContributesValues)} values, ${String(maxContributesDepth)} deep`,
    ),
  );

const manifestSchema = z.object({
  name: visibleText(maxNameLength).check(
    z.refine((value: string) => namePattern.test(value), 'expected a package name, as "hello" or "@acme/hello"'),
  ),
  version: visibleText(maxTextLength).check(
    // `valid` also takes `v1.0.0` and blanks; what it gives back is the version as it must be.
    z.refine((value: string) => withoutBuild(value) === semver.valid(value), 'expected a semantic version, as "1.2.3"'),
  ),
  title: z.optional(visibleText(maxTextLength)),
  author: z.optional(z.unknown()),
  homepage: z.optional(z.unknown()),
  engines: z.optional(z.object({ fleetwire: z.optional(range), 'fleetwire-sdk': z.optional(range) })),
  fleetwire: z.optional(
    z.object({ entry: z.optional(visibleText(maxEntryLength)), contributes: z.optional(contributes) }),
  ),
});

function withoutBuild(version: string): string {
  return version.replace(/\+.*$/, '');
}

function refuse(code: PluginErrorCode, message: string, options: Omit<PluginErrorOptions, 'phase'> = {}): PluginError {
  return new PluginError(code, message, { phase: 'manifest', ...options });
}

/**
 * The manifest among the files of an archive. Throws a {@link PluginError} with E_MANIFEST_MISSING, or
 * E_MANIFEST_INVALID for one that is larger than it may be, before a byte of it is read.
 */
export function findManifest(plan: ArchivePlan, limits: PluginLimits): PlannedFile {
  const file = plan.files.find(({ path }) => path === manifestPath);
  if (file === undefined) throw refuse('E_MANIFEST_MISSING', `expected ${manifestPath} in the top folder; it has none`);
  if (file.size > limits.maxManifestBytes) {
    throw refuse(
      'E_MANIFEST_INVALID',
      `expected at most ${String(limits.maxManifestBytes)} bytes in ${manifestPath}; it has ${String(file.size)}`,
      { details: { expected: limits.maxManifestBytes, found: file.size } },
    );
  }
  return file;
}

/** What package.json says. Throws a {@link PluginError} with E_MANIFEST_INVALID, or E_PATH_TRAVERSAL for its entry. */
export function parseManifest(json: string): PluginManifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    const reason = showable((cause as SyntaxError).message, maxTextLength);
    throw refuse('E_MANIFEST_INVALID', `expected JSON in ${manifestPath}: ${reason}`, { cause });
  }
  const manifest = checkShape(manifestSchema, value, ({ expected, found, path }) => {
    const place = path === '' ? manifestPath : `${manifestPath}: ${path}`;
    return refuse('E_MANIFEST_INVALID', `${place}: ${expected}; got ${found}`, { details: { at: path } });
  });
  const { name, version, title = name, author, homepage, engines, fleetwire } = manifest;
  return {
    name,
    version,
    title,
    author: authorOf(author),
    homeUrl: homeOf(homepage),
    entry: fleetwire?.entry === undefined ? undefined : entryOf(fleetwire.entry),
    contributes: fleetwire?.contributes,
    hostVersions: engines?.fleetwire,
    sdkVersions: engines?.['fleetwire-sdk'],
  };
}

/** What a manifest must agree with. */
export interface ManifestExpectation {
  /** That the source gave. */
  readonly version: string;
  readonly plan: ArchivePlan;
}

/**
 * Throws a {@link PluginError} with E_MANIFEST_MISMATCH where the version is another, E_ENTRY_MISSING where the entry is
 * not among the files. The name is the publisher's: see `checkPublisher`.
 */
export function checkManifest(manifest: PluginManifest, { version, plan }: ManifestExpectation): void {
  if (manifest.version !== version) {
    const message = `expected version ${version} in ${manifestPath}; it says ${manifest.version}`;
    throw refuse('E_MANIFEST_MISMATCH', message, {
      details: { field: 'version', expected: version, found: manifest.version },
    });
  }
  const { entry } = manifest;
  if (entry !== undefined && !plan.files.some(({ path }) => path === entry)) {
    throw refuse('E_ENTRY_MISSING', `the entry ${entry} of ${manifestPath} is not among the files of the archive`, {
      details: { entry },
    });
  }
}

/** Throws a {@link PluginError} with E_INCOMPATIBLE_HOST where `engines` does not hold the version of the host or its SDK. */
export function checkEngines({ hostVersions, sdkVersions }: PluginManifest, host: PluginHost): void {
  const mismatch = enginesMismatch({ engines: hostVersions, sdk: sdkVersions }, host);
  if (mismatch === undefined) return;
  const { reason, expected, found } = mismatch;
  throw new PluginError('E_INCOMPATIBLE_HOST', reason, { phase: 'compat', details: { expected, found } });
}

function entryOf(given: string): string {
  const entry = given.startsWith('./') ? given.slice(2) : given;
  const segments = entry.split('/');
  if (given.startsWith('/') || /^[a-z]:/i.test(given) || given.includes('\\') || segments.includes('..')) {
    const message = `expected an entry below the top folder in ${manifestPath}; it says ${given}`;
    throw refuse('E_PATH_TRAVERSAL', message, { details: { entry: given } });
  }
  if (segments.some((segment) => segment === '' || segment === '.') || !/\.m?js$/.test(entry)) {
    const hint = /\.(?:[cm]?tsx?|jsx)$/.test(entry) ? ', which has to be built first' : '';
    const message = `expected a path to a .js or .mjs file as the entry in ${manifestPath}; it says ${given}${hint}`;
    throw refuse('E_MANIFEST_INVALID', message, { details: { at: 'fleetwire.entry', entry: given } });
  }
  return entry;
}

// npm knows both `"Ada <ada@example.org>"` and `{"name": "Ada"}`; what is neither has no effect, nor has an empty text.
function authorOf(author: unknown): string | undefined {
  const isObject = typeof author === 'object' && author !== null && 'name' in author;
  const name = isObject ? author.name : author;
  if (typeof name !== 'string' || name.trim() === '') return undefined;
  const parsed = visibleText(maxTextLength).safeParse(name);
  if (parsed.success) return parsed.data;
  const message = `${manifestPath}: author: ${parsed.error.issues[0]?.message ?? ''}; got ${shown(name)}`;
  throw refuse('E_MANIFEST_INVALID', message, { details: { at: 'author' } });
}

// It becomes a link of the dashboard: `javascript:` must not.
function homeOf(homepage: unknown): string | undefined {
  const parsed = visibleText(2_000).safeParse(homepage);
  return parsed.success && /^https?:\/\/[^\s]+$/i.test(parsed.data) ? parsed.data : undefined;
}
