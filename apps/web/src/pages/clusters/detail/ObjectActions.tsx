import { useState, type ReactElement } from 'react';
import { Button, Group, NumberInput } from '@mantine/core';
import type { ApiResource, KubeObject, KubeWatchError } from '@fleetwire/kube-watch';
import type { ObjectRef } from '@fleetwire/kube-watch/client';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';
import { deleteObject, restartObject, scaleObject, type SeenObject } from '../../../kube/object-writes.ts';
import { PluginActions } from '../../../plugins/PluginActions.tsx';
import { targetsOf } from '../../../plugins/plugin-targets.ts';
import { ConfirmDialog } from '../../../ui/ConfirmDialog.tsx';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { at } from '../../../kube/read-object.ts';

/** Kinds whose pods are made anew when their template changes (`kubectl rollout restart`). */
const restartable = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

type Action = 'scale' | 'restart' | 'delete';

/** What can be done to an object as a whole. */
export function ObjectActions({
  target,
  object,
  resource,
  canWrite,
}: {
  readonly target: ObjectRef;
  readonly object: KubeObject;
  readonly resource: ApiResource | undefined;
  readonly canWrite: boolean;
}): ReactElement {
  const client = useKubeWatchClient();
  /** What is asked about is the object of that moment, whatever has its name when the answer comes. */
  const [asked, setAsked] = useState<{ readonly action: Action; readonly seen: SeenObject }>();
  const replicas = at(object, 'spec', 'replicas');
  const [wanted, setWanted] = useState(1);
  const title = canWrite ? undefined : 'Your role may read this and not change it';
  const ask = (action: Action): void => {
    setAsked({ action, seen: { ref: target, uid: object.metadata.uid } });
  };
  const close = (): void => {
    setAsked(undefined);
  };
  const run = async (done: string, work: () => Promise<unknown>): Promise<void> => {
    const showToast = beginToasts();
    try {
      await work();
      showToast({ tone: 'good', title: done });
    } catch (error) {
      showToast({ tone: 'bad', title: `${target.name} was left as it is`, message: (error as KubeWatchError).message });
    }
  };
  return (
    <Group gap="xs">
      <PluginActions targets={targetsOf(target.resource)} target={{ object, cluster: target.cluster }} />
      {resource?.subresources.includes('scale') === true ? (
        <Button
          variant="default"
          disabled={!canWrite}
          title={title}
          onClick={() => {
            setWanted(typeof replicas === 'number' ? replicas : 1);
            ask('scale');
          }}
        >
          Scale
        </Button>
      ) : null}
      {restartable.has(object.kind ?? '') ? (
        <Button
          variant="default"
          disabled={!canWrite}
          title={title}
          onClick={() => {
            ask('restart');
          }}
        >
          Restart
        </Button>
      ) : null}
      {resource?.verbs.includes('delete') === false ? null : (
        <Button
          variant="default"
          {...(canWrite ? { c: 'error' } : {})}
          disabled={!canWrite}
          title={title}
          onClick={() => {
            ask('delete');
          }}
        >
          Delete
        </Button>
      )}
      {asked?.action === 'scale' ? (
        <ConfirmDialog
          title="Scale"
          names={[target.name]}
          action="Scale"
          run={() => run(`${target.name} scales to ${String(wanted)}`, () => scaleObject(client, asked.seen, wanted))}
          onClose={close}
        >
          <NumberInput
            label="Replicas"
            min={0}
            max={10_000}
            allowDecimal={false}
            value={wanted}
            data-autofocus
            onChange={(value) => {
              setWanted(Number(value));
            }}
          />
        </ConfirmDialog>
      ) : null}
      {asked?.action === 'restart' ? (
        <ConfirmDialog
          title="Restart"
          names={[target.name]}
          action="Restart"
          run={() => run(`${target.name} restarts`, () => restartObject(client, asked.seen, new Date().toISOString()))}
          onClose={close}
        >
          Its pods are replaced one after another, as its update strategy says.
        </ConfirmDialog>
      ) : null}
      {asked?.action === 'delete' ? (
        <ConfirmDialog
          title={`Delete ${object.kind ?? 'object'}`}
          names={[[target.cluster, target.namespace, target.name].filter(Boolean).join(' / ')]}
          action="Delete"
          isDestructive
          run={() => run(`${target.name} is being deleted`, () => deleteObject(client, asked.seen))}
          onClose={close}
        >
          This cannot be undone. What it owns goes with it.
        </ConfirmDialog>
      ) : null}
    </Group>
  );
}
