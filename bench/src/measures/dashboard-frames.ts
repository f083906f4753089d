import { chromiumArgs, chromiumPath } from '@fleetwire/config/chromium';
import { chromium, type CDPSession, type Page } from 'playwright-core';
import { startChild } from '../child-calls.ts';
import { startDashboardServer, type DashboardServer } from '../dashboard/dashboard-server.ts';
import { frameCosts, traceCategories, type FrameCost, type TraceEvent } from '../dashboard/trace-frames.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';
import { median, quantile } from '../statistics.ts';

/** What is done with which list. */
const views = [
  { id: 'natural', title: 'scrolled', search: '', isScrolled: true },
  { id: 'sorted', title: 'sorted by what changes, scrolled', search: '&sort=-restarts', isScrolled: true },
  { id: 'watched', title: 'sorted by what changes, untouched', search: '&sort=-restarts', isScrolled: false },
] as const;

/** Script and layout of a frame, in milliseconds. */
const barMs = 8;
/** A frame that takes longer is a long one (Long Animation Frames API). */
const longMs = 50;
/** Several screens a second, whatever the screen. */
const scrollSpeed = 4_000;
const viewport = { width: 1280, height: 800 };
/** A place among the rows, and one beside them. */
const [among, beside] = [
  { x: 640, y: 500 },
  { x: 5, y: 790 },
];

/** What a frame of the dashboard's list costs its main thread while objects change, as Chromium's trace has it. */
export async function measureDashboardFrames(plan: Plan['dashboardFrames']): Promise<Row[]> {
  if (chromiumPath === undefined) return [];
  const cluster = startChild('./kube/table-process.ts', { arguments: [String(plan.pods)] });
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs });
  let server: DashboardServer | undefined;
  try {
    server = await startDashboardServer(await cluster.call<number>('listen'));
    const page = await browser.newPage({ viewport });
    await signIn(page, server);
    await cluster.call('start', { perSecond: plan.eventsPerSecond });
    const runs = new Map(views.map(({ id }) => [id, [] as (readonly FrameCost[])[]]));
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const view of views) {
        await page.goto(`${server.url}/clusters/list?resource=v1/pods${view.search}`);
        await page
          .getByTestId('count')
          .filter({ hasText: plan.pods.toLocaleString('en-US') })
          .waitFor();
        const frames = await traceFrames(page, (session) => use(page, session, view.isScrolled, plan.millisecondsEach));
        if (frames.length < 2)
          throw new Error(`${view.id}: expected frames in the trace, got ${String(frames.length)}`);
        runs.get(view.id)?.push(frames);
      }
    }
    return views.flatMap(({ id, title }) => rowsOf(id, `list of ${String(plan.pods)}, ${title}`, runs.get(id) ?? []));
  } finally {
    await browser.close();
    await server?.dispose();
    await cluster.dispose();
  }
}

function rowsOf(id: string, title: string, runs: readonly (readonly FrameCost[])[]): Row[] {
  const over = (read: (frames: readonly FrameCost[]) => number): number => median(runs.map(read));
  const cost = (frames: readonly FrameCost[], fraction: number): number =>
    quantile(
      frames.map(({ scriptMs, layoutMs }) => scriptMs + layoutMs),
      fraction,
    );
  const row = (part: string, what: string, unit: string, read: (frames: readonly FrameCost[]) => number) => ({
    id: `dashboard-frames-${id}-${part}`,
    title: `${title}: ${what}`,
    unit,
    fleetwire: over(read),
  });
  return [
    createRow(row('p50', 'script and layout p50', 'ms CPU / frame', (frames) => cost(frames, 0.5))),
    createRow({
      ...row('p95', 'script and layout p95', 'ms CPU / frame', (frames) => cost(frames, 0.95)),
      bar: { kind: 'at-most', limit: barMs },
    }),
    createRow(row('p99', 'script and layout p99', 'ms CPU / frame', (frames) => cost(frames, 0.99))),
    createRow(
      row('long', `frames of more than ${String(longMs)} ms CPU, all tasks`, '% of frames', (frames) => {
        return (100 * frames.filter(({ taskMs }) => taskMs > longMs).length) / frames.length;
      }),
    ),
    createRow(row('rate', 'frames', 'frames / s', (frames) => 1_000 / median(frames.map(({ wallMs }) => wallMs)))),
  ];
}

async function signIn(page: Page, { url, password }: DashboardServer): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Scrolls down and up again by the wheel, or leaves the list alone for as long. */
async function use(page: Page, session: CDPSession, isScrolled: boolean, forMs: number): Promise<void> {
  const { x, y } = isScrolled ? among : beside;
  await page.mouse.move(x, y);
  if (!isScrolled) {
    await page.waitForTimeout(forMs);
    return;
  }
  const distance = (scrollSpeed * forMs) / 2_000;
  for (const yDistance of [-distance, distance]) {
    await session.send('Input.synthesizeScrollGesture', {
      ...among,
      yDistance,
      speed: scrollSpeed,
      gestureSourceType: 'mouse',
    });
    const top = await page.getByTestId('rows').evaluate((rows) => rows.scrollTop);
    if (top > 0 !== yDistance < 0) throw new Error(`expected the rows to be scrolled, got ${String(top)} px`);
  }
}

async function traceFrames(page: Page, run: (session: CDPSession) => Promise<void>): Promise<readonly FrameCost[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value) events.push(event as unknown as TraceEvent);
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: traceCategories },
  });
  await run(session);
  const complete = new Promise<void>((resolve) => {
    session.once('Tracing.tracingComplete', () => {
      resolve();
    });
  });
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return frameCosts(events);
}
