import { memo, useState, type ReactElement } from 'react';
import { PluginCell } from '../../plugins/PluginCell.tsx';
import { Age } from '../../ui/Age.tsx';
import { cellTone } from './rows/cell-tone.ts';
import type { ListColumn } from './rows/list-columns.ts';
import { cellText, createdAtOf, type ListRow } from './rows/list-row.ts';

/** A text that may be cut off is told whole when one points at it. */
const longText = 24;

/** A row of a grid; renders again only when what it shows changes. */
export const GridRow = memo(function GridRow(props: {
  readonly row: ListRow;
  readonly columns: readonly ListColumn[];
  readonly index: number;
  readonly start: number;
  readonly isFresh: boolean;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly hrefOf: (row: ListRow) => string;
}): ReactElement {
  const { row, columns, index, start, isFresh, isActive, isSelected, hrefOf } = props;
  // What changed before the row came into sight is not marked again.
  const [cameWith] = useState(isFresh ? row.revision - 1 : row.revision);
  // Two names of one animation, so that each change begins it anew.
  const pulse = row.revision === cameWith ? undefined : row.revision % 2 === 0 ? 'even' : 'odd';
  return (
    <div
      role="row"
      id={rowId(row.key)}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      className="fw-grid-row"
      data-key={row.key}
      data-active={isActive}
      data-pulse={pulse}
      style={{ transform: `translateY(${String(start)}px)` }}
    >
      <div role="gridcell" className="fw-grid-check">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${row.object.metadata.name}`}
          checked={isSelected}
          readOnly
        />
      </div>
      <Cells row={row} columns={columns} hrefOf={hrefOf} />
    </div>
  );
});

const Cells = memo(function Cells(props: {
  readonly row: ListRow;
  readonly columns: readonly ListColumn[];
  readonly hrefOf: (row: ListRow) => string;
}): ReactElement {
  const { row, columns, hrefOf } = props;
  return (
    <>
      {columns.map((column) => {
        if (column.source === 'age') {
          return (
            <div key={column.id} role="gridcell">
              <Age at={createdAtOf(row.object)} />
            </div>
          );
        }
        if (column.contribution !== undefined) {
          return (
            <div key={column.id} role="gridcell" data-plugin={column.contribution.pluginId}>
              <PluginCell contribution={column.contribution} object={row.object} cluster={row.cluster} />
            </div>
          );
        }
        const text = cellText(row, column);
        return (
          <div
            key={column.id}
            role="gridcell"
            title={text.length > longText ? text : undefined}
            data-number={column.isNumber}
            data-tone={column.source === 'cell' ? cellTone(column.title, text, row.object.cells) : undefined}
          >
            {column.source === 'name' ? (
              <a href={hrefOf(row)} tabIndex={-1}>
                {text}
              </a>
            ) : (
              text
            )}
          </div>
        );
      })}
    </>
  );
});

/** The id of a row's element. */
export function rowId(key: string): string {
  return `row-${key.replace(/\s/g, '-')}`;
}
