import type { LogStyle } from './company-apps.ts';
import type { Random } from './random.ts';
import { hex } from './text.ts';

const PATHS = [
  '/',
  '/products/4711',
  '/cart',
  '/api/v1/orders',
  '/api/v1/search?q=lamp',
  '/assets/app.css',
  '/healthz',
];
const STATUSES = [200, 200, 200, 200, 200, 201, 204, 304, 404, 499, 500, 503];
const MESSAGES = [
  'request handled',
  'order accepted',
  'stock reserved',
  'cache miss',
  'payment authorised',
  'session renewed',
];
const TABLES = ['orders', 'customers', 'stock', 'payments', 'carts'];

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}

/** One line that an app of this style could have written. */
export function logLine(style: LogStyle, app: string, random: Random, nowMs: number): string {
  const time = new Date(nowMs).toISOString();
  const tookMs = Math.round(2 + 200 * random.next() ** 4);
  const address = `10.244.${random.between(0, 9)}.${random.between(2, 254)}`;
  switch (style) {
    case 'access': {
      const method = random.pick(['GET', 'GET', 'GET', 'POST']);
      const status = random.pick(STATUSES);
      const stamp = time.slice(0, 19).replace('T', ' ');
      return `${address} - - [${stamp} +0000] "${method} ${random.pick(PATHS)} HTTP/1.1" ${status} ${random.between(120, 48_000)} ${tookMs}ms`;
    }
    case 'json': {
      const isSlow = tookMs > 150;
      const level = isSlow ? 'warn' : 'info';
      const message = isSlow ? 'slow response from upstream' : random.pick(MESSAGES);
      return JSON.stringify({ time, level, msg: message, app, traceId: hex(random, 16), durationMs: tookMs });
    }
    case 'logfmt':
      return `ts=${time} level=info caller=${app}.go:${random.between(90, 900)} msg="${random.pick(['scrape done', 'compaction done', 'rule evaluated'])}" duration=${tookMs}ms`;
    case 'klog': {
      const date = new Date(nowMs);
      const stamp = `${pad(date.getUTCMonth() + 1, 2)}${pad(date.getUTCDate(), 2)} ${time.slice(11, 23)}000`;
      return `I${stamp}       1 ${app}.go:${random.between(40, 700)}] "Synced" source="${address}" took="${tookMs}ms"`;
    }
    case 'sql':
      return `${time.slice(0, 23).replace('T', ' ')} UTC [${random.between(30, 99)}] LOG:  duration: ${tookMs}.${pad(random.between(0, 999), 3)} ms  statement: SELECT * FROM ${random.pick(TABLES)} WHERE id = ${random.between(1, 90_000)}`;
    case 'batch':
      return `${time} ${app}: ${random.between(100, 5_000)} rows written in ${tookMs} ms`;
  }
}

/** The last words of a container that crashes. */
export function crashLines(app: string, nowMs: number): readonly string[] {
  const time = new Date(nowMs).toISOString();
  return [
    JSON.stringify({ time, level: 'error', msg: 'unhandled error: connection to upstream lost', app }),
    `Error: connect ETIMEDOUT postgres.data.svc:5432 (${app})`,
  ];
}
