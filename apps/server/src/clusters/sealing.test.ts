import { CompactEncrypt } from 'jose';
import { describe, expect, it } from 'vitest';
import { newFolder } from '../testing/new-folder.ts';
import { createSealing } from './sealing.ts';
import { openSecretKey } from './secret-key.ts';

const place = { id: 'row', orgId: 'org', userId: 'user' };
const value = { token: 'hush', list: [1, 'ü'] };
const newKey = () => openSecretKey(undefined, newFolder());

describe('what is sealed', () => {
  it('opens at its place, shows nothing before, and is another text each time', async () => {
    const key = newKey();
    const sealed = await createSealing(key).seal(place, value);
    expect(await createSealing(key).open(place, sealed)).toEqual({ value });
    expect(await createSealing(key).seal(place, value)).not.toBe(sealed);
    const [header = '', ...rest] = sealed.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: key.id,
      place: '["org","user","row"]',
    });
    for (const part of [sealed, ...rest.map((each) => Buffer.from(each, 'base64url').toString('latin1'))])
      expect(part).not.toContain('hush');
    expect(key.id).toHaveLength(16);
  });

  it('does not open for another user, in another organisation or as another row', async () => {
    const sealing = createSealing(newKey());
    const sealed = await sealing.seal(place, value);
    for (const change of [{ id: 'x' }, { orgId: 'x' }, { userId: 'x' }, { orgId: 'org","user', userId: 'x' }])
      expect(await sealing.open({ ...place, ...change }, sealed)).toEqual({ failure: 'damaged' });
  });

  it('does not open with another key, and says so', async () => {
    const sealed = await createSealing(newKey()).seal(place, value);
    expect(await createSealing(newKey()).open(place, sealed)).toEqual({ failure: 'other-key' });
    // Nor does it under the other key's name.
    const other = newKey();
    const [header = '', ...rest] = sealed.split('.');
    const fields = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
    const renamed = Buffer.from(JSON.stringify({ ...fields, kid: other.id })).toString('base64url');
    expect(await createSealing(other).open(place, [renamed, ...rest].join('.'))).toEqual({ failure: 'damaged' });
  });

  it('does not open when any part of it was changed', async () => {
    const sealing = createSealing(newKey());
    const parts = (await sealing.seal(place, value)).split('.');
    for (const [index, part] of parts.entries()) {
      const changed = index === 1 ? 'AAAA' : `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}`;
      const opened = await sealing.open(place, parts.with(index, changed).join('.'));
      expect([index, 'value' in opened]).toEqual([index, false]);
    }
    for (const text of ['', 'x', 'a.b.c.d.e', 'e30....', '....', parts.slice(0, 4).join('.')])
      expect([text, 'value' in (await sealing.open(place, text))]).toEqual([text, false]);
  });

  it('does not open by another algorithm, though the key fits', async () => {
    const key = newKey();
    const header = { kid: key.id, place: '["org","user","row"]' };
    const wrapped = await new CompactEncrypt(Buffer.from('{}'))
      .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM', ...header })
      .encrypt(key.bytes);
    expect(await createSealing(key).open(place, wrapped)).toEqual({ failure: 'damaged' });
  });
});
