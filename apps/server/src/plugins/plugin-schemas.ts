import { digestAlgorithms, pluginPhases } from '@fleetwire/plugin-manager';
import { z } from 'zod';

const text = z.string();
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const time = z.number().describe('Milliseconds since 1970.');
const id = text.describe('`<source>:<repo>/<name>`.');

const failure = z.object({
  code: text.describe('A code of plugins in docs/errors.md.'),
  message: text,
  phase: z.enum(pluginPhases),
  retryable: z.boolean(),
  details: z.record(text, z.unknown()).readonly(),
});

/** An installed plugin, as the list shows it. */
export const summarySchema = z.object({
  managed: z.literal(true),
  id,
  pluginName: text.describe('In package.json.'),
  folderName: text,
  title: text,
  author: text.optional(),
  homeUrl: text.optional(),
  artifacthubURL: text.optional().describe('Of a mirror: for those who may manage plugins.'),
  version: text,
  build: text.describe('`<version>-<first 12 hex digits of the SHA-256 of the archive>`.'),
  installedAt: time,
  status: z.enum(['ok', 'broken', 'blocked', 'incompatible']),
  reason: text.optional().describe('Why the status is not `ok`.'),
  isEnabled: z.boolean(),
  isPinned: z.boolean(),
  hasEntry: z.boolean().describe('Whether there is a module for the dashboard.'),
  previous: list(z.object({ version: text, installedAt: time })).describe(
    'What `rollback` can go back to, newest first.',
  ),
});

const unmanagedSchema = z.object({ managed: z.literal(false), pluginName: text, folderName: text });

/** The body of `GET /api/v1/plugins`. */
export const listSchema = z.object({
  generation: z.number().describe('Of the store; grows at each change.'),
  items: list(z.discriminatedUnion('managed', [summarySchema, unmanagedSchema])),
});

const digest = z.object({ algorithm: z.enum(digestAlgorithms), hex: text });

/** The body of `GET /api/v1/plugins/{id}`. */
export const detailsSchema = summarySchema.extend({
  publisher: z.object({ repositoryId: text, packageName: text, keyId: text.optional() }),
  provenance: z
    .object({
      digest,
      sha256: text.describe('Of the archive.'),
      archiveBytes: z.number(),
      urlChain: list(text).optional().describe('Without queries; for those who may manage plugins.'),
      keyId: text.optional().describe('Of the signature.'),
      files: list(z.object({ path: text, size: z.number(), sha256: text })),
    })
    .optional()
    .describe('Absent where the receipt cannot be read.'),
});

/** The body of `GET /api/v1/plugins/runtime`. */
export const runtimeSchema = z.object({
  generation: z.number(),
  plugins: list(
    z.discriminatedUnion('status', [
      z.object({
        status: z.literal('ready'),
        id,
        title: text,
        version: text,
        build: text,
        entry: z.object({ url: text, integrity: text.describe('Subresource Integrity.'), size: z.number() }),
        modules: list(z.object({ url: text, integrity: text }))
          .optional()
          .describe('Its other scripts.'),
        contributes: z.record(text, z.unknown()).optional(),
        warnings: z.array(text).optional(),
      }),
      z.object({
        status: z.enum(['disabled', 'incompatible', 'blocked']),
        id,
        title: text,
        version: text,
        reason: text.optional(),
      }),
    ]),
  ),
});

const ref = z.object({ source: text, repo: text, name: text });

const catalogItem = z.object({
  ref,
  title: text,
  description: text,
  version: text,
  author: text.optional(),
  isOfficial: z.boolean().optional(),
  stars: z.number().optional(),
  id,
  installedVersion: text.optional(),
});

/** The body of `GET /api/v1/plugin-catalog/sources`. */
export const sourcesSchema = z.object({
  items: list(z.object({ name: text, kind: z.enum(['artifact-hub', 'index', 'file']) })),
  canManage: z.boolean().describe('Whether the user may change plugins, and ask the sources.'),
});

/** The body of `GET /api/v1/plugin-catalog/search`. */
export const searchSchema = z.object({
  items: list(catalogItem),
  total: z.number().describe('On all pages of all sources that answered.'),
  failures: list(z.object({ source: text, failure })),
});

/** A plugin of a catalog, with its versions. */
export const catalogSchema = catalogItem.extend({
  repositoryId: text,
  readme: text.optional(),
  readmeIsCut: z.boolean().optional().describe('Whether `readme` is its first 64 KiB alone.'),
  homeUrl: text.optional(),
  versions: list(z.object({ version: text, isPrerelease: z.boolean(), publishedAt: time.optional() })),
  newestCompatible: text.optional().describe('What an install without a version takes.'),
  passedOver: list(z.object({ version: text, reason: text })),
});

const changes = list(z.object({ kind: text.optional(), description: text })).optional();

/** What an install of a version would mean. */
export const releaseSchema = z.object({
  id,
  release: z.object({
    ref,
    version: text,
    repositoryId: text,
    archiveUrl: text,
    digest,
    signature: z.object({ keyId: text, value: text }).optional(),
    isPrerelease: z.boolean(),
    headlampVersions: text.optional(),
    hostVersions: text.optional(),
    distros: list(text).optional(),
    extraFiles: list(
      z.object({ url: text, digest, arch: text, outputs: list(z.object({ input: text, output: text })) }),
    ),
    changes,
  }),
  installedVersion: text.optional(),
  compatibility: z.object({
    state: z.enum(['compatible', 'incompatible']),
    reason: text.optional(),
    checked: list(text),
    notChecked: list(text),
  }),
  denied: failure.optional().describe('What the policy says against it.'),
  publisher: z.enum(['first-install', 'same', 'changed']),
  publisherChanges: list(
    z.object({ what: z.enum(['repositoryId', 'packageName', 'keyId']), expected: text, found: text.optional() }),
  )
    .optional()
    .describe('What of the repository and the key is another one, as `acceptPublisher` of an install names it.'),
});

const update = z.object({ id, installedVersion: text });

/** The body of `GET /api/v1/plugin-updates`. */
export const updatesSchema = z.object({
  items: list(
    z.discriminatedUnion('state', [
      update.extend({ state: z.literal('available'), version: text, changes }),
      update.extend({ state: z.enum(['up-to-date', 'pinned']) }),
      update.extend({ state: z.literal('unknown'), failure }),
    ]),
  ),
});

/** An operation, with how far it is. */
export const operationSchema = z.object({
  id: text,
  action: z.enum(['install', 'update', 'uninstall', 'rollback', 'verify', 'repair']),
  pluginId: id,
  title: text.optional().describe('Of the plugin, where the server has heard it.'),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  percentage: z.number().describe('0 to 100; never falls.'),
  progress: z.object({ type: z.enum(['info', 'success', 'error']), message: text, percentage: z.number() }),
  phase: z.enum(pluginPhases).optional(),
  bytes: z
    .object({ done: z.number(), total: z.number().optional(), rate: z.number().describe('Bytes per second.') })
    .optional(),
  warnings: list(text),
  failure: failure.optional(),
  version: text.optional().describe('What is active since it is done.'),
  startedAt: time,
  endedAt: time.optional(),
  startedBy: text,
});

/** The answer to what begins an operation. */
export const startedSchema = z.object({ operationId: text });

/** The answer to what begins all updates. */
export const updatesStartedSchema = z.object({
  operationIds: list(text),
  failures: list(z.object({ id, failure })).describe('Those whose source could not say whether there is an update.'),
});

/** What the repair of the store has found. */
export const repairSchema = z.object({
  isRebuilt: z.boolean().describe('Whether its state was lost: then all plugins are disabled.'),
  plugins: list(text),
  broken: list(text).describe('Those whose files could not be proved.'),
  rolledBack: list(z.object({ pluginId: id, from: text, to: text })).describe(
    'Those whose active version was gone and that went back to an earlier one, now or when the store was opened.',
  ),
});

/** The body of the answer to `…/verify`. */
export const verificationSchema = z.object({
  pluginId: id,
  build: text,
  isIntact: z.boolean(),
  changed: list(text),
  missing: list(text),
  unexpected: list(text).describe('There, and in no receipt.'),
  reason: text.optional().describe('Why the receipt itself is of no use.'),
});
