import { useRef, type ReactElement } from 'react';
import { Group, NativeSelect, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { PluginSummary } from '@fleetwire/plugin-manager';
import { ApiError } from '../../../auth/auth-session.ts';
import { useShortcuts } from '../../../frame/shortcuts/use-shortcuts.ts';
import { titleOf } from '../../../plugins/plugin-title.ts';
import { Icon } from '../../../ui/icons.tsx';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { useDraft } from '../../../ui/use-draft.ts';
import { usePluginsApi, usePluginsKey } from '../api/use-plugins-api.ts';
import { changeSearch, pageCount, pageSize } from '../plugins-search.ts';
import { whySilent } from '../source-words.ts';
import { CatalogPages } from './CatalogPages.tsx';
import { CatalogRow } from './CatalogRow.tsx';
import { NothingFound } from './NothingFound.tsx';

const route = getRouteApi('/frame/plugins');

/** Long enough to end a word, short enough not to wait. */
const settleMs = 300;

/** What the sources offer. */
export function CatalogTab(props: {
  readonly installed: ReadonlyMap<string, PluginSummary>;
  /** Names of all there are. */
  readonly sources: readonly string[];
}): ReactElement {
  const { installed } = props;
  const { q = '', source = '', page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const api = usePluginsApi();
  const key = usePluginsKey();
  const query = { query: q, source, limit: pageSize, offset: (page - 1) * pageSize };
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery({
    queryKey: key('search', query),
    queryFn: ({ signal }) => api.search(query, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  const setQuery = (text: string): void => {
    void navigate({ search: (search) => changeSearch(search, { q: text.trim(), page: undefined }), replace: true });
  };
  const draft = useDraft(q, setQuery, settleMs);
  const searchRef = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => searchRef.current?.focus() });
  const showAllSources = (): void => {
    void navigate({ search: (search) => changeSearch(search, { source: undefined, page: undefined }), replace: true });
  };
  // An address may name one that there is no more.
  const sources = [...new Set([...props.sources, ...(source === '' ? [] : [source])])];

  return (
    <>
      <Group gap="sm">
        <form
          role="search"
          className="fw-grow"
          onSubmit={(event) => {
            event.preventDefault();
            draft.commit();
          }}
        >
          <TextInput
            ref={searchRef}
            aria-label="Search the catalog"
            placeholder="Search the catalog"
            type="search"
            leftSection={<Icon name="search" size={16} />}
            value={draft.text}
            onChange={(event) => {
              draft.type(event.currentTarget.value);
            }}
          />
        </form>
        <NativeSelect
          aria-label="Source"
          value={source}
          data={[{ value: '', label: 'All sources' }, ...sources]}
          onChange={(event) => {
            const next = event.currentTarget.value;
            void navigate({
              search: (search) => changeSearch(search, { source: next, page: undefined }),
              replace: true,
            });
          }}
        />
      </Group>
      {data?.failures.map(({ source: name, failure }) => (
        <p key={name} className="fw-notice fw-failed-source" data-tone="bad" role="status">
          <Icon name="alert" />
          <span className="fw-anywhere">
            The source <strong>{name}</strong> did not answer: {whySilent(failure)}
          </span>
        </p>
      ))}
      <div className="fw-card fw-flush" aria-busy={isFetching} data-fading={isPlaceholderData}>
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={6} label="Searching the catalog" />
          ) : (
            <CatalogFailure error={error} source={source} onRetry={() => void refetch()} onAll={showAllSources} />
          )
        ) : data.items.length === 0 ? (
          <NothingFound
            q={q}
            page={page}
            failed={data.failures.map(({ source: name }) => name)}
            onClear={() => {
              draft.reset();
              void navigate({ search: { tab: 'catalog' }, replace: true });
            }}
            onRetry={() => void refetch()}
          />
        ) : (
          <ul className="fw-plugins" aria-label="Plugins of the catalog">
            {data.items.map((item) => (
              <CatalogRow
                key={item.id}
                item={item}
                name={titleOf(item, [...installed.values(), ...data.items])}
                installedVersion={installed.get(item.id)?.version}
              />
            ))}
          </ul>
        )}
      </div>
      {data === undefined || data.items.length === 0 ? null : (
        <CatalogPages
          page={page}
          total={data.total}
          // Each source fills a page of its own: where none is full, none has more.
          isLast={data.items.length < pageSize || page >= pageCount(data.total)}
          hasOneSource={sources.length === 1 || source !== ''}
          onPage={(next) => {
            void navigate({
              search: (search) => changeSearch(search, { page: next === 1 ? undefined : next }),
            });
          }}
        />
      )}
    </>
  );
}

function CatalogFailure(props: {
  readonly error: Error;
  readonly source: string;
  readonly onRetry: () => void;
  readonly onAll: () => void;
}): ReactElement {
  const { error, source, onRetry, onAll } = props;
  if (error instanceof ApiError && error.code === 'E_SOURCE_DENIED') {
    return (
      <StateView
        kind="error"
        title={`There is no source called ${source}`}
        action={{ label: 'All sources', run: onAll }}
      >
        The sources are those of the policy of this server.
      </StateView>
    );
  }
  return (
    <StateView kind="error" title="The catalog cannot be shown" action={{ label: 'Try again', run: onRetry }}>
      {error.message}
    </StateView>
  );
}
