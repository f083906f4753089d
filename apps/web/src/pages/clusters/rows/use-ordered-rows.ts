import { useEffect, useState } from 'react';
import type { ClusterObject, TableObject } from '@fleetwire/kube-watch';
import type { ListRow } from './list-row.ts';
import type { RowModel, RowPlan } from './row-model.ts';

/** Between two orders of the rows: what moves more often is not read. */
const turnMs = 500;

/**
 * The rows of a model, kept current. Rows that changed go where they belong twice a second at most, and not at all while
 * the order `isHeld`. `marks` is {@link RowModel.update}'s.
 */
export function useOrderedRows(
  model: RowModel,
  items: readonly ClusterObject<TableObject>[],
  plan: RowPlan,
  marks: boolean,
  isHeld: boolean,
): readonly ListRow[] {
  const [turn, setTurn] = useState(0);
  // Idempotent: the same items change nothing, so that a second rendering does no harm.
  const rows = model.update(items, plan, marks, turn);
  const isDue = model.late > 0 && !isHeld;
  useEffect(() => {
    if (!isDue) return undefined;
    const timer = setTimeout(() => {
      setTurn((before) => before + 1);
    }, turnMs);
    return () => {
      clearTimeout(timer);
    };
  }, [isDue, turn]);
  return rows;
}
