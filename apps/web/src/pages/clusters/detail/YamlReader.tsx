import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { Text } from '@mantine/core';
import type { KubeObject } from '@fleetwire/kube-watch';
import { Throttle } from '../../../ui/throttle.ts';
import { toYaml } from './object-yaml.ts';
import { YamlEditor } from './YamlEditor.tsx';

/** Nobody reads faster, and an object may change with each frame. */
const intervalMs = 500;

/** An object as YAML while it lives; it stands still while a part of it is selected. */
export function YamlReader({ object, label }: { readonly object: KubeObject; readonly label: string }): ReactElement {
  const [shown, setShown] = useState(object);
  const [isSelecting, setSelecting] = useState(false);
  const throttle = useThrottle(setShown);
  useEffect(() => {
    throttle.hold(isSelecting);
  }, [throttle, isSelecting]);
  useEffect(() => {
    throttle.offer(object);
  }, [throttle, object]);
  const version = versionOf(shown);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- of one version there is one text
  const text = useMemo(() => toYaml(shown), [version]);
  return (
    <>
      {isSelecting && version !== versionOf(object) ? (
        <Text size="sm" c="dimmed" px="md" py={6} role="status" data-testid="held">
          It has changed. The text stands still while a part of it is selected.
        </Text>
      ) : null}
      <YamlEditor value={text} label={label} onSelect={setSelecting} />
    </>
  );
}

/** Of a deleted object the last version stays. */
function versionOf({ metadata: { uid, resourceVersion } }: KubeObject): string {
  return `${uid}/${resourceVersion}`;
}

function useThrottle(emit: (object: KubeObject) => void): Throttle<KubeObject> {
  const throttle = useMemo(() => new Throttle(intervalMs, emit), [emit]);
  useEffect(
    () => () => {
      throttle.dispose();
    },
    [throttle],
  );
  return throttle;
}
