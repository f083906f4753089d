import type { ReadmeAnswer, ReadmeNode } from './readme-node.ts';

/** For the worker to come, over a slow line. */
const loadMs = 15_000;

/** For the worker to set the text; an honest one takes a few tens of milliseconds. */
const parseMs = 4_000;

/** What is needed of a worker; tests give their own. */
export type ReadmeWorker = Pick<Worker, 'addEventListener' | 'postMessage' | 'terminate'>;

const startWorker = (): ReadmeWorker => new Worker(new URL('./readme-worker.ts', import.meta.url), { type: 'module' });

/**
 * Sets a README outside of the page's thread: a stranger's text can keep the parser busy for minutes. `onDone` is called
 * once, later, with what came of it; undefined where it failed, was too much, or took too long. Returns the undo, after
 * which it is not called.
 */
export function parseInWorker(
  text: string,
  onDone: (nodes: readonly ReadmeNode[] | undefined) => void,
  start: () => ReadmeWorker = startWorker,
): () => void {
  let worker: ReadmeWorker | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
    worker?.terminate();
  };
  const end = (nodes?: readonly ReadmeNode[]): void => {
    if (isOver) return;
    stop();
    onDone(nodes);
  };
  const allow = (delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(end, delayMs);
  };
  try {
    worker = start();
  } catch {
    // A browser that forbids it.
    allow(0);
    return stop;
  }
  allow(loadMs);
  worker.addEventListener('message', ({ data }: MessageEvent<ReadmeAnswer>) => {
    if (isOver) return;
    if (data.type === 'parsed') end(data.nodes);
    else {
      allow(parseMs);
      worker.postMessage(text);
    }
  });
  for (const failure of ['error', 'messageerror'] as const) {
    worker.addEventListener(failure, (event) => {
      // It is told on the page, not among the failures of the page.
      event.preventDefault();
      end();
    });
  }
  return stop;
}
