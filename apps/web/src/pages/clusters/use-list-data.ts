import { useMemo, useState } from 'react';
import type { ApiResource, ClusterInfo, TableColumnDefinition, TableObject } from '@fleetwire/kube-watch';
import { useKubeObjectList, type ColumnsOf, type KubeObjectListResult } from '@fleetwire/kube-watch/react';
import type { KubeResource } from '@fleetwire/kube-watch';
import { useActivated, useContributions, usePluginLoader } from '@fleetwire/plugin-manager/react';
import { targetsOf } from '../../plugins/plugin-targets.ts';
import type { ListState } from './list-search.ts';
import { ColumnWidths } from './rows/column-widths.ts';
import { isSortable, listColumns, shownColumns, withPluginColumns, type ListColumn } from './rows/list-columns.ts';
import type { ListRow } from './rows/list-row.ts';
import { RowModel } from './rows/row-model.ts';
import { useOrderedRows } from './rows/use-ordered-rows.ts';
import { fieldSelectorProblem, labelSelectorProblem } from './selectors.ts';

/** A list as the page shows it. */
export interface ListData {
  readonly result: KubeObjectListResult<TableObject>;
  readonly model: RowModel;
  readonly rows: readonly ListRow[];
  /** All that may be shown. */
  readonly columns: readonly ListColumn[];
  readonly shown: readonly ListColumn[];
  /** Least widths of those that are shown, in pixels. */
  readonly widths: readonly number[];
}

/** Lists the resource over the clusters and keeps its rows in order. `kind` is what discovery says, when it is known. */
export function useListData(
  state: ListState & { readonly resource: KubeResource },
  clusters: readonly string[],
  kind: ApiResource | undefined,
  isOrderHeld: boolean,
): ListData {
  const { resource, namespaces, filter, labelSelector, fieldSelector, sort } = state;
  const isNamespaced = kind?.namespaced ?? true;
  const result = useKubeObjectList<TableObject>({
    resource,
    clusters,
    namespaces: isNamespaced ? namespaces : [],
    // What is not well formed is told beside its field, and not sent.
    labelSelector: labelSelectorProblem(labelSelector) === undefined ? labelSelector : undefined,
    fieldSelector: fieldSelectorProblem(fieldSelector) === undefined ? fieldSelector : undefined,
    projection: 'table',
    enabled: clusters.length > 0,
  });

  const { columnsOf } = result;
  const manyClusters = clusters.length > 1;
  const manyNamespaces = namespaces.length !== 1;
  const scope = JSON.stringify([clusters, isNamespaced && namespaces.length > 0 ? namespaces : [null]]);
  const printed = useMemo(
    () => listColumns(printedIn(scope, columnsOf), { isNamespaced, manyNamespaces, manyClusters }, columnsOf),
    [scope, columnsOf, isNamespaced, manyNamespaces, manyClusters],
  );
  const added = useContributions('listColumn', { target: targetsOf(resource) });
  const loader = usePluginLoader();
  const columns = useMemo(() => withPluginColumns(printed, added, loader), [printed, added, loader]);
  const ofPlugins = useMemo(() => columns.filter(({ text }) => text !== undefined), [columns]);
  const chosen = state.columns?.join();
  const shown = useMemo(() => shownColumns(columns, chosen?.split(',')), [columns, chosen]);

  const [model] = useState(() => new RowModel());
  const [widths] = useState(() => new ColumnWidths());
  useActivated(useMemo(() => shown.flatMap(({ contribution }) => contribution ?? []), [shown]));
  const column = columns.find((each) => each.id === sort?.column && isSortable(each));
  const plan = {
    filter,
    ofPlugins,
    sort: column === undefined || sort === undefined ? undefined : { column, descending: sort.descending },
  };
  // The first list is no change.
  const rows = useOrderedRows(model, result.items, plan, result.isSynced && model.total > 0, isOrderHeld);
  return { result, model, rows, columns, shown, widths: widths.measure(shown, rows) };
}

/** What the servers of a scope, clusters and namespaces as JSON, print; those that have not answered yet are left out. */
function printedIn(scope: string, columnsOf: ColumnsOf): readonly (readonly TableColumnDefinition[])[] {
  const [clusters, namespaces] = JSON.parse(scope) as [readonly string[], readonly (string | null)[]];
  return clusters.flatMap((cluster) =>
    namespaces.flatMap((namespace) => {
      const printed = columnsOf(cluster, namespace ?? undefined);
      return printed === undefined ? [] : [printed];
    }),
  );
}

/** Names of the clusters that a list goes over: those chosen, or all that could answer. */
export function listedClusters(
  chosen: readonly string[],
  clusters: readonly ClusterInfo[] | undefined,
): readonly string[] {
  if (chosen.length > 0) return chosen;
  return (clusters ?? []).map(({ name }) => name);
}
