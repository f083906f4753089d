import { expect } from 'vitest';
import type { Visitor } from './dashboard.ts';

/** How a visitor's browser is set: the scheme of the system, width and height of the page in px. */
export type Look = readonly [colorScheme: 'light' | 'dark', width: number, height: number];

/**
 * Shows the open page in each look, saves its picture as `<view>-<scheme>-<width>`, and expects that it fits its width
 * and that axe finds nothing serious. The page follows its system without a reload.
 */
export async function expectFit(visitor: Visitor, view: string, looks: readonly Look[]): Promise<void> {
  const { page, picture, seriousFindings } = visitor;
  for (const [colorScheme, width, height] of looks) {
    const look = `${view}, ${colorScheme}, ${String(width)} px`;
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    await picture(`${view}-${colorScheme}-${String(width)}`);
    expect(await seriousFindings(), look).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), look).toBeLessThanOrEqual(0);
  }
}
