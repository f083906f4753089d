import { expect, it, vi } from 'vitest';
import type { PluginSource } from './plugin-source.ts';
import { sourceUntilAborted } from './source-until-aborted.ts';

const ref = { repo: 'acme', name: 'flux' };
const reason = new RangeError('enough');

/** Answers nothing, whatever its signal says. */
function deafSource(): { readonly source: PluginSource; readonly asked: ReturnType<typeof vi.fn> } {
  const asked = vi.fn(() => new Promise<never>(() => undefined));
  return { source: { name: 'hub', search: asked, describe: asked, release: asked }, asked };
}

const lookUps = (source: PluginSource, signal: AbortSignal) => [
  source.search({ query: '', limit: 1, offset: 0, signal }),
  source.describe(ref, signal),
  source.release(ref, '1.0.0', signal),
];

it('a source is not asked once the signal is aborted', async () => {
  const { source, asked } = deafSource();
  for (const lookUp of lookUps(sourceUntilAborted(source), AbortSignal.abort(reason)))
    await expect(lookUp).rejects.toBe(reason);
  expect(asked).not.toHaveBeenCalled();
});

it('nobody waits for a source, or a snapshot of one, that does not follow its signal', async () => {
  const { source } = deafSource();
  const { source: inner } = deafSource();
  const wrapped = sourceUntilAborted({ ...source, snapshot: () => inner });
  const controller = new AbortController();
  const { signal } = controller;
  const begun = [wrapped, wrapped.snapshot?.() ?? source].flatMap((each) => lookUps(each, signal));
  const settled = Promise.allSettled(begun);
  controller.abort(reason);
  expect(await settled).toEqual(begun.map(() => ({ status: 'rejected', reason })));
});

it('a signal that lives for long is listened to by nothing that has ended', async () => {
  const { signal } = new AbortController();
  const listening = { added: vi.spyOn(signal, 'addEventListener'), removed: vi.spyOn(signal, 'removeEventListener') };
  const answer = { items: [], total: 0 };
  const { source } = deafSource();
  const answering = sourceUntilAborted({ ...source, search: () => Promise.resolve(answer) });
  expect(await answering.search({ query: '', limit: 1, offset: 0, signal })).toBe(answer);
  const [type, listener] = listening.added.mock.calls[0] ?? [];
  expect(type).toBe('abort');
  expect(listening.removed).toHaveBeenCalledWith('abort', listener);
});
