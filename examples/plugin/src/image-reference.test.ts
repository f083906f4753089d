import { expect, it } from 'vitest';
import { parseImage, versionText } from './image-reference.ts';

const digest = `sha256:${'ab12'.repeat(16)}`;

it.each([
  ['nginx', 'nginx', 'latest', true],
  ['nginx:latest', 'nginx', 'latest', true],
  ['nginx:1.27', 'nginx', '1.27', false],
  ['localhost:5000/team/api', 'localhost:5000/team/api', 'latest', true],
  ['localhost:5000/team/api:v2', 'localhost:5000/team/api', 'v2', false],
  [`ghcr.io/acme/api@${digest}`, 'ghcr.io/acme/api', 'ab12ab12ab12', false],
  [`ghcr.io/acme/api:latest@${digest}`, 'ghcr.io/acme/api', 'latest', false],
  ['', '', 'latest', true],
])('%j is %s in version %s; floating: %s', (text, repository, version, isFloating) => {
  const reference = parseImage(text);
  expect(reference.repository).toBe(repository);
  expect(versionText(reference)).toBe(version);
  expect(reference.isFloating).toBe(isFloating);
});
