import { sdkVersion } from '../../protocol/sdk-version.ts';
import { topFolderOf } from '../pack.ts';

/**
 * The files of a new plugin, by path: a package, one ES module that the browser runs as it is, and how to go on.
 * `folderName`: the name without its scope.
 */
export function projectFiles(name: string, folderName: string, title: string): Readonly<Record<string, string>> {
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
    'README.md': readme(name, folderName, title),
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

function readme(name: string, folderName: string, title: string): string {
  const archiveName = `${topFolderOf(name)}-0.1.0.tar.gz`;
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

It is one file. A second one, or a package that is not bundled into it, is named by \`pack\` with its line.

To install it from this folder, write the checksum into \`index.json\`

    {"schemaVersion": 1, "plugins": [{"repo": "own", "name": "${folderName}", "repositoryId": "own", "versions": [
      {"version": "0.1.0", "annotations": {
        "headlamp/plugin/archive-url": "${archiveName}",
        "headlamp/plugin/archive-checksum": "SHA256:…"}}]}]}

and where that file is into \`policy.yaml\`, which \`--plugin-policy\` of a server takes, too:

    sources: [{name: local, kind: file, path: /path/to/index.json}]

Then, with the version of the dashboard:

    fleetwire-plugin install local:own/${folderName} --root plugins --policy policy.yaml --host-version 0.1.0 --distro web
`;
}
