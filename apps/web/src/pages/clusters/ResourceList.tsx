import { useCallback, useMemo, useRef, useState, type ReactElement } from 'react';
import { useRouter } from '@tanstack/react-router';
import type { ApiResource, ClusterInfo, KubeResource } from '@fleetwire/kube-watch';
import { useShortcuts } from '../../frame/shortcuts/use-shortcuts.ts';
import { objectParams } from '../../kube/resource-key.ts';
import { LoadingRows, StateView } from '../../ui/StateViews.tsx';
import { BulkBar } from './bulk/BulkBar.tsx';
import { ColumnMenu } from './ColumnMenu.tsx';
import { formatSort, nextSort, type ListSearch, type ListState } from './list-search.ts';
import { listProblems } from './list-status.ts';
import { ListStatusLine } from './ListStatusLine.tsx';
import { RowGrid } from './RowGrid.tsx';
import type { ListRow } from './rows/list-row.ts';
import { useListData, type ListData } from './use-list-data.ts';

type Change = (change: { readonly [K in keyof ListSearch]?: string | undefined }) => void;

/** The rows of a list, how live they are, and what can be done with those that are selected. */
export function ResourceList(props: {
  readonly title: string;
  readonly state: ListState & { readonly resource: KubeResource };
  readonly clusters: readonly string[];
  /** Those that the user has; undefined until they are known. */
  readonly known: readonly ClusterInfo[] | undefined;
  readonly kind: ApiResource | undefined;
  readonly onChange: Change;
}): ReactElement {
  const { title, state, clusters, known, kind, onChange } = props;
  const [isHeld, setHeld] = useState(false);
  const data = useListData(state, clusters, kind, isHeld);
  const { result, model, rows, columns, shown, widths } = data;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const router = useRouter();
  const move = useRef<(step: number) => void>(() => undefined);
  useShortcuts({
    j: () => {
      move.current(1);
    },
    k: () => {
      move.current(-1);
    },
  });

  const { resource } = state;
  const hrefOf = useCallback(
    ({ cluster, object }: ListRow): string => {
      const { namespace, name } = object.metadata;
      const params = objectParams(cluster, resource, namespace, name);
      return `/clusters/${encodeURIComponent(params.cluster)}/${params.resource}/${params.namespace}/${encodeURIComponent(params.name)}`;
    },
    [resource],
  );
  const open = (row: ListRow): void => {
    router.history.push(hrefOf(row));
  };
  // Its popover would be a tenth of what an event costs.
  const columnMenu = useMemo(
    () => (
      <ColumnMenu
        columns={columns}
        chosen={state.columns}
        onChange={(chosen) => {
          onChange({ cols: chosen?.join() });
        }}
      />
    ),
    [columns, state.columns, onChange],
  );
  // Nobody means what they do not see.
  const picked = model.pick(selected);

  return (
    <section className="fw-card fw-list" data-stale={result.isStale} aria-label={title}>
      <div className="fw-list-head">
        {picked.rows.length > 0 ? (
          <BulkBar
            rows={picked.rows}
            hidden={picked.hidden}
            resource={state.resource}
            title={title}
            kind={kind}
            onClear={() => {
              setSelected(new Set());
            }}
          />
        ) : (
          <ListStatusLine result={result} shown={rows.length} total={model.total} />
        )}
        {isHeld && model.late > 0 ? (
          <span
            className="fw-tag fw-list-held"
            data-testid="order-held"
            title="Rows keep their places while you point at them, scroll or go through them by keys."
          >
            Order held
          </span>
        ) : null}
        {columnMenu}
      </div>
      {rows.length > 0 ? (
        <RowGrid
          label={title}
          columns={shown}
          widths={widths}
          rows={rows}
          updates={model.updates}
          isStale={result.isStale}
          sort={state.sort}
          onSort={(column) => {
            onChange({ sort: formatSort(nextSort(state.sort, column)) });
          }}
          selected={selected}
          onSelect={setSelected}
          hrefOf={hrefOf}
          onOpen={open}
          onHold={setHeld}
          moveRef={move}
        />
      ) : (
        <NoRows title={title} data={data} state={state} clusters={clusters} known={known} onChange={onChange} />
      )}
    </section>
  );
}

/** What stands where rows would: they load, there are none, or they are kept away. */
function NoRows(props: {
  readonly title: string;
  readonly data: ListData;
  readonly state: ListState;
  readonly clusters: readonly string[];
  readonly known: readonly ClusterInfo[] | undefined;
  readonly onChange: Change;
}): ReactElement {
  const { title, data, state, clusters, known, onChange } = props;
  const { result, model } = data;
  const problems = listProblems(result.targets);
  const hasSelector = state.labelSelector !== '' || state.fieldSelector !== '';
  if (clusters.length === 0 && known !== undefined) {
    return <StateView kind="empty" icon="clusters" title="There is no cluster to list from" />;
  }
  if (model.total > 0) {
    return (
      <StateView
        kind="empty"
        icon="search"
        title={`Nothing fits “${state.filter}”`}
        action={{
          label: `Show all ${String(model.total)}`,
          run: () => {
            onChange({ q: '' });
          },
        }}
      />
    );
  }
  const areAllAway = result.targets.length > 0 && result.targets.every(({ error }) => error !== undefined);
  const kinds = new Set(problems.map(({ kind }) => kind));
  const [kind] = kinds.size === 1 ? [...kinds] : [];
  const isGone = areAllAway && kind === 'missing';
  if (isGone && known !== undefined && !clusters.some((name) => known.some((cluster) => cluster.name === name))) {
    const [first = ''] = clusters;
    return (
      <StateView
        kind="error"
        icon="clusters"
        title={clusters.length === 1 ? `There is no cluster “${first}”` : 'There are no such clusters'}
      >
        It was removed or renamed, or it is not for you.
      </StateView>
    );
  }
  if (areAllAway && (isGone || !result.isSynced)) {
    const what = title.toLowerCase();
    return (
      <StateView
        kind={kind === 'denied' ? 'denied' : 'error'}
        title={
          kind === 'denied'
            ? `You may not list ${what} here`
            : kind === 'missing'
              ? `There are no ${what} in ${clusters.length === 1 ? 'this cluster' : 'these clusters'}`
              : `The ${what} cannot be listed`
        }
        action={{ label: 'Try again', run: () => void result.refetch().catch(() => undefined) }}
      >
        {problems.map(({ where, message }) => (
          <div key={where}>
            {where}: {message}
          </div>
        ))}
      </StateView>
    );
  }
  if (result.isLoading || clusters.length === 0 || !result.isSynced) return <LoadingRows label={`Loading ${title}`} />;
  return (
    <StateView
      kind="empty"
      title={`No ${title.toLowerCase()} ${whereOf(state, clusters)}`}
      action={
        hasSelector
          ? {
              label: 'Clear the selectors',
              run: () => {
                onChange({ labels: '', fields: '' });
              },
            }
          : undefined
      }
    >
      {hasSelector ? 'The selectors may leave out what there is.' : 'What is created appears here at once.'}
    </StateView>
  );
}

function whereOf({ namespaces }: ListState, clusters: readonly string[]): string {
  const cluster = clusters.length === 1 ? (clusters[0] ?? '') : `${String(clusters.length)} clusters`;
  if (namespaces.length === 0) return `in ${cluster}`;
  return `in ${namespaces.length === 1 ? (namespaces[0] ?? '') : `${String(namespaces.length)} namespaces`} of ${cluster}`;
}
