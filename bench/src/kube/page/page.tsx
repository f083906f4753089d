// Runs in Chromium: feeds the same events to the hook and to the plain list update, and counts what React renders.
import { QueryClient } from '@tanstack/react-query';
import type { Contender, RunOptions, RunResult } from './contender.ts';
import { eventJson } from '../pods.ts';
import { createHookContender } from './hook-contender.tsx';
import { createPlainContender } from './plain-contender.tsx';

declare global {
  interface Window {
    runKubeBench(options: RunOptions): Promise<RunResult>;
  }
}

/** A frame's worth of work, after which the browser gets to paint. */
const sliceMs = 8;

const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

window.runKubeBench = async ({ contender, pods, events }) => {
  const texts = Array.from({ length: events }, (_, index) => eventJson(index, pods));
  const make = contender === 'hook' ? createHookContender : createPlainContender;
  const target: Contender = await make(new QueryClient(), pods);
  await target.until(() => target.shownItems === pods);
  const rendersBefore = target.renders;
  const startedAt = performance.now();
  let sliceAt = startedAt;
  for (let index = 0; index < events; index += 1) {
    target.push(texts[index] as string);
    if (performance.now() - sliceAt < sliceMs) continue;
    await nextTask();
    sliceAt = performance.now();
  }
  const last = (JSON.parse(texts[events - 1] as string) as { object: { metadata: { resourceVersion: string } } }).object
    .metadata.resourceVersion;
  await target.until(() => target.newestShown === last);
  const seconds = (performance.now() - startedAt) / 1000;
  const renders = target.renders - rendersBefore;
  target.dispose();
  return { eventsPerSecond: events / seconds, rendersPerSecond: renders / Math.max(seconds, 1) };
};
