import { readFileSync } from 'node:fs';
import process from 'node:process';
import { pino } from 'pino';
import type { Logger } from '@fleetwire/websocket-core/server';
import { signInUrl } from './accounts/first-administrator.ts';
import { helpText, readCommand, type Command } from './config/command.ts';
import { ConfigError, type Config } from './config/schema.ts';
import { showConfig } from './config/show.ts';
import { DataFolderError } from './data-folder.ts';
import { copyDatabase } from './database/copy-database.ts';
import { DatabaseError } from './database/open-database.ts';
import { addOrganisation, CliError, fetchKubeconfig, resetPassword } from './local-commands.ts';
import { PageError } from './http/page-error.ts';
import { ListenError } from './listeners.ts';
import { CertificateError } from './tls/server-certificate.ts';

/** Runs the program; it ends by setting the exit code, or by a signal. */
export async function runCli(args: readonly string[]): Promise<void> {
  try {
    const command = readCommand(args, process.env);
    await run(command);
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(
        `${error.problems.map((problem) => `fleetwire: ${problem}\n`).join('')}Try \`fleetwire --help\`.\n`,
      );
      process.exitCode = 2;
      return;
    }
    // What the operator can mend is said in a sentence; anything else needs its stack. (The cause of an unreadable file
    // may quote it, secrets and all.)
    const plain = plainErrors.some((each) => error instanceof each);
    process.stderr.write(`fleetwire: ${plain ? (error as Error).message : describe(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case 'help':
      process.stdout.write(helpText());
      break;
    case 'version':
      process.stdout.write(`${readVersion()}\n`);
      break;
    case 'config-check': {
      const { readPluginPolicy } = await import('./plugins/plugin-policy.ts');
      const { readPluginNetwork } = await import('./plugins/plugin-network.ts');
      readPluginPolicy(command.config);
      readPluginNetwork(command.config, createLogger(command.config));
      process.stdout.write(showConfig(command));
      break;
    }
    case 'kubeconfig':
      process.stdout.write(await fetchKubeconfig(command.config.dataDir, command.options));
      break;
    case 'org-add': {
      const { name, admin, config } = command;
      const password = await addOrganisation(config.dataDir, name, admin);
      const how = password === undefined ? '' : ` with the password ${password}, which is not shown again`;
      process.stdout.write(`The administrator of ${name} is "${admin.username}"${how}\n`);
      break;
    }
    case 'user-password': {
      const { name, config } = command;
      const password = await resetPassword(config.dataDir, name);
      process.stdout.write(`The password of "${name}" is ${password}, which is not shown again\n`);
      break;
    }
    case 'db-copy':
      await copy(command.config, command.to);
      break;
    case 'serve':
      await serve(command.config);
      break;
  }
}

const plainErrors = [DataFolderError, DatabaseError, ListenError, CertificateError, CliError, PageError] as const;

async function copy(config: Config, to: string): Promise<void> {
  const copied = await copyDatabase(config, to, createLogger(config));
  for (const [table, rows] of Object.entries(copied)) process.stdout.write(`${table}: ${String(rows)} rows\n`);
}

function createLogger(config: Config): Logger {
  return pino(
    {
      level: config.logLevel,
      redact: ['*.token', '*.accessToken', '*.password', '*.headers.authorization', '*.headers.cookie'],
    },
    // Synchronous, so that the last line before the end is there; log lines are rare.
    pino.destination({ fd: 2, sync: true }),
  );
}

async function serve(config: Config): Promise<void> {
  const logger = createLogger(config);
  // Before the start, since the first process of a container does not get a signal that it has no handler for.
  const stop = stopOnSignals(logger, config.drainDeadlineMs, async () => (await starting).drain());
  // Imported here: what the server needs takes half a second to load, and the other commands none of it.
  const starting = import('./start.ts').then(({ startServer }) => startServer(config, logger, readVersion()));
  const server = await starting;
  const { administrator, url, tlsUrl } = server;
  if (administrator?.password !== undefined) {
    process.stdout.write(
      `First start: the administrator is "${administrator.username}" with the password ${administrator.password}\n` +
        `It is not shown again. To sign in, open ${signInUrl(url, administrator)}\n`,
    );
  }
  if (tlsUrl !== undefined) process.stdout.write(`Fleetwire TLS is ready at ${tlsUrl}\n`);
  process.stdout.write(`Fleetwire is ready at ${url}\n`);
  logger.info({ url, tlsUrl, node: process.versions.node }, 'ready');
  // Two servers that know nothing of each other must not both write.
  void server.databaseTaken.then(() => {
    stop('the database is taken', 1);
  });
}

/** Time after the deadline in which sockets and database are let go; a database that hangs would take for ever. */
const lastGraceMs = 5_000;

/** Stops at a signal; returns the function that stops for another reason, with the exit code when all went well. */
function stopOnSignals(
  logger: Logger,
  deadlineMs: number,
  drain: () => Promise<void>,
): (reason: string, exitCode: number) => void {
  let stopping = false;
  const stop = (reason: string, exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason, deadlineMs }, 'draining');
    setTimeout(() => {
      logger.error({}, 'cut off: the drain did not end in time');
      process.exit(1);
    }, deadlineMs + lastGraceMs);
    drain().then(
      () => {
        logger.info({}, 'stopped');
        // Something that still holds the process must not keep a stopped server alive.
        process.exit(exitCode);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'the drain failed');
        process.exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      logger.warn({ signal }, 'stopped by a second signal');
      process.exit(1);
    }
    stop(signal, 0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop;
}

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
