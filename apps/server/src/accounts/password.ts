import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/**
 * Cost of scrypt (RFC 7914): 32 MiB and about 0.2 s on one core, the third of the equivalent settings that the OWASP
 * Password Storage Cheat Sheet names; the first takes 128 MiB, too much for the smallest machines that run a server.
 */
const defaultCost: Cost = { ln: 15, r: 8, p: 3 };
const saltBytes = 16;
const hashBytes = 32;

/** Hashings that run at once (each takes 32 MiB and a thread of the pool of four), and those that may wait in a line. */
const maxRunning = 2;
const maxWaiting = 32;

/** Hashes passwords, a few at a time; those that would wait too long in line are refused. */
export interface PasswordHasher {
  /** Resolves with a hash in PHC string format: `$scrypt$ln=15,r=8,p=3$salt$hash`. */
  hash(password: string): Promise<string>;
  /**
   * Takes the same time for `undefined` (no such user) as for a wrong password. `isStranger` waits in a line of its own,
   * behind all others: so many who guess keep nobody out.
   */
  verify(password: string, hash: string | undefined, isStranger?: boolean): Promise<boolean>;
}

/** Too many passwords wait to be hashed. */
export class HasherBusyError extends Error {
  override readonly name = 'HasherBusyError';
}

/** Creates a hasher; one per process, since its bounds are the process's. `cost` is for tests that hash a lot. */
export function createPasswordHasher(cost: Cost = defaultCost): PasswordHasher {
  let running = 0;
  const known: (() => void)[] = [];
  const strangers: (() => void)[] = [];

  async function bounded(derive: () => Promise<Buffer>, isStranger = false): Promise<Buffer> {
    if (running >= maxRunning) {
      const waiting = isStranger ? strangers : known;
      if (waiting.length >= maxWaiting) throw new HasherBusyError('too many passwords wait to be checked');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await derive();
    } finally {
      const next = known.shift() ?? strangers.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      const derived = await bounded(() => deriveKey(password, salt, cost));
      const { ln, r, p } = cost;
      return `$scrypt$ln=${String(ln)},r=${String(r)},p=${String(p)}$${base64(salt)}$${base64(derived)}`;
    },
    async verify(password, hash, isStranger) {
      const parsed = parseHash(hash ?? '') ?? {
        cost,
        salt: Buffer.alloc(saltBytes),
        derived: Buffer.alloc(hashBytes),
      };
      const derived = await bounded(() => deriveKey(password, parsed.salt, parsed.cost), isStranger);
      return timingSafeEqual(derived, parsed.derived) && hash !== undefined;
    },
  };
}

/** Parameters of scrypt: the binary logarithm of its cost, its block size and its parallelism. */
export interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

function deriveKey(password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> {
  const cost: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 128 * r * (2 ** ln + p) + 2 ** 20 };
  return new Promise((resolve, reject) => {
    // The same characters typed on two keyboards must be the same password (RFC 8265 section 4.2.1).
    scrypt(password.normalize('NFC'), salt, hashBytes, cost, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function parseHash(hash: string): { readonly cost: Cost; readonly salt: Buffer; readonly derived: Buffer } | undefined {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]{43})$/.exec(hash);
  if (match === null) return undefined;
  const [, ln, r, p, salt = '', derived = ''] = match;
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    derived: Buffer.from(derived, 'base64'),
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
