import type { CatalogFault } from '../../src/testing/catalog-server.ts';
import type { FetchTimeouts } from '../../src/node/fetch/settings.ts';
import { offered, type CorpusCase } from './corpus-case.ts';
import { archivesPath, detailPath, type Offer } from './world.ts';

const mebibyte = 1024 * 1024;
/** So short that what never comes is soon missed; long enough for what comes on a busy machine. */
const quick: Partial<FetchTimeouts> = { headersMs: 400, idleMs: 400, wholeMs: 600 };

const archive = (name: string, fault: CatalogFault, more: Offer = {}) =>
  offered(`${name} in place of an archive`, () => ({ faults: [[archivesPath, fault]], ...more }));
const detail = (name: string, fault: CatalogFault, more: Offer = {}) =>
  offered(`${name} in place of a package`, () => ({ faults: [[detailPath, fault]], ...more }));
const slow = (kind: 'slow' | 'silent' | 'stall'): CatalogFault =>
  kind === 'slow' ? { kind, intervalMs: 20 } : { kind };

/** Bodies without an end, or for which one would wait for ever. */
export const badBodies: readonly CorpusCase[] = [
  archive(
    'a body without an end',
    { kind: 'huge', bytes: 16 * mebibyte },
    { policy: { limits: { maxDownloadBytes: mebibyte } } },
  ),
  archive('a body of 65 MiB', { kind: 'declared', bytes: 65 * mebibyte }),
  archive('a body of a terabyte', { kind: 'declared', bytes: 2 ** 40 }),
  archive('a body that drips', slow('slow'), { fetcher: { timeouts: quick } }),
  archive('silence', slow('silent'), { fetcher: { timeouts: quick } }),
  archive('a body that stops', slow('stall'), { fetcher: { timeouts: quick } }),
  archive('an operation that takes too long', slow('stall'), { policy: { limits: { operationTimeoutMs: 600 } } }),
  detail('a body without an end', { kind: 'huge', bytes: 16 * mebibyte }),
  detail('a body of 5 MiB', { kind: 'declared', bytes: 5 * mebibyte }),
  detail('a body that drips', slow('slow'), { fetcher: { timeouts: quick } }),
  detail('silence', slow('silent'), { fetcher: { timeouts: quick } }),
  detail('a body that stops', slow('stall'), { fetcher: { timeouts: quick } }),
];

/** Connections that end too early. */
export const resets: readonly CorpusCase[] = [
  archive('a reset', { kind: 'reset' }),
  archive('a body shorter than it says', { kind: 'short' }),
  detail('a reset', { kind: 'reset' }),
  detail('a body shorter than it says', { kind: 'short' }),
];

/** Pages, and statuses that are no success. */
export const pages: readonly CorpusCase[] = [
  archive('a page', { kind: 'html' }),
  archive('a page under the type of an archive', { kind: 'body', body: '<html></html>', type: 'application/gzip' }),
  archive('XML', { kind: 'body', body: '<?xml version="1.0"?><Error/>', type: 'application/xml' }),
  ...[204, 206, 304, 401, 403, 404, 410, 429, 500, 503].map((status) =>
    archive(`status ${status}`, { kind: 'status', status }),
  ),
  ...[401, 404, 429, 500, 503].map((status) => detail(`status ${status}`, { kind: 'status', status })),
];

/** What is no JSON, or JSON of another kind. */
export const nonJson: readonly CorpusCase[] = [
  detail('a page', { kind: 'html' }),
  detail('half of JSON', { kind: 'not-json' }),
  detail('nothing', { kind: 'body', body: '' }),
  detail('no UTF-8', { kind: 'body', body: Buffer.from('{"name":"\xff"}', 'latin1') }),
  detail('100,000 brackets', { kind: 'body', body: '['.repeat(100_000) }),
  detail('JSON twice', { kind: 'body', body: '{}{}' }),
  detail('NaN', { kind: 'body', body: 'NaN' }),
  ...[null, true, 1, 'text', [], {}, { length: { toString: '' } }].map((value) =>
    detail(`the JSON ${JSON.stringify(value)}`, { kind: 'json', value }),
  ),
];

const repository = { repository_id: 'id-of-acme', name: 'acme', kind: 21 };
const good = {
  name: 'plugin',
  version: '1.1.0',
  repository,
  available_versions: [{ version: '1.1.0' }],
  data: { 'headlamp/plugin/archive-url': 'http://127.0.0.1/a.tgz' },
};
const answer = (name: string, changes: object) => detail(name, { kind: 'json', value: { ...good, ...changes } });

/** Answers for something else than was asked for. */
export const otherPackages: readonly CorpusCase[] = [
  answer('another name', { name: 'other' }),
  answer('a name that is a path', { name: '../plugin' }),
  answer('another normalized name', { normalized_name: 'other' }),
  answer('another repository', { repository: { ...repository, name: 'other' } }),
  answer('another kind of repository', { repository: { ...repository, kind: 0 } }),
  answer('a repository whose id is a path', { repository: { ...repository, repository_id: '../../x' } }),
  answer('no repository', { repository: undefined }),
  answer('a name that is an object', { name: { length: { toString: '' } } }),
  answer('versions that are no list', { available_versions: { '0': { version: '1.1.0' } } }),
  answer('another version than the one asked for', {
    version: '1.2.0',
    available_versions: [{ version: '1.1.0' }, { version: '1.3.0' }],
  }),
];

const annotations = (name: string, more: Readonly<Record<string, string | null>>) =>
  offered(name, () => ({ annotations: more }));
const data = (name: string, json: string) =>
  detail(name, { kind: 'body', body: JSON.stringify(good).replace(/"data":\{[^}]*\}/, `"data":${json}`) });
const extraFile = (more: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  'headlamp/plugin/extra-files/0/url': 'https://extra.test/tool.tgz',
  'headlamp/plugin/extra-files/0/checksum': `SHA256:${'0'.repeat(64)}`,
  'headlamp/plugin/extra-files/0/arch': `${process.platform}/${process.arch}`,
  ...more,
});

/** Annotations that mean what they must not. */
export const badAnnotations: readonly CorpusCase[] = [
  annotations('no archive', { 'headlamp/plugin/archive-url': null }),
  annotations('an archive URL of 5,000 characters', {
    'headlamp/plugin/archive-url': `https://a.test/${'a'.repeat(5_000)}`,
  }),
  data('annotations that are a list', '[]'),
  data('annotations that are numbers', '{"headlamp/plugin/archive-url":1}'),
  data('annotations of the prototype', '{"__proto__":{"headlamp/plugin/archive-url":"http://127.0.0.1/a"}}'),
  annotations('an extra file from a host that is not allowed', extraFile({})),
  annotations(
    'an extra file whose output __proto__ leads out',
    extraFile({
      'headlamp/plugin/extra-files/0/output/__proto__/input': 'tool',
      'headlamp/plugin/extra-files/0/output/__proto__/output': '../../tool',
    }),
  ),
  annotations(
    'an extra file of __proto__ without its output',
    extraFile({
      'headlamp/plugin/extra-files/0/output/__proto__/input': 'tool',
    }),
  ),
  annotations('an extra file without its checksum', extraFile({ 'headlamp/plugin/extra-files/0/checksum': '' })),
  annotations('an extra file without its URL', extraFile({ 'headlamp/plugin/extra-files/0/url': '' })),
];
