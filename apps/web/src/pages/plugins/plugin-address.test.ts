import { expect, it } from 'vitest';
import { folderOfId, idOfFolder } from './plugin-address.ts';

it('an id and its form in an address lead to each other', () => {
  const id = 'artifacthub:headlamp/app-catalog';
  expect(folderOfId(id)).toBe('artifacthub~headlamp~app-catalog');
  expect(idOfFolder(folderOfId(id))).toBe(id);
});

it('what is no id in an address is none', () => {
  for (const folder of [
    '',
    'a',
    'a~b',
    'a~b~c~d',
    'A~b~c',
    'a~b~../c',
    'a~~c',
    '__proto__~b~c',
    `a~b~${'c'.repeat(65)}`,
  ]) {
    expect(idOfFolder(folder)).toBeUndefined();
  }
});
