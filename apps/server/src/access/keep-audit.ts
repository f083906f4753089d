import type { Logger } from '@fleetwire/websocket-core/server';
import type { AuditLog } from './audit-log.ts';

const dayMs = 24 * 3_600_000;

/** How often the refusals that got no entry of their own are summed up: at most so often for each organisation. */
const summaryMs = 60_000;

/** Forgets old entries of the audit log, now and each day, and sums refusals up; returns the undo, which does it once more. */
export function keepAudit(audit: AuditLog, retentionDays: number, logger: Logger): () => Promise<void> {
  const prune = (): void => {
    if (retentionDays === 0) return;
    audit.prune(Date.now() - retentionDays * dayMs).catch((error: unknown) => {
      logger.error({ err: error }, 'old entries of the audit log could not be removed');
    });
  };
  prune();
  const timers = [setInterval(prune, dayMs), setInterval(() => void audit.summarise(), summaryMs)];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
    return audit.summarise();
  };
}
