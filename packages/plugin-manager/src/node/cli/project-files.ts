import { sdkVersion } from '../../protocol/sdk-version.ts';

/** The files of a new plugin, by path: a package, one ES module that the browser runs as it is, and how to go on. */
export function projectFiles(name: string, title: string): Readonly<Record<string, string>> {
  const manifest = {
    name,
    version: '0.1.0',
    title,
    description: 'A plugin for the Fleetwire dashboard.',
    type: 'module',
    files: ['index.js'],
    engines: { 'fleetwire-sdk': `^${sdkVersion}` },
    fleetwire: {
      entry: './index.js',
      contributes: { overviewWidget: [{ id: 'hello', title }] },
    },
  };
  return {
    'package.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
    'index.js': entry(title),
    'README.md': readme(name, title),
  };
}

function entry(title: string): string {
  return `import { createElement, useState } from 'react';

function Hello() {
  const [count, setCount] = useState(0);
  return createElement('button', { type: 'button', onClick: () => setCount(count + 1) }, \`Hello, \${count}\`);
}

/** @type {import('@fleetwire/plugin-manager/sdk').PluginDefinition} */
const plugin = {
  activate(context) {
    context.register('overviewWidget', { id: 'hello', title: ${JSON.stringify(title)}, component: Hello });
  },
};

export default plugin;
`;
}

function readme(name: string, title: string): string {
  return `# ${title}

A plugin for the Fleetwire dashboard. \`index.js\` is loaded as it is: there is nothing to build.
\`react\`, \`react-dom\` and \`react/jsx-runtime\` are the dashboard's own.

- \`fleetwire.contributes\` in package.json says what the plugin adds, before its code runs.
- \`index.js\` registers the same, with the code, under the same ids.
- \`files\` in package.json says what is packed.
- \`engines\` in package.json says which versions of the plugin SDK it is for; a dashboard with another does not load it.

To pack it:

    fleetwire-plugin pack

The archive and its SHA-256 are the same wherever they are made. In Artifact Hub the checksum goes into the annotation
\`headlamp/plugin/archive-checksum\` of \`${name}\`, as \`pack\` prints it.
`;
}
