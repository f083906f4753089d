import { PluginError } from '../../protocol/error.ts';
import { parseArguments, type Request } from './arguments.ts';
import { commands } from './commands.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-code.ts';
import { helpOf } from './help.ts';
import { createOutput, type OutputStream } from './output.ts';
import { UsageError } from './usage-error.ts';

/** What the program has of its process. */
export interface CliEnvironment {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Undefined: it was removed. */
  readonly workingFolder: string | undefined;
  /** Version of the program. */
  readonly version: string;
  /** Aborted when the user asks it to stop. */
  readonly signal: AbortSignal;
}

/** Runs one command line, and gives the exit code. Never throws. */
export async function runCli(args: readonly string[], cli: CliEnvironment): Promise<ExitCode> {
  let request: Request;
  try {
    request = parseArguments(args, commands);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // What the arguments ask for is not known; the output is as for those that are right.
    createOutput({ ...cli, isJson: args.includes('--json') }).fail(error);
    return afterUsageError(cli, error.command);
  }
  switch (request.kind) {
    case 'help':
      cli.stdout.write(helpOf(commands, request.command));
      return exitCodes.ok;
    case 'version':
      cli.stdout.write(`${cli.version}\n`);
      return exitCodes.ok;
    case 'run':
      return run(request, cli);
  }
}

function afterUsageError({ stderr }: CliEnvironment, command?: string): ExitCode {
  const words = ['fleetwire-plugin', ...(command === undefined ? [] : [command]), '--help'];
  stderr.write(`Try \`${words.join(' ')}\`.\n`);
  return exitCodes.usage;
}

async function run(request: Extract<Request, { kind: 'run' }>, cli: CliEnvironment): Promise<ExitCode> {
  const { command, operands, options, isJson } = request;
  const output = createOutput({ ...cli, isJson });
  try {
    const { workingFolder } = cli;
    if (workingFolder === undefined) throw noWorkingFolder();
    const result = await command.run({
      operands,
      option: (name) => options.get(name),
      has: (name) => options.has(name),
      workingFolder,
      environment: cli.environment,
      signal: cli.signal,
      onProgress: (progress, pluginId) => {
        output.progress(progress, pluginId);
      },
      onEvent: (event) => {
        output.event(event);
      },
    });
    output.finish(result);
    return exitCodes.ok;
  } catch (error) {
    output.fail(error);
    if (error instanceof UsageError) return afterUsageError(cli, command.name);
    return error instanceof PluginError ? exitCodeOf(error.code) : exitCodes.failure;
  }
}

function noWorkingFolder(): PluginError {
  const message = 'expected to be run in a folder that is there; this one was removed: go to another one';
  return new PluginError('E_STORE', message, { phase: 'resolve' });
}
