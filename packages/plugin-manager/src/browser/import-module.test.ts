// @vitest-environment jsdom
import { afterEach, expect, it, vi } from 'vitest';
import { createModuleImporter } from './import-module.ts';

afterEach(() => {
  document.head.innerHTML = '';
  vi.restoreAllMocks();
});

const source = { url: '/plugins/a/1/main.js', integrity: 'sha384-abc' };

/** jsdom loads no modules, so that the test says what the browser would. */
function browser(outcome: 'load' | 'error', seen: HTMLLinkElement[]): void {
  vi.spyOn(HTMLLinkElement.prototype, 'relList', 'get').mockReturnValue({
    supports: (token: string) => token === 'modulepreload',
  } as unknown as DOMTokenList);
  vi.spyOn(document.head, 'append').mockImplementation((link) => {
    seen.push(link as HTMLLinkElement);
    queueMicrotask(() => (link as HTMLLinkElement).dispatchEvent(new Event(outcome)));
  });
}

it('the browser itself compares the bytes, before the same URL is imported', async () => {
  const links: HTMLLinkElement[] = [];
  browser('load', links);
  const importUrl = vi.fn(async () => ({ default: 1 }));
  const importModule = createModuleImporter({ document, nonce: 'n1', importUrl });
  await expect(importModule(source)).resolves.toEqual({ default: 1 });
  expect(links).toMatchObject([
    { rel: 'modulepreload', href: 'http://localhost:3000/plugins/a/1/main.js', integrity: 'sha384-abc', nonce: 'n1' },
  ]);
  expect(importUrl).toHaveBeenCalledWith('http://localhost:3000/plugins/a/1/main.js');
});

it('what the browser refuses is not imported', async () => {
  browser('error', []);
  const importUrl = vi.fn(async () => ({}));
  const importModule = createModuleImporter({ document, importUrl });
  await expect(importModule(source)).rejects.toThrow('the browser refused the module');
  expect(importUrl).not.toHaveBeenCalled();
});

it('a browser without modulepreload imports the URL alone', async () => {
  vi.spyOn(HTMLLinkElement.prototype, 'relList', 'get').mockReturnValue({
    supports: () => false,
  } as unknown as DOMTokenList);
  const importUrl = vi.fn(async () => ({ default: 2 }));
  await expect(createModuleImporter({ document, importUrl })(source)).resolves.toEqual({ default: 2 });
  expect(document.head.children).toHaveLength(0);
});
