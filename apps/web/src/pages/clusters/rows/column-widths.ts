import { cellText, type ListRow } from './list-row.ts';
import type { ListColumn } from './list-columns.ts';

/** Rows that are looked at; the first ones are those that are seen. */
const maxMeasured = 100;

/** A character of the list's font is this wide on average, and a cell has this much beside its text. */
const characterPx = 7.4;
const paddingPx = 28;
const leastPx = 64;
const mostPx = 420;

/** What a plugin's cell has room for, as nobody but the plugin knows what it holds. */
const pluginCharacters = 28;

/**
 * Widths of a list's columns by what they have to hold. They only grow, so that nothing moves sideways while the cells
 * change.
 */
export class ColumnWidths {
  readonly #characters = new Map<string, number>();

  /** Least widths of the columns in pixels, by the first of the rows and what was measured before. */
  measure(columns: readonly ListColumn[], rows: readonly ListRow[]): readonly number[] {
    const measured = rows.slice(0, maxMeasured);
    return columns.map((column) => {
      const least = column.source === 'plugin' ? pluginCharacters : 0;
      let most = this.#characters.get(column.id) ?? Math.max(least, column.title.length + 2);
      for (const row of measured) most = Math.max(most, column.source === 'age' ? 7 : cellText(row, column).length);
      this.#characters.set(column.id, most);
      return Math.round(Math.min(mostPx, Math.max(leastPx, most * characterPx + paddingPx)));
    });
  }
}
