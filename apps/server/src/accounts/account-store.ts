import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { DataFolderError } from '../data-folder.ts';

const userSchema = z.object({
  id: z.string(),
  orgId: z.string(),
  username: z.string(),
  passwordHash: z.string(),
  createdAt: z.number(),
});

const sessionSchema = z.object({
  id: z.string(),
  userId: z.string(),
  expiresAt: z.number(),
  /** SHA-256 of the refresh tokens that may still be used; `retiredAt` once one has been exchanged for the next. */
  tokens: z.array(z.object({ hash: z.string(), retiredAt: z.number().optional() })),
});

const fileSchema = z.object({
  version: z.literal(1),
  organisation: z.object({ id: z.string(), name: z.string() }),
  signingKey: z.object({ id: z.string(), secret: z.string() }),
  users: z.array(userSchema),
  sessions: z.array(sessionSchema),
});

/** A person who may sign in. */
export type User = Readonly<z.output<typeof userSchema>>;
/** One login, kept alive by its refresh tokens. */
export type LoginSession = z.output<typeof sessionSchema>;
type AccountsFile = z.output<typeof fileSchema>;

/** Sign-ins that are kept; the one that would expire first makes room. */
const maxSessions = 1_000;

/** Users, sign-ins and the signing key, in `accounts.json` of the data folder. */
export interface AccountStore {
  readonly organisation: { readonly id: string; readonly name: string };
  readonly signingKey: { readonly id: string; readonly secret: Uint8Array };
  readonly userCount: number;
  userById(id: string): User | undefined;
  userByName(username: string): User | undefined;
  addUser(user: { readonly username: string; readonly passwordHash: string }): Promise<User>;
  session(id: string): LoginSession | undefined;
  /** Adds it, or puts it in the place of the one with the same id. Resolves when it is on the disk. */
  putSession(session: LoginSession): Promise<void>;
  removeSession(id: string): Promise<void>;
}

/** Opens the store of a data folder, or begins one. Throws when the file is there and cannot be read. */
export function openAccountStore(folder: string, now: () => number): AccountStore {
  const path = join(folder, 'accounts.json');
  const file = readAccounts(path) ?? emptyAccounts();
  const save = createSaver(path, () => JSON.stringify(file, null, 2));
  const organisation = file.organisation;

  const store: AccountStore = {
    organisation,
    signingKey: { id: file.signingKey.id, secret: Buffer.from(file.signingKey.secret, 'base64url') },
    get userCount() {
      return file.users.length;
    },
    userById: (id) => file.users.find((user) => user.id === id),
    userByName: (username) => file.users.find((user) => user.username === username),
    async addUser({ username, passwordHash }) {
      const user: User = { id: randomUUID(), orgId: organisation.id, username, passwordHash, createdAt: now() };
      file.users.push(user);
      await save();
      return user;
    },
    session(id) {
      const session = file.sessions.find((candidate) => candidate.id === id);
      return session === undefined || session.expiresAt <= now() ? undefined : session;
    },
    async putSession(session) {
      file.sessions = file.sessions.filter(({ id, expiresAt }) => id !== session.id && expiresAt > now());
      file.sessions.push(session);
      if (file.sessions.length > maxSessions) {
        file.sessions.sort((a, b) => b.expiresAt - a.expiresAt);
        file.sessions.length = maxSessions;
      }
      await save();
    },
    async removeSession(id) {
      file.sessions = file.sessions.filter((session) => session.id !== id);
      await save();
    },
  };
  return store;
}

function emptyAccounts(): AccountsFile {
  return {
    version: 1,
    organisation: { id: randomUUID(), name: 'default' },
    signingKey: { id: randomUUID(), secret: randomBytes(32).toString('base64url') },
    users: [],
    sessions: [],
  };
}

function readAccounts(path: string): AccountsFile | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Starting over would hand the administrator's account to whoever comes first.
    throw new DataFolderError(`${path} cannot be read: mend it, or move it away to begin with a new administrator`, {
      cause: error,
    });
  }
}

/**
 * Returns a function that writes the text whole or not at all, readable by its owner alone, and resolves when it is on
 * the disk. Calls made during a write share the next one.
 */
function createSaver(path: string, text: () => string): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const temporary = `${path}.new`;
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(text());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    // Until the folder is synced, a power cut may bring the file of before back (fsync(2)).
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  };
  const run = (): Promise<void> => {
    running = write().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (running === undefined) return run();
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return run();
      });
    return next;
  };
}
