import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Something that has happened to the store since it was written. */
export interface DamageCase {
  /** Unique; `corpus.json` has its row and its code. */
  readonly name: string;
  /** `place`: the root of the store, or the folder of a build. */
  readonly damage: (place: string) => Promise<unknown>;
}

const state = (name: string, text: string): DamageCase => ({
  name: `a state.json ${name}`,
  damage: (root) => writeFile(join(root, 'state.json'), text),
});
const build = '{"version":"1.0.0","build":"../../../x","installedAt":0}';

/** What may stand in place of `state.json`. */
export const badStates: readonly DamageCase[] = [
  state('that is empty', ''),
  {
    name: 'a state.json cut short',
    damage: async (root) => {
      const path = join(root, 'state.json');
      await writeFile(path, (await readFile(path, 'utf8')).slice(0, 100));
    },
  },
  state('that is no JSON', 'schemaVersion: 1'),
  state('of another shape', '{"schemaVersion":1,"generation":1,"plugins":[]}'),
  state('with a key that is no id', '{"schemaVersion":1,"generation":1,"plugins":{"../x":{}}}'),
  state('with __proto__ for a plugin', '{"schemaVersion":1,"generation":1,"plugins":{"__proto__":{}}}'),
  state(
    'that names a build outside',
    `{"schemaVersion":1,"generation":1,"plugins":{"hub:acme/plugin":{"active":${build},"previous":[],"isEnabled":true,"isPinned":false,"publisher":{"repositoryId":"r","packageName":"p"}}}}`,
  ),
  { name: 'a state.json that is gone', damage: (root) => rm(join(root, 'state.json')) },
  {
    name: 'a state.json that is a folder',
    damage: async (root) => {
      await rm(join(root, 'state.json'));
      await mkdir(join(root, 'state.json'));
    },
  },
  state('of a newer program', '{"schemaVersion":2,"generation":1,"plugins":{}}'),
];

const edited = (name: string, damage: DamageCase['damage']): DamageCase => ({
  name: `a rollback to a version ${name}`,
  damage,
});
const receiptOf = (folder: string) => join(folder, 'receipt.json');

/** What may have been done to the version that is rolled back to. */
export const badRollbacks: readonly DamageCase[] = [
  edited('with an edited file', (folder) =>
    writeFile(join(folder, 'files/main.js'), "export const version = '6.6.6';\n"),
  ),
  edited('with a missing file', (folder) => rm(join(folder, 'files/package.json'))),
  edited('with a link in place of a file', async (folder) => {
    await rename(join(folder, 'files/main.js'), join(folder, 'main.js'));
    await symlink('../main.js', join(folder, 'files/main.js'));
  }),
  edited('with an edited receipt', (folder) => writeFile(receiptOf(folder), '{"schemaVersion":1}')),
  edited('whose receipt is another one', async (folder) => {
    const receipt = JSON.parse(await readFile(receiptOf(folder), 'utf8')) as object;
    await writeFile(receiptOf(folder), JSON.stringify({ ...receipt, version: '0.9.0' }));
  }),
];
