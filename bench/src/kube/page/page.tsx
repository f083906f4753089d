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

/** Calls back for each text in a task of its own, as a socket delivers its messages. */
function deliver(texts: readonly string[], onText: (text: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    let index = 0;
    port1.onmessage = () => {
      onText(texts[index] as string);
      index += 1;
      if (index < texts.length) {
        port2.postMessage(undefined);
        return;
      }
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

window.runKubeBench = async ({ contender, pods, events }) => {
  const texts = Array.from({ length: events }, (_, index) => eventJson(index, pods));
  if (contender === 'parse') {
    const startedAt = performance.now();
    await deliver(texts, (text) => {
      JSON.parse(text);
    });
    return { eventsPerSecond: (events * 1000) / (performance.now() - startedAt), rendersPerSecond: 0 };
  }
  const make = contender === 'hook' ? createHookContender : createPlainContender;
  const target: Contender = await make(new QueryClient(), pods);
  await target.until(() => target.shownItems === pods);
  const rendersBefore = target.renders;
  const startedAt = performance.now();
  await deliver(texts, (text) => {
    target.push(text);
  });
  const last = (JSON.parse(texts[events - 1] as string) as { object: { metadata: { resourceVersion: string } } }).object
    .metadata.resourceVersion;
  await target.until(() => target.newestShown === last);
  const seconds = (performance.now() - startedAt) / 1000;
  const renders = target.renders - rendersBefore;
  target.dispose();
  return { eventsPerSecond: events / seconds, rendersPerSecond: renders / Math.max(seconds, 1) };
};
