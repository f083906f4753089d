import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRouter } from '@tanstack/react-router';
import { followLink } from '../../plugins/PluginLink.tsx';
import { GridRow, rowId } from './GridRow.tsx';
import type { ListRow } from './rows/list-row.ts';
import { isSortable, type ListColumn } from './rows/list-columns.ts';
import { moveSelection, toggleKey } from './rows/selection.ts';
import type { SortBy } from './list-search.ts';

/** Fixed, so that where a row stands needs no measuring. */
const rowPx = 36;

/** Rows beyond the edge that are there already when one scrolls. */
const overscan = 8;

/** A list's rows: only those in sight exist, and only those that change are rendered again. */
export function RowGrid(props: {
  readonly label: string;
  readonly columns: readonly ListColumn[];
  /** Least widths of the columns, in pixels; what is left over goes to the wide ones. */
  readonly widths: readonly number[];
  readonly rows: readonly ListRow[];
  /** The model's count of updates: a row that changed in the last one is marked. */
  readonly updates: number;
  readonly isStale: boolean;
  readonly sort: SortBy | undefined;
  readonly onSort: (column: string) => void;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
  readonly hrefOf: (row: ListRow) => string;
  readonly onOpen: (row: ListRow) => void;
  /** Told whether the rows must keep their places: somebody points at them, scrolls, or goes through them by keys. */
  readonly onHold: (isHeld: boolean) => void;
  /** Set by the grid: moves to the next row, or to the one before. */
  readonly moveRef: { current: (step: number) => void };
}): ReactElement {
  const { label, columns, widths, rows, updates, isStale, sort, onSort, selected, onSelect, hrefOf, onOpen, onHold } =
    props;
  const { history } = useRouter();
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  // The object stays the active one wherever its row moves to.
  const [activeKey, setActiveKey] = useState<string>();
  const [isPointedAt, setPointedAt] = useState(false);
  const [hasKeys, setKeys] = useState(false);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised by a compiler
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan,
    scrollPaddingStart: rowPx,
    paddingEnd: 8,
  });

  const isHeld = isPointedAt || hasKeys || virtualizer.isScrolling;
  useEffect(() => {
    onHold(isHeld);
  }, [onHold, isHeld]);
  useEffect(
    () => () => {
      onHold(false);
    },
    [onHold],
  );

  const move = (to: number): void => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[index];
    if (row === undefined) return;
    setActiveKey(row.key);
    virtualizer.scrollToIndex(index, { align: 'auto' });
  };
  const activeIndex = (): number => rows.findIndex(({ key }) => key === activeKey);
  const { moveRef } = props;
  useEffect(() => {
    moveRef.current = (step) => {
      scroller.current?.focus({ preventScroll: true });
      const index = activeIndex();
      move(index === -1 ? 0 : index + step);
    };
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    setKeys(true);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = activeIndex();
    const row = rows[index];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 2);
    const to = targetOf(event.key, index, page, rows.length);
    if (to !== undefined) {
      if (event.shiftKey) onSelect(moveSelection(selected, rows, index, to));
      move(to);
    } else if (event.key === 'Enter' && row !== undefined) onOpen(row);
    else if ((event.key === ' ' || event.key === 'x') && row !== undefined) onSelect(toggleKey(selected, row.key));
    else if (event.key === 'Escape' && selected.size > 0) onSelect(new Set());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  // One listener for all rows: a row that comes into sight binds nothing.
  const onClick = (event: MouseEvent): void => {
    if (!(event.target instanceof Element) || body.current === null) return;
    const element = childWith(body.current, event.target);
    const row = element === undefined ? undefined : rows.find(({ key }) => key === element.dataset['key']);
    if (element === undefined || row === undefined) return;
    setActiveKey(row.key);
    const cell = childWith(element, event.target);
    if (cell?.classList.contains('fw-grid-check') === true) {
      if (event.target instanceof HTMLInputElement) onSelect(toggleKey(selected, row.key));
      return;
    }
    if (cell?.dataset['plugin'] !== undefined && isOfPlugin(event, cell)) {
      followLink(event, history);
      return;
    }
    // A new tab is the browser's; marked text is to be copied.
    if (event.ctrlKey || event.metaKey || event.shiftKey || getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    onOpen(row);
  };

  const items = virtualizer.getVirtualItems();
  const areAllSelected = rows.length > 0 && selected.size >= rows.length && rows.every(({ key }) => selected.has(key));
  const activeId = activeKey !== undefined && items.some(({ index }) => rows[index]?.key === activeKey);
  return (
    <div
      className="fw-grid fw-numbers"
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={activeId ? rowId(activeKey) : undefined}
      tabIndex={0}
      ref={scroller}
      data-testid="rows"
      data-stale={isStale}
      style={columnStyle(widths)}
      onKeyDown={onKeyDown}
      onFocus={({ target, currentTarget }) => {
        setKeys(target === currentTarget && target.matches(':focus-visible'));
      }}
      onBlur={() => {
        setKeys(false);
      }}
      onClick={onClick}
    >
      <div className="fw-grid-head" role="row" aria-rowindex={1}>
        <div role="columnheader" className="fw-grid-check">
          <input
            type="checkbox"
            aria-label="Select every row"
            checked={areAllSelected}
            ref={(input) => {
              if (input !== null) input.indeterminate = selected.size > 0 && !areAllSelected;
            }}
            onChange={() => {
              onSelect(areAllSelected ? new Set() : new Set(rows.map(({ key }) => key)));
            }}
          />
        </div>
        {columns.map((column) => (
          <Head key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
      </div>
      <div
        role="rowgroup"
        className="fw-grid-body"
        ref={body}
        style={{ height: virtualizer.getTotalSize() }}
        onPointerEnter={({ pointerType }) => {
          // A finger that left has pointed at nothing since; that it scrolls is known.
          setPointedAt(pointerType !== 'touch');
        }}
        onPointerLeave={() => {
          setPointedAt(false);
        }}
      >
        {items.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <GridRow
              key={row.key}
              row={row}
              columns={columns}
              index={index}
              start={start}
              isFresh={row.changedIn === updates}
              isActive={row.key === activeKey}
              isSelected={selected.has(row.key)}
              hrefOf={hrefOf}
            />
          );
        })}
      </div>
    </div>
  );
}

/** The child of an element that has another within; what a plugin's cells hold cannot stand in for one. */
function childWith(parent: Element, within: Element): HTMLElement | undefined {
  return [...parent.children].find((child): child is HTMLElement => child.contains(within));
}

const controls = 'a, button, input, select, textarea, label, summary, [role=button], [tabindex], [contenteditable]';

/** Whether a click in a plugin's cell is for something in it, and not for the row. */
function isOfPlugin({ target, defaultPrevented }: MouseEvent, cell: Element): boolean {
  const control = (target as Element).closest(controls);
  return defaultPrevented || (control !== null && cell.contains(control));
}

function Head(props: {
  readonly column: ListColumn;
  readonly sort: SortBy | undefined;
  readonly onSort: (column: string) => void;
}): ReactElement {
  const { column, sort, onSort } = props;
  // What its cells say is known to the plugin alone.
  if (!isSortable(column)) {
    return (
      <div role="columnheader" title={column.description}>
        <span className="fw-grid-title">{column.title}</span>
      </div>
    );
  }
  const direction = sort?.column !== column.id ? 'none' : sort.descending ? 'descending' : 'ascending';
  return (
    <div role="columnheader" aria-sort={direction} data-number={column.isNumber}>
      <button
        type="button"
        title={column.description === '' ? undefined : column.description}
        onClick={() => {
          onSort(column.id);
        }}
      >
        {column.title}
        <span aria-hidden="true">{direction === 'none' ? '' : direction === 'ascending' ? '↑' : '↓'}</span>
      </button>
    </div>
  );
}

/** Of the check box. */
const checkPx = 40;

/** On a phone no column takes more of the view, so that there is always another in sight. */
const mostOfView = '55vw';

function columnStyle(widths: readonly number[]): Record<string, string> {
  const least = widths.map((px) => `min(${String(px)}px, ${mostOfView})`);
  const tracks = widths.map((px, index) => `minmax(${least[index] ?? '0px'}, ${String(px)}fr)`);
  return {
    '--fw-columns': `${String(checkPx)}px ${tracks.join(' ')}`,
    '--fw-least-width': `calc(${[`${String(checkPx)}px`, ...least].join(' + ')})`,
  };
}

/** Where a key leads from a row; undefined for a key that leads nowhere. */
function targetOf(key: string, index: number, page: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return index + 1;
    case 'ArrowUp':
      return index === -1 ? 0 : index - 1;
    case 'PageDown':
      return index + page;
    case 'PageUp':
      return index - page;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
