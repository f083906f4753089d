/** The command line is not what the program takes; the message says what was expected, what came and where. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
