import { lazy, Suspense, useState, type ReactElement } from 'react';
import { Group, Select } from '@mantine/core';
import type { KubeObject } from '@fleetwire/kube-watch';
import { LoadingRows, StateView } from '../../../../ui/StateViews.tsx';
import { shellPlaces, type ShellPlace } from './terminal-targets.ts';

/** Large, and wanted by few. */
const TerminalView = lazy(async () => ({ default: (await import('./TerminalView.tsx')).TerminalView }));

/** What was chosen, by the user or at first; a terminal stays where it is when its pod ends or newer ones come. */
interface Choice {
  readonly pod: string;
  readonly namespace: string;
  readonly uid: string;
  readonly container: string;
}

/** A shell in a container of one of these pods. */
export function TerminalTab({
  cluster,
  pods,
}: {
  readonly cluster: string;
  readonly pods: readonly KubeObject[];
}): ReactElement {
  const places = shellPlaces(pods);
  const [chosen, setChosen] = useState<Choice>();
  const [first] = places;
  if (chosen === undefined && first !== undefined) setChosen(choiceOf(first));
  if (chosen === undefined) {
    return (
      <StateView kind="empty" title="No container runs">
        A terminal needs a container that runs. When one does, it opens here by itself.
      </StateView>
    );
  }
  const containers = places.find(({ uid }) => uid === chosen.uid)?.containers ?? [];
  const { uid, ...target } = chosen;
  const hasPodChoice = places.some((place) => place.uid !== uid);
  const hasContainerChoice = containers.some((container) => container !== chosen.container);
  return (
    <div className="fw-card" style={{ padding: 0, overflow: 'hidden' }}>
      {hasPodChoice || hasContainerChoice ? (
        <Group gap="sm" px="sm" pt="sm" align="end">
          {hasPodChoice ? (
            <Select
              label="Pod"
              size="xs"
              w={280}
              allowDeselect={false}
              data={withChosen(
                places.map((place) => place.pod),
                chosen.pod,
              )}
              value={chosen.pod}
              onChange={(name) => {
                const place = places.find(({ pod }) => pod === name);
                if (place !== undefined) setChosen(choiceOf(place));
              }}
            />
          ) : null}
          {hasContainerChoice ? (
            <Select
              label="Container"
              size="xs"
              w={200}
              allowDeselect={false}
              data={withChosen(containers, chosen.container)}
              value={chosen.container}
              onChange={(container) => {
                if (container !== null) setChosen({ ...chosen, container });
              }}
            />
          ) : null}
        </Group>
      ) : null}
      <Suspense fallback={<LoadingRows rows={6} label="Loading the terminal" />}>
        <TerminalView key={`${uid}/${chosen.container}`} target={{ cluster, ...target }} />
      </Suspense>
    </div>
  );
}

function choiceOf({ pod, namespace, uid, containers }: ShellPlace): Choice {
  return { pod, namespace, uid, container: containers[0] ?? '' };
}

/** A pod that has ended is still what the terminal shows. */
function withChosen(names: readonly string[], chosen: string): string[] {
  return names.includes(chosen) ? [...names] : [chosen, ...names];
}
