import { parseReadme } from './parse-readme.ts';
import type { ReadmeAnswer } from './readme-node.ts';

const say = (answer: ReadmeAnswer): void => {
  postMessage(answer);
};

// Whatever it throws, as for want of stack: the page hears of it as an error of the worker.
addEventListener('message', ({ data }: MessageEvent<string>) => {
  say({ type: 'parsed', nodes: parseReadme(data) });
});
say({ type: 'ready' });
