import { describe, expect, it } from 'vitest';
import { createPasswordHasher, HasherBusyError } from './password.ts';

/** Where what is hashed is not the matter. */
const quick = { ln: 4, r: 8, p: 1 };

describe('the password hasher', () => {
  it('knows a password again, and no other', async () => {
    const hasher = createPasswordHasher();
    const hash = await hasher.hash('correct horse');
    expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await hasher.verify('correct horse', hash)).toBe(true);
    expect(await hasher.verify('correct horse ', hash)).toBe(false);
    expect(await hasher.verify('', undefined)).toBe(false);
    expect(await hasher.verify('anything', 'not a hash')).toBe(false);
  });

  it('salts: equal passwords have different hashes', async () => {
    const hasher = createPasswordHasher(quick);
    expect(await hasher.hash('same')).not.toBe(await hasher.hash('same'));
  });

  it('takes composed and decomposed characters for the same', async () => {
    const hasher = createPasswordHasher(quick);
    expect(await hasher.verify('Zu\u0308rich', await hasher.hash('Z\u00fcrich'))).toBe(true);
  });

  it('refuses work beyond its line, and goes on afterwards', async () => {
    const hasher = createPasswordHasher(quick);
    const results = await Promise.allSettled(
      Array.from({ length: 36 }, () => hasher.verify('x', '$scrypt$ln=1,r=1,p=1$AAAA$' + 'A'.repeat(43))),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.reason).toBeInstanceOf(HasherBusyError);
    expect(await hasher.verify('x', undefined)).toBe(false);
  });

  it('lets nobody wait behind strangers, however many there are', async () => {
    const hasher = createPasswordHasher({ ln: 10, r: 8, p: 1 });
    const order: string[] = [];
    const verify = (who: string, isStranger: boolean) =>
      hasher.verify('x', undefined, isStranger).then(
        () => order.push(who),
        () => undefined,
      );
    const flood = Array.from({ length: 100 }, () => verify('stranger', true));
    await verify('known', false);
    // Those that ran already, and a few that may end beside it; of 34 that were taken.
    expect(order.indexOf('known')).toBeLessThan(10);
    await Promise.all(flood);
  });
});
