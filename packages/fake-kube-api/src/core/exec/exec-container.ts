import type { KubeObject } from '../../protocol/kube-object.ts';
import { containerFiles, type FileTree } from './container-files.ts';
import { imageFlavour, type ImageFlavour } from './image-flavours.ts';

/** A container that commands are run in, as far as they can tell. */
export interface ExecContainer {
  readonly podName: string;
  readonly flavour: ImageFlavour;
  readonly files: FileTree;
  readonly env: ReadonlyMap<string, string>;
}

interface ContainerSpec {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface ContainerState {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: { readonly running?: unknown };
}

interface PodParts {
  readonly spec?: {
    readonly containers?: readonly ContainerSpec[];
    readonly initContainers?: readonly ContainerSpec[];
  };
  readonly status?: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly ContainerState[];
    readonly initContainerStatuses?: readonly ContainerState[];
  };
}

/**
 * Which run of a container it is that runs now: another text after each restart, and for another pod of the same name.
 * Undefined where it does not run.
 */
export function runOf(pod: KubeObject, container: string): string | undefined {
  const { status } = pod as PodParts;
  const found = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(
    ({ name }) => name === container,
  );
  if (found?.state?.running === undefined) return undefined;
  return `${pod.metadata.uid}/${String(found.restartCount ?? 0)}`;
}

/** What commands see in a container of this pod. */
export function execContainerOf(pod: KubeObject, container: string): ExecContainer {
  const { spec, status } = pod as PodParts;
  const { name: podName, namespace = '' } = pod.metadata;
  const own = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(({ name }) => name === container);
  const flavour = imageFlavour(own?.image ?? '');
  const env = new Map([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', podName],
    ['HOME', flavour.home],
    ['KUBERNETES_SERVICE_HOST', '10.96.0.1'],
    ['KUBERNETES_SERVICE_PORT', '443'],
    // What comes from secrets and fields stays out: `value` is all that the pod itself says.
    ...(own?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
  ]);
  return {
    podName,
    flavour,
    env,
    files: containerFiles({ flavour, podName, namespace, podIP: status?.podIP ?? '127.0.0.1' }),
  };
}
