import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromiumArgs, chromiumPath } from '@fleetwire/config/chromium';
import { chromium, type BrowserContext } from 'playwright-core';

/** A Chromium of its own, whose tabs are hidden when another one is in front. */
export interface PlainChromium {
  readonly context: BrowserContext;
  dispose(): Promise<void>;
}

/**
 * Starts the system's Chromium as a user would. Playwright keeps each page that it opens focused and thereby visible
 * (`Emulation.setFocusEmulationEnabled`), and has hidden pages run at full speed; with `noDefaults` it does neither.
 */
export async function startPlainChromium(): Promise<PlainChromium> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-chromium-'));
  const args = [...chromiumArgs, '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'];
  const child = spawn(chromiumPath ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /^DevTools listening on (\S+)$/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    exit.then(() => {
      reject(new Error('Chromium ended before it listened'));
    }, reject);
  });
  const browser = await chromium.connectOverCDP(url, { noDefaults: true });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('expected the context of the profile');
  return {
    context,
    async dispose() {
      const session = await browser.newBrowserCDPSession();
      // Of a process that ends by itself no other one is left.
      await session.send('Browser.close').catch(() => undefined);
      await exit;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
