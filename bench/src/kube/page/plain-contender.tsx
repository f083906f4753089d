import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClientProvider, useQuery, type QueryClient } from '@tanstack/react-query';
import { Shown, type Contender } from './contender.ts';

interface Pod {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

interface PodList {
  readonly items: readonly Pod[];
}

const queryKey = ['pods'];

/** As dashboards do today: each event copies the list, and the query cache compares the copy with what it had. */
export async function createPlainContender(queryClient: QueryClient, pods: number): Promise<Contender> {
  const shown = new Shown();
  let newest = '';
  function List() {
    const { data } = useQuery<PodList>({
      queryKey,
      queryFn: async () => (await (await fetch(`/list?pods=${String(pods)}`)).json()) as PodList,
      staleTime: Infinity,
    });
    useEffect(() => {
      shown.render(data?.items.length ?? 0, newest);
    });
    return <p>{data?.items.length}</p>;
  }
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  root.render(
    <QueryClientProvider client={queryClient}>
      <List />
    </QueryClientProvider>,
  );
  return {
    get renders() {
      return shown.renders;
    },
    get shownItems() {
      return shown.items;
    },
    get newestShown() {
      return shown.newest;
    },
    push(text) {
      const { object } = JSON.parse(text) as { readonly object: Pod };
      newest = object.metadata.resourceVersion;
      queryClient.setQueryData<PodList>(queryKey, (list) => {
        if (list === undefined) return list;
        const items = [...list.items];
        const index = items.findIndex((item) => item.metadata.uid === object.metadata.uid);
        if (index === -1) items.push(object);
        else items[index] = object;
        return { ...list, items };
      });
    },
    until: (condition) => shown.until(condition),
    dispose() {
      root.unmount();
      host.remove();
      queryClient.clear();
    },
  };
}
