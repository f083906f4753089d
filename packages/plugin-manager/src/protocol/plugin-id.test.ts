import { expect, it } from 'vitest';
import { parsePluginId, pluginIdOf } from './plugin-id.ts';

it('an id names source, repository and plugin, and comes back as it was', () => {
  const ref = parsePluginId('artifact-hub:headlamp-plugins/app-catalog');
  expect(ref).toEqual({ source: 'artifact-hub', repo: 'headlamp-plugins', name: 'app-catalog' });
  expect(pluginIdOf(ref)).toBe('artifact-hub:headlamp-plugins/app-catalog');
});

it.each([
  'a',
  'a:b',
  'a/b',
  'a:b/',
  ':b/c',
  'A:b/c',
  'a:../c',
  'a:b/..',
  'a:b/.c',
  'a:b/c/d',
  'a:b/c\n',
  'a:b/c%2f',
  `a:b/${'c'.repeat(65)}`,
  '__proto__:b/c',
])('%j is no plugin id, and the error says what one is', (id) => {
  expect(() => parsePluginId(id)).toThrow(
    expect.objectContaining({
      code: 'E_NAME_INVALID',
      phase: 'resolve',
      message: expect.stringContaining('<source>:<repo>/<name>') as string,
    }) as Error,
  );
});

it('an empty text is a name that is missing', () => {
  expect(() => parsePluginId('')).toThrow(expect.objectContaining({ code: 'E_NAME_REQUIRED' }) as Error);
});
