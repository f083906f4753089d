import type { Context } from 'hono';

/** State of one thing that the server needs. */
export interface Readiness {
  readonly ok: boolean;
  readonly [detail: string]: unknown;
}

/** Asks each thing; the server is ready while it does not drain and all are well. */
export interface ReadinessChecks {
  readonly isDraining: () => boolean;
  readonly checks: Readonly<Record<string, () => Readiness | Promise<Readiness>>>;
}

/** Answers `/readyz`: 200 or 503, with the state of each thing. */
export async function answerReadiness(context: Context, { isDraining, checks }: ReadinessChecks): Promise<Response> {
  const states = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<readonly [string, Readiness]> => [name, await check()]),
  );
  const isWell = states.every(([, { ok }]) => ok);
  const status = isDraining() ? 'draining' : isWell ? 'ready' : 'not-ready';
  context.header('Cache-Control', 'no-store');
  return context.json({ status, ...Object.fromEntries(states) }, status === 'ready' ? 200 : 503);
}
