import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataFolderError } from '../data-folder.ts';
import { newFolder } from '../testing/new-folder.ts';
import { openSecretKey, parseSecretKey } from './secret-key.ts';

describe('the key in the data folder', () => {
  it('is made by the first start, for its owner alone, and is the same afterwards', () => {
    const folder = newFolder();
    const first = openSecretKey(undefined, folder);
    const path = join(folder, 'secret.key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(existsSync(`${path}.new`)).toBe(false);
    expect(openSecretKey(undefined, folder)).toEqual(first);
    expect(openSecretKey(undefined, newFolder()).id).not.toBe(first.id);
    // It may be given by FLEETWIRE_SECRET_KEY_FILE too.
    expect(parseSecretKey(readFileSync(path, 'utf8').trimEnd())).toEqual(first.bytes);
  });

  it('is made anew where a start was cut off before', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'secret.key.new'), 'half', { mode: 0o644 });
    const { id } = openSecretKey(undefined, folder);
    expect(openSecretKey(undefined, folder).id).toBe(id);
    expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'half a key', 'A'.repeat(42)])('stops the start when it is %j, and stays as it is', (text) => {
    const folder = newFolder();
    const path = join(folder, 'secret.key');
    writeFileSync(path, text);
    expect(() => openSecretKey(undefined, folder)).toThrow(DataFolderError);
    expect(() => openSecretKey(undefined, folder)).toThrow(/secret\.key is damaged: expected 32 bytes/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('is neither read nor made where the configuration has one', () => {
    const folder = newFolder();
    const bytes = new Uint8Array(32).fill(7);
    expect(openSecretKey(bytes, folder).bytes).toEqual(bytes);
    expect(existsSync(join(folder, 'secret.key'))).toBe(false);
  });
});
