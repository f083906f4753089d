import type { Logger } from './types.ts';

/** Whether something is awaited like a promise, whoever made it. Reads `then` once, and lets what the getter throws through. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/**
 * Runs something that the application gave. What it throws, now or by a promise, is logged and goes no further: one
 * faulty callback must not end the process for every connection.
 */
export function guarded(logger: Logger, fields: object, message: string, run: () => unknown): void {
  const failed = (error: unknown): void => {
    logger.error({ ...fields, err: error }, message);
  };
  try {
    const result = run();
    if (isThenable(result)) Promise.resolve(result).catch(failed);
  } catch (error) {
    failed(error);
  }
}

/** The same logger, but it never throws: what cannot be logged must not leave anything half done. */
export function safeLogger(logger: Logger): Logger {
  const safely =
    (level: keyof Logger): Logger['error'] =>
    (fields, message) => {
      try {
        logger[level](fields, message);
      } catch {
        // nobody is left to tell
      }
    };
  return { debug: safely('debug'), info: safely('info'), warn: safely('warn'), error: safely('error') };
}
