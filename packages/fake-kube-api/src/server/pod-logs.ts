import type { KubeObject } from '../protocol/kube-object.ts';
import type { KubeStore, ResourceId } from '../core/types.ts';

const PODS: ResourceId = { group: '', version: 'v1', resource: 'pods' };
const MAX_LINES = 10_000;

/** One line of a container's log. */
export interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

interface ContainerLog {
  readonly podUid: string;
  /** Of the container when the lines were written; a restart begins a new log and keeps the one before. */
  restartCount: number;
  lines: LogLine[];
  previous: LogLine[] | undefined;
  readonly followers: Set<(line: LogLine) => void>;
}

/** A container of a pod. */
export interface ContainerName {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

/** The logs of all containers, each bounded to its last 10,000 lines. */
export interface PodLogs {
  /** Ignored for pods that do not exist. */
  append(container: ContainerName, text: string): void;
  lines(container: ContainerName, previous: boolean): readonly LogLine[] | undefined;
  /** Calls for each later line of this pod; `ended` when the pod is gone. Returns its undo. */
  follow(container: ContainerName, listener: (line: LogLine) => void, ended: () => void): () => void;
  dispose(): void;
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
}

function restartCountOf(pod: KubeObject, container: string): number {
  const status = pod['status'] as
    { containerStatuses?: readonly ContainerStatus[]; initContainerStatuses?: readonly ContainerStatus[] } | undefined;
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return statuses.find(({ name }) => name === container)?.restartCount ?? 0;
}

/** Creates empty logs; those of pods that are deleted go with them. */
export function createPodLogs(store: KubeStore, now: () => number): PodLogs {
  /** By pod (`namespace/name`), then by container. */
  const logs = new Map<string, Map<string, ContainerLog>>();
  const endListeners = new Map<string, Set<() => void>>();
  const podKey = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
    `${namespace}/${name}`;

  const unsubscribe = store.watch(PODS, {}, store.resourceVersion, ({ type, object }) => {
    if (type !== 'DELETED') return;
    const key = podKey({ namespace: object.metadata.namespace ?? '', name: object.metadata.name });
    logs.delete(key);
    const listeners = endListeners.get(key);
    endListeners.delete(key);
    for (const ended of listeners ?? []) ended();
  });

  const find = (name: ContainerName): ContainerLog | undefined => {
    const pod = store.list(PODS, { namespace: name.namespace, fieldSelector: `metadata.name=${name.name}` }).items[0];
    if (!pod) return undefined;
    const containers = logs.get(podKey(name)) ?? new Map<string, ContainerLog>();
    logs.set(podKey(name), containers);
    let log = containers.get(name.container);
    const restartCount = restartCountOf(pod, name.container);
    if (!log || log.podUid !== pod.metadata.uid) {
      log = { podUid: pod.metadata.uid, restartCount, lines: [], previous: undefined, followers: new Set() };
      containers.set(name.container, log);
    } else if (log.restartCount !== restartCount) {
      log.previous = log.lines;
      log.lines = [];
      log.restartCount = restartCount;
    }
    return log;
  };

  return {
    append(name, text) {
      const log = find(name);
      if (!log) return;
      const line: LogLine = { atMs: now(), text };
      log.lines.push(line);
      // In one go now and then: removing the first of many at each line would cost a copy each time.
      if (log.lines.length > MAX_LINES * 1.1) log.lines = log.lines.slice(-MAX_LINES);
      for (const follower of log.followers) follower(line);
    },
    lines(name, previous) {
      const log = find(name);
      return (previous ? log?.previous : log?.lines)?.slice(-MAX_LINES);
    },
    follow(name, listener, ended) {
      const log = find(name);
      if (!log) return () => undefined;
      log.followers.add(listener);
      const key = podKey(name);
      const listeners = endListeners.get(key) ?? new Set();
      endListeners.set(key, listeners);
      listeners.add(ended);
      return () => {
        log.followers.delete(listener);
        listeners.delete(ended);
        if (listeners.size === 0 && endListeners.get(key) === listeners) endListeners.delete(key);
      };
    },
    dispose() {
      unsubscribe();
      logs.clear();
      endListeners.clear();
    },
  };
}
