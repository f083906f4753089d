import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError } from '../config/schema.ts';
import { newFolder } from '../testing/new-folder.ts';
import { readPluginPolicy } from './plugin-policy.ts';

function policyFile(text: string): string {
  const path = join(newFolder(), 'policy.yaml');
  writeFileSync(path, text);
  return path;
}

it('is Artifact Hub alone where no file is named, and where the file says nothing', () => {
  for (const pluginPolicy of [undefined, policyFile('# nothing yet\n')])
    expect(readPluginPolicy({ pluginPolicy }).sources).toMatchObject([{ name: 'artifacthub', kind: 'artifact-hub' }]);
});

it('reads YAML and JSON', () => {
  for (const text of ['signature: require\ndeny: ["*:bad/*"]\n', '{"signature": "require", "deny": ["*:bad/*"]}'])
    expect(readPluginPolicy({ pluginPolicy: policyFile(text) })).toMatchObject({
      signature: 'require',
      deny: ['*:bad/*'],
    });
});

it('finds the index of a source of kind file from where the policy is, wherever the server runs', () => {
  const pluginPolicy = policyFile(
    'sources: [{name: a, kind: file, path: drop/index.json}, {name: b, kind: file, path: /b.json}]',
  );
  expect(readPluginPolicy({ pluginPolicy }).sources).toMatchObject([
    { path: join(dirname(pluginPolicy), 'drop', 'index.json') },
    { path: '/b.json' },
  ]);
});

it.each([
  ['signature: loud', /: policy signature: .*got "loud"/],
  ['sources:\n  - {name: x, kind: index, url: ftp://x}', /: policy sources\.0\.url: expected a URL/],
  ['denny: []', /: policy: .*denny/],
  ['- a', /: policy: /],
  ['a: [', /policy\.yaml:1: expected YAML or JSON; /],
])('refuses %j, and names file, key and expectation', (text, expected) => {
  const pluginPolicy = policyFile(text);
  const read = () => readPluginPolicy({ pluginPolicy });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(`pluginPolicy: ${pluginPolicy}`);
  expect(read).toThrow(expected);
});

it('refuses a file that is not there', () => {
  expect(() => readPluginPolicy({ pluginPolicy: '/nowhere/policy.yaml' })).toThrow(
    /^pluginPolicy: \/nowhere\/policy\.yaml: expected a file that can be read, got ENOENT/,
  );
});
