import { z } from 'zod';
import type { KubeconfigOptions } from './config/command.ts';
import { DataFolderError } from './data-folder.ts';
import { readLocalAdmin } from './local-admin.ts';

/** A command did not do what it was asked; the message says why, for whoever can mend it. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

const answerSchema = z.union([z.object({ kubeconfig: z.string() }), z.object({ detail: z.string() })]);

const timeoutMs = 10_000;

/**
 * Asks the server of a data folder for a kubeconfig. Throws a {@link CliError} with what the server said, or a
 * DataFolderError where none runs.
 */
export async function fetchKubeconfig(dataDir: string, options: KubeconfigOptions): Promise<string> {
  const admin = readLocalAdmin(dataDir);
  const { cluster, user, url } = options;
  const response = await fetch(`${admin.url}/api/v1/local/kubeconfig`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ cluster, username: user, url }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    // A server that was killed leaves its note behind.
    throw new DataFolderError(`the server at ${admin.url} does not answer: start it first`, { cause: error });
  });
  const answer = answerSchema.safeParse(await response.json().catch(() => undefined));
  if (!answer.success) throw new CliError(`the server at ${admin.url} answered ${String(response.status)}`);
  if ('kubeconfig' in answer.data) return answer.data.kubeconfig;
  throw new CliError(answer.data.detail);
}
