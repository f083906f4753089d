/** The command line is not what the program takes; the message says what was expected, what came and where. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help says more, where it is known. */
  readonly command: string | undefined;

  constructor(message: string, command?: string) {
    super(message);
    this.command = command;
  }
}
