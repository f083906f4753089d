import type { KubeObject } from '../../protocol/kube-object.ts';
import type { KubeStore } from '../types.ts';
import { createCluster, statusCode, type Cluster } from './cluster.ts';
import { COMPANY_APPS, COMPANY_NAMESPACES } from './company-apps.ts';
import { isTrue } from './conditions.ts';
import { createControllers } from './controllers.ts';
import { createEventRecorder } from './event-recorder.ts';
import { createLife } from './life.ts';
import { fillCluster } from './load.ts';
import { createLogWriter } from './log-writer.ts';
import { clusterManifests, manifestsOf, SERVER_NAMESPACES, type Manifest } from './manifests.ts';
import { newNode, nodeStatus } from './node-factory.ts';
import { churnPods } from './churn.ts';
import { createRandom } from './random.ts';
import type { ScenarioClock } from './work-loop.ts';

/** How a scenario is set up. */
export interface ScenarioOptions {
  /** Changes a second that the cluster makes by itself, in the long run. 0 leaves it quiet. Default 4. */
  readonly eventsPerSecond?: number | undefined;
  /** Log lines a second, over all pods. Default 10. */
  readonly logLinesPerSecond?: number | undefined;
  /** Makes the same life again, given the same clock and a store with the same randomness. Default 1. */
  readonly seed?: number | undefined;
  /** From three on, the first is a control plane that takes no ordinary pods. Default 4. */
  readonly nodes?: number | undefined;
  /** Which of the company's namespaces it has: `shop`, `payments`, `data`, `monitoring`. Default all of them. */
  readonly namespaces?: readonly string[] | undefined;
  /** Pods to fill the cluster with for load, in namespaces of their own (`load-0`, …); a few tens of thousands at most. Default 0. */
  readonly size?: number | undefined;
  /** Events kept; the oldest go first. Default 500. */
  readonly maxEvents?: number | undefined;
  /** Default: the machine's. */
  readonly clock?: ScenarioClock | undefined;
}

/** Counts of what a scenario has done. */
export interface ScenarioStats {
  /** Writes to the store, those that answer users' writes included. */
  readonly writes: number;
  readonly logLines: number;
  /** Events that are kept at present. */
  readonly events: number;
  /** How often a controller began to fail at an object, which it tries again ever more rarely; 0 in a healthy cluster. */
  readonly errors: number;
  readonly lastError: unknown;
  /** Objects that wait for a controller. */
  readonly queued: number;
}

/** A small company's cluster, alive. */
export interface Scenario {
  /** Fills the cluster, with all of it running, then lets it live; without effect while it lives. */
  start(): void;
  /** Stands still: nothing changes until `start`, which carries on with what is there. */
  stop(): void;
  /** Stops for good; the objects stay in the store. */
  dispose(): void;
  /** Changes the status of so many running pods at once, one write each that no controller answers. Returns how many it could. */
  churn(changes: number): number;
  readonly stats: ScenarioStats;
}

/** What a scenario runs on. */
export interface ScenarioHost {
  readonly store: KubeStore;
  readonly appendLog: (
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    line: string,
  ) => void;
  readonly clock: ScenarioClock;
}

/** Pods per node that a kubelet allows by default (Kubernetes documentation, Considerations for large clusters). */
const DEFAULT_MAX_PODS = 110;

function createIfAbsent(cluster: Cluster, { resource, object }: Manifest): KubeObject | undefined {
  try {
    return cluster.create(resource, object);
  } catch (error) {
    if (statusCode(error) !== 409) throw error;
    return undefined;
  }
}

function createNodes(cluster: Cluster, count: number, size: number): void {
  const workers = count >= 3 ? count - 1 : count;
  const maxPods = Math.max(DEFAULT_MAX_PODS, Math.ceil((size / workers) * 1.2) + DEFAULT_MAX_PODS);
  for (let number = 1; number <= count; number++) {
    const isControlPlane = count >= 3 && number === 1;
    const name = isControlPlane ? 'control-plane-1' : `worker-${count >= 3 ? number - 1 : number}`;
    const shape = { name, number, isControlPlane, maxPods: size === 0 ? DEFAULT_MAX_PODS : maxPods };
    const node = createIfAbsent(cluster, { resource: 'nodes', object: newNode(shape) });
    if (node !== undefined) {
      const time = cluster.time();
      cluster.updateStatus('nodes', node, nodeStatus(shape, time, node.metadata.creationTimestamp ?? time));
    }
  }
}

function checkOptions(options: ScenarioOptions): void {
  const check = (name: keyof ScenarioOptions, min: number, isWhole: boolean) => {
    const value = options[name];
    if (value === undefined) return;
    if (typeof value === 'number' && value >= min && value < Infinity && (!isWhole || Number.isInteger(value))) return;
    const kind = isWhole ? 'a whole number' : 'a number';
    throw new RangeError(`expected ${name} of a scenario to be ${kind} from ${min} on, got ${JSON.stringify(value)}`);
  };
  check('eventsPerSecond', 0, false);
  check('logLinesPerSecond', 0, false);
  check('nodes', 1, true);
  check('size', 0, true);
  check('maxEvents', 1, true);
}

/** The scenario without a host: everything but the machine's clock. */
export function createScenarioCore(host: ScenarioHost, options: ScenarioOptions = {}): Scenario {
  checkOptions(options);
  const { eventsPerSecond = 4, logLinesPerSecond = 10, seed = 1, nodes = 4, size = 0, maxEvents = 500 } = options;
  const { namespaces = COMPANY_NAMESPACES } = options;
  const { clock } = host;
  const random = createRandom(seed);
  const counts = { writes: 0, logLines: 0, errors: 0, lastError: undefined as unknown };
  let live: ReturnType<typeof begin> | undefined;
  let isFirst = true;
  let isDisposed = false;

  function begin() {
    // What is added later is new, whoever adds it.
    const ages = isFirst ? createRandom(seed) : undefined;
    isFirst = false;
    const cluster = createCluster({ ...host, random, ages });
    const events = createEventRecorder(cluster, maxEvents);
    const logs = createLogWriter(cluster);
    const controllers = createControllers(cluster, events, logs, {
      minLeaseMs: Math.max(10_000, (nodes / Math.max(1, eventsPerSecond / 4)) * 1_000),
      onError: (error) => {
        counts.errors++;
        counts.lastError = error;
      },
    });
    cluster.isWarm = true;
    if (ages !== undefined) {
      for (const name of SERVER_NAMESPACES) {
        const namespace = cluster.cache('namespaces').get(name);
        if (namespace !== undefined) cluster.backdate('namespaces', namespace);
      }
    }
    for (const manifest of clusterManifests(namespaces)) createIfAbsent(cluster, manifest);
    createNodes(cluster, nodes, size);
    const wanted = new Set(['default', 'kube-system', ...namespaces]);
    for (const app of COMPANY_APPS) {
      if (!wanted.has(app.namespace)) continue;
      for (const manifest of manifestsOf(app)) createIfAbsent(cluster, manifest);
    }
    if (size > 0) fillCluster(cluster, size);
    controllers.drain();
    cluster.isWarm = false;

    const life = createLife(
      {
        cluster,
        events,
        stimulate: (pod, stimulus) => controllers.stimulate(pod, stimulus),
        silenceNode: (name, forMs) => controllers.silenceNode(name, forMs),
        churn: (changes) => churnPods(cluster, changes),
      },
      eventsPerSecond,
    );
    const writeLog = () => {
      const pods = controllers.talkative();
      if (pods.length === 0) return;
      const pod = random.pick(pods);
      if (isTrue(pod.status?.conditions, 'Ready')) logs.write(pod);
    };
    const stops = [
      every(clock, eventsPerSecond, () => life.tick()),
      every(clock, logLinesPerSecond, writeLog),
      () => controllers.stop(),
      () => cluster.dispose(),
    ];
    return {
      cluster,
      events,
      logs,
      controllers,
      life,
      stop: () => {
        counts.writes += cluster.writes;
        counts.logLines += logs.lines;
        for (const stop of stops) stop();
      },
    };
  }

  const stop = () => {
    live?.stop();
    live = undefined;
  };
  return {
    start: () => {
      if (isDisposed) throw new Error('expected a scenario that is not disposed of');
      live ??= begin();
    },
    stop,
    dispose: () => {
      isDisposed = true;
      stop();
    },
    churn: (changes) => {
      if (live === undefined) throw new Error('expected a scenario that was started before churn');
      const done = churnPods(live.cluster, changes);
      live.life.excuse(done);
      return done;
    },
    get stats() {
      return {
        writes: counts.writes + (live?.cluster.writes ?? 0),
        logLines: counts.logLines + (live?.logs.lines ?? 0),
        events: live?.events.size ?? 0,
        errors: counts.errors,
        lastError: counts.lastError,
        queued: live?.controllers.depth ?? 0,
      };
    },
  };
}

/** Runs something so many times a second, several times in a turn where that is more than timers can do. */
function every(clock: ScenarioClock, perSecond: number, act: () => void): () => void {
  if (perSecond <= 0) return () => undefined;
  const periodMs = Math.max(50, 1_000 / perSecond);
  const times = Math.max(1, Math.round((perSecond * periodMs) / 1_000));
  let timer: { readonly handle: unknown } | undefined;
  const next = () => {
    const current = {
      handle: clock.setTimeout(() => {
        if (timer !== current) return;
        next();
        for (let count = 0; count < times; count++) act();
      }, periodMs),
    };
    timer = current;
  };
  next();
  return () => {
    if (timer !== undefined) clock.clearTimeout(timer.handle);
    timer = undefined;
  };
}
