import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromiumArgs, chromiumShellPath } from '@fleetwire/config/chromium';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { password } from './server-process.ts';

const screenshots = join(import.meta.dirname, '..', 'screenshots');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the page complained of, less what a browser writes by itself when the network is away. */
const networkNoise = /^(?:WebSocket connection to .* failed|Failed to load resource: net::ERR_)/;

/** Starts the system's Chromium, the quicker one where there is one. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumShellPath ?? '', args: chromiumArgs });
}

/** One visitor: a page with a profile of its own. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the page and of its console. */
  readonly complaints: readonly string[];
  /** By the page of it, as `admin`, unless told; leads to the overview. */
  readonly signIn: (url: string, username?: string) => Promise<void>;
  /** Sooner, and without a page: whatever is opened next is of somebody who has signed in. */
  readonly enter: (url: string, username?: string) => Promise<void>;
  /** Saves a picture under `e2e/screenshots`. */
  readonly picture: (name: string) => Promise<void>;
  /** What axe finds serious or critical, as `rule: element`. */
  readonly seriousFindings: () => Promise<string[]>;
}

/** Opens a page. */
export async function visit(
  browser: Browser,
  options: { readonly width?: number; readonly height?: number; readonly colorScheme?: 'light' | 'dark' } = {},
): Promise<Visitor> {
  const { width = 1280, height = 800, colorScheme = 'light' } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (!isComplaint || networkNoise.test(message.text())) return;
    // A refused request names its address only here.
    const { url } = message.location();
    complaints.push(message.text().startsWith('Failed to load resource') ? `${message.text()} ${url}` : message.text());
  });
  return {
    page,
    context,
    complaints,
    async signIn(url, username = 'admin') {
      await page.goto(`${url}/login`);
      await page.getByLabel('User name').fill(username);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    },
    async enter(url, username = 'admin') {
      const answer = await context.request.post(`${url}/api/v1/auth/login`, { data: { username, password } });
      if (!answer.ok()) throw new Error(`${username} was not let in: ${await answer.text()}`);
      // What the dashboard leaves in the browser, by a page that runs nothing.
      await page.goto(`${url}/healthz`);
      await page.evaluate(() => {
        localStorage.setItem('fleetwire.signed-in', '1');
      });
    },
    async picture(name) {
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `${name}.png`) });
    },
    async seriousFindings() {
      await page.evaluate(axeSource);
      return page.evaluate(async () => {
        const { axe } = globalThis as unknown as { readonly axe: typeof import('axe-core') };
        const { violations } = await axe.run(document);
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
          );
      });
    },
  };
}
