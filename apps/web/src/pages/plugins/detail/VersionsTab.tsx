import type { ReactElement } from 'react';
import { Button, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { CatalogDetails } from '@fleetwire/plugin-manager';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { Compatibility } from '../Compatibility.tsx';
import { changeSearch } from '../plugins-search.ts';
import { isRefused } from '../release-verdict.ts';
import { Changes } from '../updates/Changes.tsx';
import { useRelease } from '../use-release.ts';

const route = getRouteApi('/frame/plugins/$id');

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** The versions that there are, and whether each fits; what is not looked at is not asked for. */
export function VersionsTab(props: {
  readonly id: string;
  readonly catalog: UseQueryResult<CatalogDetails>;
  readonly installedVersion: string | undefined;
}): ReactElement {
  const { id, catalog, installedVersion } = props;
  const { version: open } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error } = catalog;
  if (data === undefined) {
    return (
      <div className="fw-card fw-flush">
        {error === null ? (
          <LoadingRows rows={4} label="Loading the versions" />
        ) : (
          <StateView
            kind="error"
            title="The versions cannot be shown"
            action={{ label: 'Try again', run: () => void catalog.refetch() }}
          >
            {error.message}
          </StateView>
        )}
      </div>
    );
  }
  const passedOver = new Map(data.passedOver.map(({ version, reason }) => [version, reason]));
  return (
    <div className="fw-card fw-flush">
      {data.versions.length === 0 ? (
        <StateView kind="empty" title="There is no version">
          The source names none.
        </StateView>
      ) : (
        <ul className="fw-plugins" aria-label="Versions">
          {data.versions.map(({ version, isPrerelease, publishedAt }) => (
            <VersionRow
              key={version}
              id={id}
              version={version}
              tags={[
                ...(version === installedVersion ? ['installed'] : []),
                ...(version === data.newestCompatible ? ['newest that fits'] : []),
                ...(isPrerelease ? ['prerelease'] : []),
              ]}
              reason={passedOver.get(version)}
              publishedAt={publishedAt}
              isInstalled={version === installedVersion}
              isOpen={version === open}
              onToggle={() => {
                const next = version === open ? undefined : version;
                void navigate({ search: (search) => changeSearch(search, { version: next }), replace: true });
              }}
              onInstall={() => {
                void navigate({ search: (search) => changeSearch(search, { install: version }) });
              }}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function VersionRow(props: {
  readonly id: string;
  readonly version: string;
  readonly tags: readonly string[];
  /** Why it was passed over. */
  readonly reason: string | undefined;
  readonly publishedAt: number | undefined;
  readonly isInstalled: boolean;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly onInstall: () => void;
}): ReactElement {
  const { id, version, tags, reason, publishedAt, isInstalled, isOpen, onToggle, onInstall } = props;
  const { data, error } = useRelease(id, isOpen ? version : undefined);
  return (
    <li className="fw-plugin" data-testid={`version-${version}`}>
      <div className="fw-plugin-what">
        <div className="fw-plugin-head">
          <Text fw={600} className="fw-numbers fw-anywhere">
            {version}
          </Text>
          {tags.map((tag) => (
            <span key={tag} className="fw-tag">
              {tag}
            </span>
          ))}
          {/* Catalogs write 0 for a time that they do not know. */}
          {publishedAt === undefined || publishedAt <= 0 ? null : (
            <Text span size="sm" c="dimmed">
              <time dateTime={new Date(publishedAt).toISOString()}>{dates.format(publishedAt)}</time>
            </Text>
          )}
        </div>
        {/* Once it is looked at, its verdict says the same. */}
        {reason === undefined || data !== undefined ? null : (
          <Text size="sm" className="fw-reason">
            {reason}
          </Text>
        )}
        {!isOpen ? null : data !== undefined ? (
          <>
            <Compatibility release={data} />
            <Changes changes={data.release.changes} />
          </>
        ) : (
          <Text size="sm" mt={6} role="status" className={error === null ? 'fw-quiet' : 'fw-reason'}>
            {error === null ? 'Asking the source' : error.message}
          </Text>
        )}
      </div>
      <div className="fw-plugin-controls">
        <Button
          size="xs"
          variant="default"
          aria-expanded={isOpen}
          aria-label={isOpen ? `Less of ${version}` : `Look at ${version}`}
          onClick={onToggle}
        >
          {isOpen ? 'Less' : 'Look'}
        </Button>
        {isInstalled || isRefused({ reason, data, error }) ? null : (
          <Button size="xs" variant="default" aria-label={`Install ${version}`} onClick={onInstall}>
            Install
          </Button>
        )}
      </div>
    </li>
  );
}
