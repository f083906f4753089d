import { useEffect, useReducer, useRef, type ReactElement, type ReactNode } from 'react';
import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { CatalogDetails } from '@fleetwire/plugin-manager';
import { ApiError } from '../../../auth/auth-session.ts';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { usePluginsApi } from '../api/use-plugins-api.ts';
import { Compatibility } from '../Compatibility.tsx';
import { begunNow } from '../installed/use-plugin-actions.ts';
import { useOperationEvents } from '../operations/use-operations.ts';
import { noneTakenTitle, verdictOf } from '../release-verdict.ts';
import { mayAskAgain, notInstallableTitle } from '../source-words.ts';
import { useRelease } from '../use-release.ts';
import {
  installStart,
  startChoice,
  installTransition,
  needsAcceptance,
  obstacleOf,
  wishOf,
  type ShownRelease,
} from './install-flow.ts';
import { isOlder } from './version-order.ts';

/** Says what an install of a version means, and begins it. */
export function InstallDialog(props: {
  readonly id: string;
  /** What tells it from all others. */
  readonly name: string;
  /** Absent: the newest that fits. */
  readonly version: string | undefined;
  /** Of its package.json, where an attempt failed as it is another one. */
  readonly packageName: string | undefined;
  readonly catalog: UseQueryResult<CatalogDetails>;
  /** What the installed version adds, in words; empty where it is not known. */
  readonly adds: string;
  readonly onClose: () => void;
}): ReactElement {
  const { id, name, version, packageName, catalog, adds, onClose } = props;
  const chosen = version ?? catalog.data?.newestCompatible;
  const release = useRelease(id, chosen);
  const { data } = release;
  const asked = chosen === undefined ? catalog : release;
  const failure = asked.error;
  const retry = (): void => void asked.refetch();
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Install ${name}${chosen === undefined ? '' : ` ${chosen}`}`}
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
      centered
    >
      {data !== undefined ? (
        <InstallForm key={data.release.version} release={{ ...data, packageName }} adds={adds} onClose={onClose} />
      ) : failure !== null ? (
        <StateView
          kind="error"
          title={notInstallableTitle(failure)}
          action={mayAskAgain(failure) ? { label: 'Try again', run: retry } : undefined}
        >
          {failure.message}
        </StateView>
      ) : chosen === undefined && catalog.data !== undefined ? (
        <NothingFits details={catalog.data} />
      ) : (
        <LoadingRows rows={4} label="Asking the source" />
      )}
    </Modal>
  );
}

function InstallForm({
  release,
  adds,
  onClose,
}: {
  readonly release: ShownRelease;
  readonly adds: string;
  readonly onClose: () => void;
}): ReactElement {
  // It comes after its dialog, which has given the focus to what there was by then. Cancel has it, so that no key too many
  // installs; what is to be read first stays in sight.
  const cancelRef = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    cancelRef.current?.focus({ preventScroll: true });
  }, []);
  const api = usePluginsApi();
  const onEvent = useOperationEvents();
  const [flow, dispatch] = useReducer(installTransition, installStart);
  const { id, installedVersion } = release;
  const { version, isPrerelease, extraFiles } = release.release;
  const obstacle = obstacleOf(release, flow);
  // What the verdict says already is not said twice.
  const said = verdictOf(release).tone === 'bad' && release.denied?.code !== 'E_INTEGRITY' ? undefined : obstacle;
  const refusal = flow.status === 'deciding' ? flow.refusal : undefined;

  const submit = async (): Promise<void> => {
    if (flow.status !== 'deciding' || obstacle !== undefined) return;
    const { choice: confirmed } = flow;
    dispatch({ type: 'confirmed' });
    try {
      const operationId = await api.install(wishOf(release, confirmed));
      dispatch({ type: 'begun', operationId });
      onEvent({ type: 'begun', operation: begunNow(operationId, 'install', id) });
      onClose();
    } catch (error) {
      const code = error instanceof ApiError ? error.code : 'UNREACHABLE';
      dispatch({ type: 'refused', refusal: { code, message: (error as Error).message } });
    }
  };
  const { acceptsPublisher, isEnabled } = flow.status === 'begun' ? startChoice : flow.choice;
  return (
    <Stack gap="md">
      <Text size="sm">
        A plugin runs in the dashboards of everybody on this server, and can do there whatever the one who looks at it
        can do. Install what you trust.
      </Text>
      {installedVersion === undefined ? null : (
        <Text size="sm" data-testid="takes-place">
          {placeOf(version, installedVersion, adds)}
        </Text>
      )}
      {isPrerelease ? <Caution>This is a prerelease: its publisher does not call it done.</Caution> : null}
      {extraFiles.length === 0 ? null : (
        <Caution>
          It asks for {extraFiles.length === 1 ? 'a further file' : `${String(extraFiles.length)} further files`} beside
          its archive, if the policy lets it.
        </Caution>
      )}
      <div id="verdict">
        <Compatibility release={release} />
      </div>
      <Publisher release={release} />
      {needsAcceptance(release) ? (
        <Checkbox
          label="Another publisher is all right: from now on the plugin is bound to this one"
          checked={acceptsPublisher}
          onChange={(event) => {
            dispatch({ type: 'chosen', choice: { acceptsPublisher: event.currentTarget.checked } });
          }}
        />
      ) : null}
      <Checkbox
        label="Enable it once it is installed"
        checked={isEnabled}
        onChange={(event) => {
          dispatch({ type: 'chosen', choice: { isEnabled: event.currentTarget.checked } });
        }}
      />
      {refusal === undefined ? null : (
        <p className="fw-notice" data-tone="bad" role="alert" style={{ margin: 0 }}>
          <span className="fw-anywhere">
            {refusal.message} ({refusal.code})
          </span>
        </p>
      )}
      {said === undefined ? null : (
        <Text size="sm" id="obstacle" data-testid="obstacle">
          {said}
        </Text>
      )}
      <Group justify="flex-end" gap="sm">
        <Button ref={cancelRef} variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button
          loading={flow.status === 'sending'}
          disabled={obstacle !== undefined}
          aria-describedby={obstacle === undefined ? undefined : said === undefined ? 'verdict' : 'obstacle'}
          onClick={() => void submit()}
        >
          Install {version}
        </Button>
      </Group>
    </Stack>
  );
}

/** What it is beside the installed version. */
function placeOf(version: string, installedVersion: string, adds: string): string {
  if (version === installedVersion) return 'It is installed already.';
  if (isOlder(version, installedVersion)) return `It is older than ${installedVersion}, which is installed.`;
  return `It takes the place of ${installedVersion}, which ${adds === '' ? '' : `adds ${adds} and `}is kept to roll back to.`;
}

function Caution({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <p className="fw-notice" data-tone="busy" style={{ margin: 0 }}>
      {children}
    </p>
  );
}

function Publisher({ release: shown }: { readonly release: ShownRelease }): ReactElement {
  const { id, publisher, release, publisherChanges, packageName } = shown;
  const { repositoryId, signature, archiveUrl } = release;
  const lostKey = publisherChanges?.find(({ what }) => what === 'keyId')?.expected;
  const words = {
    'first-install': 'The plugin is bound to this repository from now on.',
    same: 'The repository is the one that the plugin is bound to.',
    changed: publisherChanges?.every(({ what }) => what === 'keyId')
      ? 'The signature is not by the key that the plugin is bound to: somebody else may have made this version.'
      : 'The repository is not the one that the plugin is bound to: somebody else may publish under its name.',
  } as const;
  return (
    <div data-testid="publisher">
      <Text size="sm" {...(publisher === 'changed' ? { className: 'fw-reason' } : {})}>
        {words[publisher]}
      </Text>
      {lostKey === undefined ? null : (
        <Text size="sm" className="fw-reason">
          It was signed with {lostKey} so far; whoever accepts this gives that up.
        </Text>
      )}
      {packageName === undefined ? null : (
        <Text size="sm" className="fw-reason fw-anywhere">
          Its package calls itself {packageName}, which is not the name that the plugin is bound to.
        </Text>
      )}
      <Text size="sm" c="dimmed" className="fw-anywhere">
        {id}
        <br />
        Repository {repositoryId} · {signature === undefined ? 'not signed' : `signed with ${signature.keyId}`}
        <br />
        {archiveUrl}
      </Text>
    </div>
  );
}

function NothingFits({ details }: { readonly details: CatalogDetails }): ReactElement {
  return (
    <StateView kind="empty" title={noneTakenTitle(details)}>
      <ul className="fw-checks">
        {details.passedOver.slice(0, 5).map(({ version, reason }) => (
          <li key={version}>
            {version}: {reason}
          </li>
        ))}
      </ul>
    </StateView>
  );
}
