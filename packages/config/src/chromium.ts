import { existsSync } from 'node:fs';
import process from 'node:process';
import { isEverythingRequired } from './required.ts';

const candidates = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of a system Chromium, or undefined: browser tests are then skipped, and fail under `CI=true` or `REQUIRE_ALL=1`. */
export const chromiumPath: string | undefined = candidates.find(
  (path) => path !== undefined && path !== '' && existsSync(path),
);
if (chromiumPath === undefined && isEverythingRequired()) {
  throw new Error('CI=true or REQUIRE_ALL=1, but there is no Chromium: install it or set CHROMIUM_PATH');
}

/**
 * The same browser without windows, menus and tabs of its own, where that is installed (Debian's chromium-headless-shell):
 * it opens a page in two thirds of the time. Default: {@link chromiumPath}.
 */
export const chromiumShellPath: string | undefined =
  [process.env['CHROMIUM_PATH'], '/usr/bin/chromium-headless-shell'].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  ) ?? chromiumPath;

/** Flags under which Debian's Chromium runs headless, quiet, without a network of its own, and as root. */
export const chromiumArgs: string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
