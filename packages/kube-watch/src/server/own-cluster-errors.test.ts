import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownClusterErrors } from './own-cluster-errors.ts';

it('docs/errors.md lists every code of a user’s clusters, in the order of the registry, and no other', () => {
  const file = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'errors.md');
  const sections = readFileSync(file, 'utf8').split(/^## /m);
  const section = sections.find((candidate) => candidate.startsWith('Errors of a user’s clusters')) ?? '';
  const rows = [...section.matchAll(/^\| `(\w+)` \| (yes|no) \| (.*) \|$/gm)].map(([, code, retryable, when]) => [
    code,
    { retryable: retryable === 'yes', when },
  ]);
  expect(rows).toEqual(Object.entries(ownClusterErrors));
});
