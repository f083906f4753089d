import { describe, expect, it } from 'vitest';
import type { RuntimePlugin } from '../protocol/runtime.ts';
import { createImportMap, inlineJson } from './import-map.ts';

const shared = { react: { url: '/assets/react-1.js', integrity: 'sha384-react' } };
const base = { title: 'A plugin', version: '1.0.0' };
const ready: RuntimePlugin = {
  ...base,
  status: 'ready',
  id: 'a:b/c',
  build: '1.0.0-0123456789ab',
  entry: { url: '/plugins/a~b~c/1.0.0-0123456789ab/index.js', integrity: 'sha384-entry', size: 1 },
  modules: [{ url: '/x/chunk.js', integrity: 'sha384-chunk' }],
};
const disabled: RuntimePlugin = { ...base, status: 'disabled', id: 'a:b/d' };

describe('createImportMap', () => {
  it('names the shared modules, and has digests of those and of the plugins that are ready', () => {
    expect(createImportMap({ shared, runtime: { plugins: [ready, disabled] } })).toEqual({
      imports: { react: '/assets/react-1.js' },
      integrity: {
        '/assets/react-1.js': 'sha384-react',
        [ready.entry.url]: 'sha384-entry',
        '/x/chunk.js': 'sha384-chunk',
      },
    });
  });

  it('keeps names that objects have of their own', () => {
    const map = createImportMap({
      shared: JSON.parse('{"__proto__":{"url":"/x.js","integrity":"i"}}') as typeof shared,
      runtime: { plugins: [] },
    });
    expect(JSON.stringify(map.imports)).toBe('{"__proto__":"/x.js"}');
  });
});

describe('inlineJson', () => {
  it.each(['</script><script>alert(1)</script>', '<!--', ']]>', '&lt;', 'a\u2028b\u2029c', '"\\'])(
    'writes %j so that it ends no script, and means the same',
    (text) => {
      const written = inlineJson({ [text]: text });
      expect(written).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.parse(written)).toEqual({ [text]: text });
    },
  );
});
