import type * as z from 'zod/mini';
import { FleetwireError } from '../core/errors.ts';
import { describeIssues } from '../protocol/decode.ts';
import type { Identity, RequestContext, RequestHandler } from './types.ts';

/**
 * Wraps a request handler with a schema of its parameters: what does not fit is answered with BAD_REQUEST that names
 * the first wrong field.
 */
export function validated<S extends z.ZodMiniType, I extends Identity = Identity>(
  schema: S,
  handler: (params: z.output<S>, context: RequestContext<I>) => unknown,
): RequestHandler<I> {
  return (params, context) => {
    return handler(read(schema, params), context);
  };
}

function read<S extends z.ZodMiniType>(schema: S, params: unknown): z.output<S> {
  let reason = 'the parameters cannot be read';
  try {
    const parsed = schema.safeParse(params);
    if (parsed.success) return parsed.data;
    reason = describeIssues(parsed.error.issues);
  } catch {
    // zod's length checks look at `length` whatever the type, and an object can make that throw.
  }
  throw new FleetwireError('BAD_REQUEST', reason);
}
