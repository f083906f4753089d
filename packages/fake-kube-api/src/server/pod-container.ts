import { badRequest } from '../core/status-errors.ts';
import type { KubeObject } from '../protocol/kube-object.ts';

interface PodParts {
  readonly spec?: {
    readonly containers?: readonly { readonly name: string }[];
    readonly initContainers?: readonly { readonly name: string }[];
  };
}

/**
 * Which container a request means; the only one may be left out.
 *
 * @throws StatusError 400 where it is unclear or there is none of this name.
 */
export function containerOf(pod: KubeObject, asked: string | null): string {
  const { spec } = pod as PodParts;
  const { name } = pod.metadata;
  const containers = (spec?.containers ?? []).map((container) => container.name);
  const initContainers = (spec?.initContainers ?? []).map((container) => container.name);
  if (asked !== null && asked !== '') {
    if ([...containers, ...initContainers].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const byAnnotation = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const [only = ''] = containers;
  if (containers.length + initContainers.length === 1) return only;
  if (byAnnotation !== undefined && containers.includes(byAnnotation)) return byAnnotation;
  const init = initContainers.length === 0 ? '' : ` or one of the init containers: [${initContainers.join(' ')}]`;
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${init}`,
  );
}
