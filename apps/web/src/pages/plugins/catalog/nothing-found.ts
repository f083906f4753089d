/** Why a search gave nothing, and what leads to more. */
export interface NothingFoundWords {
  readonly kind: 'empty' | 'error';
  readonly title: string;
  readonly text?: string | undefined;
  /** Absent: nothing would. */
  readonly remedy?: 'retry' | 'clear' | undefined;
}

/** What stands where results would. `failed`: names of the sources that did not answer. */
export function nothingFound(search: {
  readonly q: string;
  readonly page: number;
  readonly failed: readonly string[];
}): NothingFoundWords {
  const { q, page, failed } = search;
  if (failed.length > 0) {
    const what = q === '' ? 'what is there' : `“${q}”`;
    const title = `${failed.join(' and ')} did not answer, so nothing is known of ${what}`;
    return { kind: 'error', title, text: 'What failed stands above.', remedy: page > 1 ? 'clear' : 'retry' };
  }
  if (page > 1) return { kind: 'empty', title: `There is no page ${String(page)}`, remedy: 'clear' };
  if (q !== '') return { kind: 'empty', title: `Nothing is called “${q}”`, remedy: 'clear' };
  const text = 'The sources of this server offer no plugin. Whoever runs it chooses the sources.';
  return { kind: 'empty', title: 'The catalog is empty', text };
}
