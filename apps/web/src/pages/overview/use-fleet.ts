import { useMemo, useSyncExternalStore } from 'react';
import type { ClusterObject, KubeObject, TargetState } from '@fleetwire/kube-watch';
import { useKubeLists, type KubeObjectListResult } from '@fleetwire/kube-watch/react';
import { watchedKinds } from '../../kube/trouble.ts';
import { useObjectCounts } from '../../kube/use-object-count.ts';
import { getNow, subscribeToNow } from '../../ui/use-now.ts';
import { assessFleet, openSuspects, type TroubledObject } from './assess-fleet.ts';
import { podPhases, type PodPhases } from './pod-phases.ts';
import { countReadyNodes, suspectDeployments, suspectNodes, suspectsOfWarnings } from './suspects.ts';
import { useFindings } from './use-findings.ts';

/** How the fleet does. */
export interface Fleet {
  readonly nodes: { readonly list: KubeObjectListResult; readonly ready: number };
  readonly phases: PodPhases;
  /** Not every pod that has ended is counted as such: there are too many. */
  readonly arePhasesCut: boolean;
  /** The newest first. */
  readonly troubled: readonly TroubledObject[];
  /** More that were not looked at: there are too many. */
  readonly unseen: number;
  /** Something may still turn up. */
  readonly isLooking: boolean;
  readonly warnings: KubeObjectListResult;
  /** Of every list that this is made of. */
  readonly targets: readonly TargetState[];
}

/** Suspects that are looked at one by one: each costs a request in 15 s. */
const maxSuspects = 60;

/** What is held of one cluster, at most: some 8 KiB each of pods and jobs, 1 KiB of the others. */
const maxTroubledPods = 2_000;
const maxJobs = 1_000;
const maxEndedPods = 1_000;
const maxWarnings = 5_000;

/** A pod may become overdue without an event; to look that often is enough. */
const lookMs = 10_000;

/**
 * Watches what is wrong in the clusters, without holding what is well: nodes and deployments as printed rows, pods and
 * jobs narrowed by the server to those that do not run or have not succeeded, and warnings, which lead to the pods that
 * run and crash. Suspects among the rows and behind the warnings are then looked at one by one. `answering`: those of the
 * clusters that can be asked for a count.
 */
export function useFleet(clusters: readonly string[], answering: readonly string[]): Fleet {
  const common = { clusters, enabled: clusters.length > 0 };
  const { node, deployment, job, pod } = watchedKinds;
  const { nodes, deployments, jobs, pods, ended, warnings } = useKubeLists({
    nodes: { ...common, resource: node.resource, projection: 'table' },
    deployments: { ...common, resource: deployment.resource, projection: 'table' },
    jobs: { ...common, resource: job.resource, fieldSelector: 'status.successful=0', maxItems: maxJobs },
    pods: {
      ...common,
      resource: pod.resource,
      fieldSelector: 'status.phase!=Running,status.phase!=Succeeded',
      maxItems: maxTroubledPods,
    },
    ended: {
      ...common,
      resource: pod.resource,
      fieldSelector: 'status.phase=Succeeded',
      projection: 'metadata',
      maxItems: maxEndedPods,
    },
    warnings: {
      ...common,
      resource: { version: 'v1', resource: 'events' },
      fieldSelector: 'type=Warning',
      maxItems: maxWarnings,
    },
  });
  const totals = useObjectCounts(answering, '/api/v1/pods');
  const now = useSyncExternalStore(subscribeToNow, getLookTime);

  const held = useMemo(() => heldOf(pods.items, jobs.items), [pods.items, jobs.items]);
  const suspects = useMemo(
    () =>
      openSuspects(
        [
          suspectNodes(nodes.items, nodes.columnsOf),
          suspectsOfWarnings(warnings.items, now),
          suspectDeployments(deployments.items, deployments.columnsOf),
        ],
        held,
      ),
    [nodes.items, nodes.columnsOf, deployments.items, deployments.columnsOf, warnings.items, held, now],
  );
  const looked = useMemo(() => suspects.slice(0, maxSuspects), [suspects]);
  const { findingOf, isPending } = useFindings(looked);
  const troubled = useMemo(
    () => assessFleet({ held, suspects: looked, findingOf, now }),
    [held, looked, findingOf, now],
  );
  const ready = useMemo(() => countReadyNodes(nodes.items, nodes.columnsOf), [nodes.items, nodes.columnsOf]);
  const lists = [nodes, deployments, jobs, pods, ended, warnings];
  return {
    nodes: { list: nodes, ready },
    phases: podPhases({ totals, notRunning: pods.items, succeeded: ended.items }),
    arePhasesCut: ended.isPartial || pods.isPartial,
    troubled,
    unseen: suspects.length - looked.length,
    isLooking: isPending || lists.some(({ targets }) => targets.some(isFirstList)),
    warnings,
    targets: lists.flatMap(({ targets }) => targets),
  };
}

function heldOf(pods: readonly ClusterObject<KubeObject>[], jobs: readonly ClusterObject<KubeObject>[]) {
  return [
    { kind: 'pod', items: pods },
    { kind: 'job', items: jobs },
  ] as const;
}

/** A target that failed has nothing to wait for. */
function isFirstList({ isSynced, error }: TargetState): boolean {
  return !isSynced && error === undefined;
}

function getLookTime(): number {
  return Math.floor(getNow() / lookMs) * lookMs;
}
