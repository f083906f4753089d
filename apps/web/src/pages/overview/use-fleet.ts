import { useMemo, useState, useSyncExternalStore } from 'react';
import type { ClusterObject, KubeObject, TargetState } from '@fleetwire/kube-watch';
import { useKubeLists, type KubeObjectListResult } from '@fleetwire/kube-watch/react';
import { watchedKinds } from '../../kube/trouble.ts';
import { useObjectCounts } from '../../kube/use-object-count.ts';
import { getNow, subscribeToNow } from '../../ui/use-now.ts';
import { assessFleet, countUnseen, openSuspects, type TroubledObject } from './assess-fleet.ts';
import { createLookWindow } from './look-window.ts';
import { podPhases, type PodPhases } from './pod-phases.ts';
import { settledJobs } from './settled-jobs.ts';
import {
  countReadyNodes,
  suspectDaemonSets,
  suspectJobs,
  suspectNodes,
  suspectReplicas,
  suspectsOfWarnings,
} from './suspects.ts';
import { refreshMs, useFindings } from './use-findings.ts';

/** How the fleet does. */
export interface Fleet {
  readonly nodes: { readonly list: KubeObjectListResult; readonly ready: number };
  readonly phases: PodPhases;
  /** Not every pod that has ended is counted as such: there are too many. */
  readonly arePhasesCut: boolean;
  /** The newest first. */
  readonly troubled: readonly TroubledObject[];
  /** Suspects of which nothing is known: their turn has not come, or they cannot be read. */
  readonly unseen: number;
  /** A list that this is made of is cut: there may be more of which nothing is known. */
  readonly isCut: boolean;
  /** Something may still turn up. */
  readonly isLooking: boolean;
  readonly warnings: KubeObjectListResult;
  /** Of every list that this is made of. */
  readonly targets: readonly TargetState[];
}

/** Suspects that are looked at in one turn of 15 s; each costs a request. */
const maxSuspects = 60;

/** What is held of one cluster, at most: some 8 KiB each of pods and jobs, 1 KiB of the others. */
const maxTroubledPods = 2_000;
const maxJobs = 1_000;
const maxSuccesses = 2_000;
const maxEndedPods = 1_000;
const maxWarnings = 5_000;

/** A pod may become overdue without an event; to look that often is enough. */
const lookMs = 10_000;

/**
 * Watches what is wrong in the clusters, without holding what is well: nodes and controllers as printed rows, pods and
 * jobs narrowed by the server to those that do not run or have not succeeded, other jobs as rows, and warnings, which
 * lead to the pods that run and crash or are not ready. Suspects among the rows and behind the warnings are then looked
 * at one by one, in turns. `answering`: those of the clusters that can be asked for a count.
 */
export function useFleet(clusters: readonly string[], answering: readonly string[]): Fleet {
  const common = { clusters, enabled: clusters.length > 0 };
  const { node, deployment, statefulSet, daemonSet, job, pod } = watchedKinds;
  const { nodes, deployments, statefulSets, daemonSets, jobs, successes, pods, ended, warnings } = useKubeLists({
    nodes: { ...common, resource: node.resource, projection: 'table' },
    deployments: { ...common, resource: deployment.resource, projection: 'table' },
    statefulSets: { ...common, resource: statefulSet.resource, projection: 'table' },
    daemonSets: { ...common, resource: daemonSet.resource, projection: 'table' },
    jobs: { ...common, resource: job.resource, fieldSelector: 'status.successful=0', maxItems: maxJobs },
    successes: {
      ...common,
      resource: job.resource,
      fieldSelector: 'status.successful!=0',
      projection: 'table',
      maxItems: maxSuccesses,
    },
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
  const settled = useMemo(
    () => settledJobs(jobs.items, successes.items, successes.columnsOf),
    [jobs.items, successes.items, successes.columnsOf],
  );
  const printed = useMemo(
    () => [
      suspectNodes(nodes.items, nodes.columnsOf),
      suspectReplicas('deployment', deployments.items, deployments.columnsOf),
      suspectReplicas('statefulSet', statefulSets.items, statefulSets.columnsOf),
      suspectDaemonSets(daemonSets.items, daemonSets.columnsOf),
      suspectJobs(successes.items, successes.columnsOf),
    ],
    [nodes, deployments, statefulSets, daemonSets, successes],
  );
  const suspects = useMemo(
    () => openSuspects([...printed, suspectsOfWarnings(warnings.items, now)], held, settled),
    [printed, warnings.items, now, held, settled],
  );
  const [lookWindow] = useState(() => createLookWindow(maxSuspects));
  const turn = useSyncExternalStore(subscribeToNow, getTurn);
  const looked = useMemo(() => lookWindow(suspects, turn), [lookWindow, suspects, turn]);
  const { findingOf, isPending } = useFindings(looked);
  const troubled = useMemo(
    () => assessFleet({ held, suspects, findingOf, settled, now }),
    [held, suspects, findingOf, settled, now],
  );
  const ready = useMemo(() => countReadyNodes(nodes.items, nodes.columnsOf), [nodes.items, nodes.columnsOf]);
  const lists = [nodes, deployments, statefulSets, daemonSets, jobs, successes, pods, ended, warnings];
  return {
    nodes: { list: nodes, ready },
    phases: podPhases({ totals, notRunning: pods.items, succeeded: ended.items }),
    arePhasesCut: ended.isPartial || pods.isPartial,
    troubled,
    unseen: countUnseen(suspects, looked, findingOf),
    isCut: [jobs, successes, pods, warnings].some(({ isPartial }) => isPartial),
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

let turn = 0;

/** A page out of sight asks for nothing, and so no turn passes. */
function getTurn(): number {
  if (!document.hidden) turn = Math.floor(getNow() / refreshMs);
  return turn;
}
