import process from 'node:process';

/** What a child process does when it is told: methods by name, each with at most one parameter. */
export type Commands = Record<string, (params: never) => unknown>;

/** A command on its way to a child, and its answer. */
export interface CommandCall {
  readonly id: number;
  readonly name: string;
  readonly params: unknown;
}
export type CommandAnswer =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly failure: string };

/** Serves commands of the test. The process ends with its test, however that ends. */
export function serveCommands(commands: Commands): { stop: () => void } {
  const onDisconnect = (): void => {
    process.exit(1);
  };
  process.on('message', (call: CommandCall) => {
    void answer(commands, call);
  });
  process.on('disconnect', onDisconnect);
  return {
    // The process goes on until nothing holds it any more.
    stop() {
      process.off('disconnect', onDisconnect);
      process.disconnect?.();
    },
  };
}

async function answer(commands: Commands, { id, name, params }: CommandCall): Promise<void> {
  try {
    const command = commands[name] as ((params: unknown) => unknown) | undefined;
    if (command === undefined) throw new TypeError(`unknown command ${name}`);
    const result = await command(params);
    process.send?.({ id, result } satisfies CommandAnswer);
  } catch (error) {
    process.send?.({
      id,
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    } satisfies CommandAnswer);
  }
}
