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
    const parsed = schema.safeParse(params);
    if (!parsed.success) throw new FleetwireError('BAD_REQUEST', describeIssues(parsed.error.issues));
    return handler(parsed.data, context);
  };
}
