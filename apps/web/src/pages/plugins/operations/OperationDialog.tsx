import type { ReactElement } from 'react';
import { Alert, Modal, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { PluginFailure, PluginOperationView } from '@fleetwire/plugin-manager';
import { Ago } from '../../../ui/Ago.tsx';
import { formatDuration } from '../../../ui/format.ts';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import type { NameOf } from '../api/use-installed.ts';
import { Fact } from '../Fact.tsx';
import { folderOfId } from '../plugin-address.ts';
import { changeSearch, newestVersion, type PluginSearch } from '../plugins-search.ts';
import { changedNameOf, phaseOf, titleOfOperation } from './operation-words.ts';
import { useOperationView } from './use-operation-view.ts';

/** Everything that is known of one operation. */
export function OperationDialog(props: {
  readonly operationId: string;
  readonly nameOf: NameOf;
  readonly onClose: () => void;
}): ReactElement {
  const { operationId, nameOf, onClose } = props;
  const { channel, view, isGone } = useOperationView(operationId);
  return (
    <Modal
      opened
      onClose={onClose}
      size={560}
      title={view === undefined ? 'Operation' : titleOfOperation(view.action, nameOf(view.pluginId, view.title))}
      closeButtonProps={{ 'aria-label': 'Close' }}
      centered
    >
      {view !== undefined ? (
        <OperationFacts view={view} />
      ) : channel.status === 'failed' || isGone ? (
        <StateView kind={isGone ? 'empty' : 'error'} title="There is nothing to show">
          {isGone
            ? 'The server keeps an operation for an hour after its end, and does not know of this one.'
            : channel.error?.message}
        </StateView>
      ) : (
        <LoadingRows rows={3} label="Loading the operation" />
      )}
    </Modal>
  );
}

function OperationFacts({ view }: { readonly view: PluginOperationView }): ReactElement {
  const { pluginId, startedAt, endedAt, startedBy, failure, warnings, version } = view;
  return (
    <Stack gap="md">
      {failure === undefined ? null : <Failure failure={failure} pluginId={pluginId} />}
      <dl className="fw-plugin-facts">
        <Fact name="State">
          {phaseOf(view)}
          {view.state === 'running' ? `, ${String(Math.round(view.percentage))} %` : ''}
        </Fact>
        <Fact name="Plugin">
          <Link to="/plugins/$id" params={{ id: folderOfId(pluginId) }} className="fw-link">
            {pluginId}
          </Link>
        </Fact>
        {version === undefined ? null : <Fact name="Active since">{version}</Fact>}
        <Fact name="Begun">
          <Ago at={startedAt} /> by {startedBy}
        </Fact>
        {endedAt === undefined ? null : <Fact name="Took">{formatDuration(endedAt - startedAt)}</Fact>}
        {warnings.length === 0 ? null : (
          <Fact name="Notes">
            <ul className="fw-checks">
              {warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          </Fact>
        )}
        <Fact name="Id">
          <code>{view.id}</code>
        </Fact>
      </dl>
    </Stack>
  );
}

function Failure({ failure, pluginId }: { readonly failure: PluginFailure; readonly pluginId: string }): ReactElement {
  const { code, message, phase, retryable, details } = failure;
  const facts = Object.entries(details).filter(([, value]) => value !== undefined && value !== null);
  return (
    <Alert color="red" title={code} role="alert" data-testid="operation-failure">
      <p className="fw-anywhere" style={{ margin: 0 }}>
        {message}
      </p>
      <dl className="fw-plugin-facts" style={{ marginTop: 10 }}>
        <Fact name="Step">{phaseOf({ state: 'running', phase })}</Fact>
        <Fact name="Try again">{retryable ? 'It may work later' : 'It will fail in the same way'}</Fact>
        {facts.map(([name, value]) => (
          <Fact key={name} name={name}>
            <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
          </Fact>
        ))}
      </dl>
      {code === 'E_PUBLISHER_CHANGED' ? (
        <p style={{ margin: '10px 0 0' }}>
          <Link
            to="/plugins/$id"
            params={{ id: folderOfId(pluginId) }}
            search={changeSearch<PluginSearch>({ install: newestVersion }, { package: changedNameOf(failure) })}
            className="fw-link"
          >
            Look at it, and accept the new publisher
          </Link>
        </p>
      ) : null}
    </Alert>
  );
}
