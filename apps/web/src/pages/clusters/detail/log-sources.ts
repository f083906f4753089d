import type { KubeObject } from '@fleetwire/kube-watch';
import { containersOf } from '../../../kube/read-object.ts';

/** One container whose log is read. */
export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Streams that a log view holds open at once. A browser opens six connections to a host in HTTP/1.1; lists, writes and
 * the refresh of the token need the others.
 */
export const maxLogStreams = 3;

/** What a source is known by, whichever others there are. */
export function sourceKey({ namespace, pod, container }: LogSource): string {
  return `${namespace}/${pod}/${container}`;
}

/** `pod` or `pod/container`, as a line is marked. */
export function sourceLabel(key: string, showsContainer: boolean): string {
  const [, pod = '', container = ''] = key.split('/');
  return showsContainer ? `${pod}/${container}` : pod;
}

/**
 * The containers of pods that have a log to read, in the order of the pods, and those that run before those that have
 * ended. One that waits for its first start has no log.
 */
export function logSourcesOf(pods: readonly KubeObject[]): readonly LogSource[] {
  const found = pods.flatMap((pod) => {
    const { name, namespace = '' } = pod.metadata;
    return containersOf(pod)
      .filter(({ hasStarted }) => hasStarted)
      .map((container) => ({
        isRunning: container.state === 'Running',
        source: { namespace, pod: name, container: container.name },
      }));
  });
  return found.toSorted((a, b) => Number(b.isRunning) - Number(a.isRunning)).map(({ source }) => source);
}

/** What is read of the sources, and what is left out for {@link maxLogStreams}; `container` picks those of one name. */
export function chooseSources(
  sources: readonly LogSource[],
  container: string | null,
): { readonly read: readonly LogSource[]; readonly leftOut: readonly LogSource[] } {
  const picked = container === null ? sources : sources.filter((source) => source.container === container);
  return { read: picked.slice(0, maxLogStreams), leftOut: picked.slice(maxLogStreams) };
}
