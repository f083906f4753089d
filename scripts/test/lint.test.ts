import { ESLint } from 'eslint';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(import.meta.dirname));

// The first file of a package makes the compiler read the whole package.
describe('the lint rules of the workspace', { timeout: 120_000 }, () => {
  const eslint = new ESLint({ cwd: root });
  const pure = 'packages/kube-watch/src/protocol/resource.ts';
  const dashboard = 'apps/web/src/main.tsx';

  /** The rules that a text breaks when it stands in an existing file. */
  async function broken(file: string, text: string): Promise<(string | null)[]> {
    const [result] = await eslint.lintText(`${text}\n`, { filePath: join(root, file) });
    return result?.messages.map(({ ruleId }) => ruleId) ?? [];
  }

  it('let plain code pass', async () => {
    expect(await broken(pure, 'export const answer = 42;')).toEqual([]);
  });

  it.each([
    ['a default export', pure, 'export default 42;', 'no-restricted-syntax'],
    ['a re-export of everything', pure, "export * from './watch-status.ts';", 'no-restricted-syntax'],
    ['a clock of its own in protocol', pure, 'export const at = Date.now();', 'no-restricted-properties'],
    ['randomness of its own in protocol', pure, 'export const at = Math.random();', 'no-restricted-properties'],
    ['a timer in protocol', pure, 'setTimeout(String, 1);', 'no-restricted-globals'],
    ['an import up the stream', pure, "export { x } from '../core/x.ts';", 'fleetwire/import-direction'],
    ['Node in protocol', pure, "import 'node:fs';", 'fleetwire/import-direction'],
    [
      'a comment that turns the compiler off',
      pure,
      '// @ts-ignore\nexport const x: number = 1;',
      '@typescript-eslint/ban-ts-comment',
    ],
    ['any', pure, 'export const x = (y: any): unknown => y as unknown;', '@typescript-eslint/no-explicit-any'],
    ['the console in a package', pure, "console.log('x');", 'no-console'],
    [
      'a server half in the dashboard',
      dashboard,
      "import '@fleetwire/websocket-core/server';",
      'fleetwire/import-direction',
    ],
  ])('refuse %s', async (_case, file, text, rule) => {
    expect(await broken(file, text)).toContain(rule);
  });
});
