import { chromiumArgs, chromiumPath, chromiumShellPath } from '@fleetwire/config/chromium';
import { chromium } from 'playwright-core';

/** Why pages cannot be run here; undefined when they can. */
export const noBrowser = chromiumPath === undefined ? 'no Chromium' : undefined;

/** Opens the quick start's page, starts a job with its button, and returns the list's entry once the job is done. */
export async function runJobOnPage(
  url: string,
): Promise<{ readonly entry: string; readonly errors: readonly string[] }> {
  const browser = await chromium.launch({ executablePath: chromiumShellPath ?? '', args: chromiumArgs });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(url);
    await page.getByText('open', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Start a job' }).click();
    const done = page.getByRole('listitem').filter({ hasText: /: done$/ });
    await done.waitFor();
    return { entry: (await done.textContent()) ?? '', errors };
  } finally {
    await browser.close();
  }
}
