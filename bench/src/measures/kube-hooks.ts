import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { chromiumArgs, chromiumPath } from '@fleetwire/config/chromium';
import type { RunOptions, RunResult } from '../kube/page/contender.ts';
import { listStart, podListJson } from '../kube/pods.ts';
import type { Plan } from '../plan.ts';
import { createRow, type Row } from '../rows.ts';
import { median } from '../statistics.ts';

const bars: Readonly<Record<number, number>> = { 10_000: 20_000, 50_000: 10_000 };

/** Events a second that a list takes in Chromium, `JSON.parse` included, beside the plain immutable list update. */
export async function measureKubeHooks(plan: Plan['kubeHooks']): Promise<Row[]> {
  if (chromiumPath === undefined) return [];
  const server = await servePage();
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => {
      process.stderr.write(`${String(error)}\n`);
    });
    const run = async (options: RunOptions): Promise<RunResult> => {
      await page.goto(server.url);
      return page.evaluate((all) => window.runKubeBench(all), options);
    };
    const rows: Row[] = [];
    for (const [index, pods] of plan.sizes.entries()) {
      const hook: RunResult[] = [];
      const plain: RunResult[] = [];
      const parse: RunResult[] = [];
      for (let round = 0; round < plan.rounds; round += 1) {
        hook.push(await run({ contender: 'hook', pods, events: plan.events }));
        if (index > 0) continue;
        plain.push(await run({ contender: 'plain', pods, events: plan.peerEvents }));
        parse.push(await run({ contender: 'parse', pods, events: plan.events }));
      }
      const rate = median(hook.map(({ eventsPerSecond }) => eventsPerSecond));
      const limit = bars[pods];
      rows.push(
        createRow({
          id: `kube-hook-${String(pods)}`,
          title: `list hook with ${pods.toLocaleString('en-US')} pods`,
          unit: 'events / s',
          fleetwire: rate,
          bar: limit === undefined ? undefined : { kind: 'at-least', limit },
        }),
        createRow({
          id: `kube-renders-${String(pods)}`,
          title: `renders meanwhile, with ${pods.toLocaleString('en-US')} pods`,
          unit: 'renders / s',
          fleetwire: median(hook.map(({ rendersPerSecond }) => rendersPerSecond)),
          bar: { kind: 'at-most', limit: 60 },
        }),
      );
      if (plain.length === 0) continue;
      const plainRate = median(plain.map(({ eventsPerSecond }) => eventsPerSecond));
      rows.push(
        createRow({
          id: `kube-hook-plain-${String(pods)}`,
          title: `list hook with ${pods.toLocaleString('en-US')} pods`,
          unit: 'events / s',
          fleetwire: rate,
          peer: { name: 'plain list update', value: plainRate },
          ratio: median(hook.map(({ eventsPerSecond }, at) => eventsPerSecond / (plain[at]?.eventsPerSecond ?? NaN))),
          bar: { kind: 'at-least', limit: 100 },
        }),
        createRow({
          id: `kube-hook-parse-${String(pods)}`,
          title: `list hook with ${pods.toLocaleString('en-US')} pods`,
          unit: 'events / s',
          fleetwire: rate,
          peer: { name: 'JSON.parse alone', value: median(parse.map(({ eventsPerSecond }) => eventsPerSecond)) },
        }),
      );
    }
    return rows;
  } finally {
    await browser.close();
    server.close();
  }
}

/** A page with both contenders, and lists of so many pods as are asked for. */
async function servePage(): Promise<{ readonly url: string; readonly close: () => void }> {
  const bundle = await build({
    entryPoints: [new URL('../kube/page/page.tsx', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    jsx: 'automatic',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const pods =
      url.searchParams.get('pods') ?? /^\/pods-(\d+)\/api\/v1\/namespaces\/shop\/pods/.exec(url.pathname)?.[1];
    if (url.pathname === '/') {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><script type="module" src="/page.js"></script>');
    } else if (url.pathname === '/page.js') {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(script);
    } else if (pods != null) {
      response.setHeader('Content-Type', 'application/json');
      response.end(podListJson(Number(pods), listStart));
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
