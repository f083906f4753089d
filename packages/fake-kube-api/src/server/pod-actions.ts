import { parseLabelSelector } from '../core/selectors/label-selector.ts';
import { labelSelectorText } from '../core/store/scale.ts';
import { badRequest, failure } from '../core/status-errors.ts';
import type { DeleteOptions, KubeStore } from '../core/types.ts';
import type { KubeObject } from '../protocol/kube-object.ts';
import { type Status, StatusError } from '../protocol/status.ts';
import type { ResourceRequest } from './request-info.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' } as const;
const BUDGETS = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' } as const;

const CREATED: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

interface Budget extends KubeObject {
  readonly spec?: { readonly selector?: unknown };
  readonly status?: {
    readonly disruptionsAllowed?: number;
    readonly desiredHealthy?: number;
    readonly currentHealthy?: number;
  };
}

function blockingBudget(store: KubeStore, pod: KubeObject): Budget | undefined {
  if (!store.definition(BUDGETS)) return undefined;
  const budgets = store.list(BUDGETS, { namespace: pod.metadata.namespace }).items as readonly Budget[];
  return budgets.find(({ spec, status }) => {
    const matches = parseLabelSelector(labelSelectorText(spec?.selector));
    return (!matches || matches(pod.metadata.labels ?? {})) && (status?.disruptionsAllowed ?? 0) <= 0;
  });
}

/**
 * Evicts a pod (Kubernetes documentation, API-initiated Eviction).
 *
 * @throws StatusError 429 where a disruption budget forbids it.
 */
export function evictPod(store: KubeStore, namespace: string, name: string, body: unknown, dryRun: boolean): Status {
  const pod = store.get(PODS, namespace, name);
  const budget = blockingBudget(store, pod);
  if (budget) {
    const { desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {};
    throw new StatusError(
      failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: `The disruption budget ${budget.metadata.name} needs ${String(desiredHealthy)} healthy pods and has ${String(currentHealthy)} currently`,
          },
        ],
      }),
    );
  }
  const given = (body as { deleteOptions?: DeleteOptions } | undefined)?.deleteOptions;
  store.delete(PODS, namespace, name, { ...given, dryRun });
  return CREATED;
}

/**
 * Puts a pod on a node, as a scheduler asks for it.
 *
 * @throws StatusError 409 when it is on one already.
 */
export function bindPod(store: KubeStore, namespace: string, name: string, body: unknown, dryRun: boolean): Status {
  const node = (body as { target?: { name?: unknown } } | undefined)?.target?.name;
  if (typeof node !== 'string' || node === '') throw badRequest('target.name: Required value: the name of a node');
  const pod = store.get(PODS, namespace, name);
  const spec = pod['spec'] as { readonly nodeName?: string } | undefined;
  if (spec?.nodeName !== undefined && spec.nodeName !== '') {
    throw new StatusError(
      failure(
        409,
        'Conflict',
        `Operation cannot be fulfilled on pods/binding "${name}": pod ${name} is already assigned to node "${spec.nodeName}"`,
        { name, kind: 'pods/binding' },
      ),
    );
  }
  store.update(PODS, namespace, name, { ...pod, spec: { ...spec, nodeName: node } }, { dryRun });
  return CREATED;
}

const CONTAINER_ACTIONS = new Set(['attach', 'portforward']);

/**
 * Refuses attach and port-forward: the containers of this cluster are imaginary.
 *
 * @throws StatusError 400, or 404 where there is no such pod, for these requests; does nothing for others.
 */
export function refuseContainerAction(store: KubeStore, request: ResourceRequest): void {
  const { group, resource, subresource, namespace, name } = request;
  if (group !== '' || resource !== 'pods' || subresource === undefined || name === undefined) return;
  if (!CONTAINER_ACTIONS.has(subresource)) return;
  store.get(PODS, namespace, name);
  throw badRequest(`this cluster offers no ${subresource}: its containers run nothing`);
}
