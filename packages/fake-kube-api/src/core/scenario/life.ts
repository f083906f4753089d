// What happens in the cluster by itself: releases, crashes, load that comes and goes, a node that falls silent.
import { isReady } from './availability.ts';
import type { Cluster } from './cluster.ts';
import { COMPANY_APPS } from './company-apps.ts';
import { isTrue } from './conditions.ts';
import type { EventRecorder } from './event-recorder.ts';
import { keyOf } from './object-cache.ts';
import { isLoad } from './load.ts';
import type { PodStimulus } from './pod-run.ts';
import type { Deployment, Pod } from './views.ts';

/** How life reaches into the cluster. */
export interface LifePorts {
  readonly cluster: Cluster;
  readonly events: EventRecorder;
  readonly stimulate: (pod: Pod, stimulus: PodStimulus) => void;
  readonly silenceNode: (name: string, forMs: number) => void;
  readonly churn: (changes: number) => void;
}

/** Does one thing after another, as the budget of changes allows. */
export interface Life {
  /** Called at a steady rate; does at most one thing. */
  tick(): void;
  /** So many writes were asked for from outside, and are not part of the budget. */
  excuse(writes: number): void;
}

/** Surplus that a quiet time saves up, and a busy one may spend at once. */
const MAX_SAVED_SECONDS = 5;
const BASE_REPLICAS = new Map(COMPANY_APPS.map((app) => [`${app.namespace}/${app.name}`, app.replicas ?? 1]));
const RELEASED = new Set(
  COMPANY_APPS.filter(({ isReleased }) => isReleased === true).map((app) => `${app.namespace}/${app.name}`),
);
const FLAKY = new Set(COMPANY_APPS.filter(({ isFlaky }) => isFlaky === true).map(({ name }) => name));

/** `registry.example/shop/cart:1.9.3` → `…:1.9.4`; images without such a tag stay as they are. */
export function nextImage(image: string): string {
  return image.replace(/:(v?\d+\.\d+\.)(\d+)$/, (_, head: string, patch: string) => `:${head}${Number(patch) + 1}`);
}

function isSettled(deployment: Deployment): boolean {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration } = deployment.status ?? {};
  const wanted = deployment.spec.replicas ?? 1;
  const isSeen = observedGeneration === deployment.metadata.generation;
  return isSeen && replicas === wanted && updatedReplicas === wanted && availableReplicas === wanted;
}

/** `eventsPerSecond` bounds the writes of the cluster in the long run, those of its controllers included. */
export function createLife(ports: LifePorts, eventsPerSecond: number): Life {
  const { cluster, events, stimulate } = ports;
  const { random } = cluster;
  let budget = 0;
  let lastAt = cluster.clock.now();
  let lastWrites = cluster.writes;
  let outageUntil = 0;

  const somePod = (isWanted: (pod: Pod) => boolean = () => true): Pod | undefined => {
    const pods = [...cluster.cache('pods').values()].filter((pod) => !isLoad(pod) && isReady(pod) && isWanted(pod));
    return pods.length === 0 ? undefined : random.pick(pods);
  };
  const someDeployment = (): Deployment | undefined => {
    const settled = [...cluster.cache('deployments').values()].filter(
      (deployment) => RELEASED.has(keyOf(deployment)) && isSettled(deployment),
    );
    return settled.length === 0 ? undefined : random.pick(settled);
  };

  const crash = () => {
    const flaky = random.next() < 0.6 ? somePod((pod) => FLAKY.has(pod.spec.containers[0]?.name ?? '')) : undefined;
    const pod = flaky ?? somePod();
    if (pod === undefined) return;
    const isOutOfMemory = random.next() < 0.3;
    stimulate(pod, {
      type: 'crash',
      ...(isOutOfMemory ? { code: 137, reason: 'OOMKilled' } : { code: 1, reason: 'Error' }),
    });
  };
  const failProbe = () => {
    const pod = somePod(({ spec }) => spec.containers[0]?.readinessProbe !== undefined);
    if (pod !== undefined) stimulate(pod, { type: 'probe-failed', forMs: random.between(4_000, 12_000) });
  };
  const release = () => {
    const deployment = someDeployment();
    const [main, ...others] = deployment?.spec.template.spec.containers ?? [];
    if (deployment === undefined || main === undefined) return;
    const image = nextImage(main.image);
    const { template } = deployment.spec;
    const containers = [{ ...main, image }, ...others];
    const annotations = { ...deployment.metadata.annotations, 'kubernetes.io/change-cause': `release ${image}` };
    cluster.update('deployments', {
      ...deployment,
      metadata: { ...deployment.metadata, annotations },
      spec: { ...deployment.spec, template: { ...template, spec: { ...template.spec, containers } } },
    });
  };
  const scale = () => {
    const deployment = someDeployment();
    if (deployment === undefined) return;
    const from = deployment.spec.replicas ?? 1;
    const base = BASE_REPLICAS.get(keyOf(deployment)) ?? 1;
    const replicas = from > base + 2 ? from - 1 : from < base ? from + 1 : from + (random.next() < 0.5 ? 1 : -1);
    if (replicas < 1) return;
    const reason = replicas > from ? 'cpu resource utilization above target' : 'All metrics below target';
    cluster.update('deployments', { ...deployment, spec: { ...deployment.spec, replicas } });
    const message = `New size: ${replicas}; reason: ${reason}`;
    events.record(deployment, {
      type: 'Normal',
      reason: 'SuccessfulRescale',
      message,
      component: 'horizontal-pod-autoscaler',
    });
  };
  const evict = () => {
    const pod = somePod(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'ReplicaSet');
    if (pod !== undefined) cluster.remove('pods', pod);
  };
  const outage = () => {
    const nodes = [...cluster.cache('nodes').values()].filter(({ status }) => isTrue(status?.conditions, 'Ready'));
    // One at a time, and never the last ones: the rest must be able to carry on.
    if (nodes.length < 3 || cluster.clock.now() < outageUntil) return;
    const forMs = random.between(10_000, 30_000);
    outageUntil = cluster.clock.now() + forMs + 300_000;
    ports.silenceNode(random.pick(nodes).metadata.name, forMs);
  };

  const acts: readonly (readonly [weight: number, act: () => void])[] = [
    [6, release],
    [5, scale],
    [4, crash],
    [4, failProbe],
    [3, evict],
    [1, outage],
  ];
  const total = acts.reduce((sum, [weight]) => sum + weight, 0);

  return {
    excuse: (writes) => {
      lastWrites += writes;
    },
    tick: () => {
      const nowMs = cluster.clock.now();
      const written = cluster.writes - lastWrites;
      const saved = Math.max(1, MAX_SAVED_SECONDS * eventsPerSecond);
      budget = Math.min(saved, budget + (eventsPerSecond * (nowMs - lastAt)) / 1_000 - written);
      lastAt = nowMs;
      lastWrites = cluster.writes;
      if (budget < 1) return;
      let dice = random.next() * total;
      const [, act] = acts.find(([weight]) => (dice -= weight) < 0) ?? [];
      act?.();
      // What the acts leave over at high rates.
      const left = Math.floor(budget - eventsPerSecond);
      if (left > 0 && eventsPerSecond > 20) ports.churn(left);
    },
  };
}
