import { z } from 'zod';
import type { KubeconfigOptions, OrganisationAdmin } from './config/command.ts';
import { DataFolderError } from './data-folder.ts';
import { readLocalAdmin } from './local-admin.ts';

/** A command did not do what it was asked; the message says why, for whoever can mend it. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

const timeoutMs = 10_000;

/** Asks the server of a data folder for a kubeconfig. Throws a {@link CliError} with what the server said, or a DataFolderError where none runs. */
export async function fetchKubeconfig(dataDir: string, options: KubeconfigOptions): Promise<string> {
  const { cluster, user, url } = options;
  const schema = z.object({ kubeconfig: z.string() });
  return (await ask(dataDir, 'kubeconfig', { cluster, username: user, url }, schema)).kubeconfig;
}

/** Adds an organisation; resolves with the password of its administrator, where that is a new user. Throws as {@link fetchKubeconfig}. */
export async function addOrganisation(
  dataDir: string,
  name: string,
  { username, isExistingUser }: OrganisationAdmin,
): Promise<string | undefined> {
  const schema = z.object({ password: z.string().optional() });
  return (await ask(dataDir, 'organisations', { name, admin: username, isExistingUser }, schema)).password;
}

/** Gives a user a new password; resolves with it. Throws as {@link fetchKubeconfig}. */
export async function resetPassword(dataDir: string, username: string): Promise<string> {
  return (await ask(dataDir, 'password', { username }, z.object({ password: z.string() }))).password;
}

async function ask<S extends z.ZodType>(dataDir: string, path: string, body: object, schema: S): Promise<z.output<S>> {
  const { url, secret } = readLocalAdmin(dataDir);
  const response = await fetch(`${url}/api/v1/local/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    // It has just started, or is about to stop.
    throw new DataFolderError(`the server at ${url} does not answer: start it first`, { cause: error });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const result = schema.safeParse(answer);
  if (response.ok && result.success) return result.data;
  const problem = z.object({ detail: z.string() }).safeParse(answer);
  throw new CliError(problem.data?.detail ?? `the server at ${url} answered ${String(response.status)}`);
}
