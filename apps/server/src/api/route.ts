import type { Context } from 'hono';
import { z } from 'zod';
import type { Permission } from '../access/permissions.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import { Problem } from '../http/problem.ts';

/**
 * Who may call a route: anybody, whoever has signed in, holders of a permission, or a program of this machine with the
 * secret of the data folder.
 */
export type Access = 'public' | 'signed-in' | 'local' | Permission;

/** A call that was let through, with its parts checked. */
export interface RouteCall<Query, Body> {
  /** Undefined on routes that are public or local. */
  readonly identity: UserIdentity | undefined;
  /** Segments that the path names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly context: Context;
}

/** A route of the REST surface: what it is called, who may call it, what it takes and gives. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As OpenAPI writes it: `/api/v1/users/{id}`. */
  readonly path: string;
  readonly access: Access;
  /** A personal token is refused: what leaked for a day must not open the server for ever. Default false. */
  readonly isForSignIns?: boolean | undefined;
  /** Only for members of the first organisation: it changes what all of them have. Default false. */
  readonly isOfFirstOrganisation?: boolean | undefined;
  /** It is refused without an `Idempotency-Key`. Default false. */
  readonly needsIdempotencyKey?: boolean | undefined;
  /**
   * Whether an answer that was kept for an `Idempotency-Key` still leads somewhere; where not, the request is served
   * anew. Default: always.
   */
  readonly isReplayable?: ((answer: unknown) => boolean) | undefined;
  /** `If-Match` counts: the change is made to what the client has seen, or not at all. Default false. */
  readonly takesIfMatch?: boolean | undefined;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  /** Longest body that it reads. Default 8 KiB. */
  readonly maxBodyBytes?: number | undefined;
  /** What it answers when all is well; none for 204. */
  readonly response?: z.ZodType | undefined;
  /** Default 200, or 204 without a response. */
  readonly status?: 200 | 201 | 202 | 204 | undefined;
  /** Problems that it may answer beside those that every route may. */
  readonly problems?: Readonly<Record<number, string>> | undefined;
  readonly handle: (call: RouteCall<unknown, unknown>) => unknown;
}

/** Whether the header `Idempotency-Key` counts: what a route makes for a user must not be made twice. */
export function takesIdempotencyKey(
  route: Pick<Route, 'method' | 'status' | 'access' | 'needsIdempotencyKey'>,
): boolean {
  const { method, status, access, needsIdempotencyKey = false } = route;
  if (access === 'public' || access === 'local') return false;
  return needsIdempotencyKey || (method === 'POST' && status === 201);
}

interface TypedRoute<Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> extends Omit<
  Route,
  'query' | 'body' | 'response' | 'isReplayable' | 'handle'
> {
  readonly query?: Q;
  readonly body?: B;
  readonly response?: R;
  readonly isReplayable?: ((answer: z.output<R>) => boolean) | undefined;
  readonly handle: (
    call: RouteCall<z.output<Q>, z.output<B>>,
  ) => z.input<R> | Response | Promise<z.input<R> | Response>;
}

type SignedInCall<Q extends z.ZodType, B extends z.ZodType> = RouteCall<z.output<Q>, z.output<B>> & {
  readonly identity: UserIdentity;
};

interface SignedInRoute<Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> extends Omit<
  TypedRoute<Q, B, R>,
  'access' | 'handle'
> {
  readonly access: 'signed-in' | Permission;
  readonly handle: (call: SignedInCall<Q, B>) => z.input<R> | Promise<z.input<R>>;
}

/** Declares a route for strangers too. */
export function openRoute<Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType = z.ZodVoid>(
  route: TypedRoute<Q, B, R> & { readonly access: 'public' | 'local' },
): Route {
  return route as unknown as Route;
}

/** Declares a route for whoever has signed in, or holds a permission. */
export function route<Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType = z.ZodVoid>(
  signedIn: SignedInRoute<Q, B, R>,
): Route {
  return signedIn as unknown as Route;
}

/**
 * Text of 1 to `max` characters, without NUL, which PostgreSQL does not hold. Not zod's `min` and `max`: they look at the `length` of whatever came, which may be an
 * object that cannot be compared.
 */
export function textUpTo(max: number, min = 1) {
  return z
    .string()
    .refine((text) => text.length >= min && text.length <= max && !text.includes('\0'), {
      error: `expected ${String(min)} to ${String(max)} characters`,
    })
    .meta({ minLength: min, maxLength: max });
}

/** Name of a user or an organisation. It stands in logs and in headers: printable, without spaces at its ends. */
export const nameSchema = textUpTo(200).regex(/^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$/u);

/** Items that one page of a list holds at most, and by default. */
const maxPageSize = 200;
const defaultPageSize = 50;

/** Query of a list: `limit`, and the `cursor` that the page before gave. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(maxPageSize).default(defaultPageSize),
  cursor: z.string().optional(),
});

/** A page of a list; without `nextCursor` it is the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() });
}

/** Items of a state channel, as it would send them: the newest version of a key counts. */
export function stateOf<T extends z.ZodType>(value: T) {
  return z.object({ items: z.array(z.object({ key: z.string(), version: z.number(), value })) });
}

/** Makes a page of the items of a query that asked for one more than fits. `keyOf` gives what the next page begins after. */
export function toPage<T>(
  items: readonly T[],
  limit: number,
  keyOf: (item: T) => string,
): { items: T[]; nextCursor?: string } {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return items.length > limit && last !== undefined
    ? { items: shown, nextCursor: Buffer.from(keyOf(last)).toString('base64url') }
    : { items: shown };
}

/** What a cursor says that its page begins after. Throws a {@link Problem}. */
export function fromCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (key.includes('\0')) throw new Problem(400, 'BAD_REQUEST', 'cursor: expected one that a page before has given');
  return key;
}
