import { RuleTester } from 'eslint';
import { describe, it } from 'vitest';
import { importDirection } from './import-direction.ts';
import { kebabCase } from './kebab-case.ts';

RuleTester.describe = describe;
RuleTester.it = it;
const tester = new RuleTester({ languageOptions: { sourceType: 'module' } });
const at = (path: string) => `/repo/packages/some-package/src/${path}`;

tester.run('import-direction', importDirection, {
  valid: [
    { name: 'core may import protocol', filename: at('core/peer.ts'), code: "import { a } from '../protocol/a.ts';" },
    {
      name: 'a folder may import itself, also from deeper',
      filename: at('core/x/y.ts'),
      code: "import { a } from '../z.ts';",
    },
    { name: 'react may import client', filename: at('react/hook.ts'), code: "import { a } from '../client/a.ts';" },
    { name: 'the root entry may re-export core', filename: at('index.ts'), code: "export { a } from './core/a.ts';" },
    { name: 'server may import ws', filename: at('server/s.ts'), code: "import { WebSocketServer } from 'ws';" },
    { name: 'a test is free', filename: at('core/peer.test.ts'), code: "import { a } from '../testing/a.ts';" },
    {
      name: 'the server app may import a server half',
      filename: '/repo/apps/server/src/main.ts',
      code: "import { createServer } from '@fleetwire/websocket-core/server';",
    },
  ],
  invalid: [
    {
      name: 'protocol must not import core',
      filename: at('protocol/a.ts'),
      code: "import { b } from '../core/b.ts';",
      errors: [{ messageId: 'direction' }],
    },
    {
      name: 'core must not re-export client',
      filename: at('core/a.ts'),
      code: "export { b } from '../client/b.ts';",
      errors: [{ messageId: 'direction' }],
    },
    {
      name: 'client must not import server lazily',
      filename: at('client/a.ts'),
      code: "const b = import('../server/b.ts');",
      errors: [{ messageId: 'direction' }],
    },
    {
      name: 'client must not import Node',
      filename: at('client/a.ts'),
      code: "import { readFile } from 'node:fs';",
      errors: [{ messageId: 'nodeOnly' }],
    },
    {
      name: 'react must not import the server half of another package',
      filename: at('react/a.ts'),
      code: "import { createServer } from '@fleetwire/websocket-core/server';",
      errors: [{ messageId: 'nodeOnly' }],
    },
    {
      name: 'the dashboard must not import a server half',
      filename: '/repo/apps/web/src/main.tsx',
      code: "import { createServer } from '@fleetwire/websocket-core/server';",
      errors: [{ messageId: 'nodeOnly' }],
    },
  ],
});

tester.run('kebab-case', kebabCase, {
  valid: [
    { filename: at('core/connecting-peer.ts'), code: '' },
    { filename: at('core/leb128.test.ts'), code: '' },
    { filename: at('react/ClientProvider.tsx'), code: '' },
    { filename: '/repo/packages/x/vitest.config.ts', code: '' },
  ],
  invalid: [
    { filename: at('core/connectingPeer.ts'), code: '', errors: [{ messageId: 'name' }] },
    { filename: at('server/Server.tsx'), code: '', errors: [{ messageId: 'name' }] },
  ],
});
