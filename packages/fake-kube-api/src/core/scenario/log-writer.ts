import { crashLines, logLine } from './app-logs.ts';
import type { Cluster } from './cluster.ts';
import { COMPANY_APPS, type LogStyle } from './company-apps.ts';
import { isLoad } from './load.ts';
import { shortHash } from './text.ts';
import type { Pod } from './views.ts';

/** Writes the logs of running pods. */
export interface LogWriter {
  readonly lines: number;
  /** The first lines of a container that starts. */
  started(pod: Pod): void;
  crashed(pod: Pod): void;
  /** One line as the app writes it in its work. */
  write(pod: Pod): void;
}

const STYLES: ReadonlyMap<string, LogStyle> = new Map(COMPANY_APPS.map(({ name, logs }) => [name, logs]));

function appOf(pod: Pod): string {
  const { labels } = pod.metadata;
  return labels?.['app.kubernetes.io/name'] ?? labels?.['app'] ?? pod.spec.containers[0]?.name ?? pod.metadata.name;
}

export function createLogWriter(cluster: Cluster): LogWriter {
  let lines = 0;
  const append = (pod: Pod, line: string, container = pod.spec.containers[0]?.name) => {
    // Thousands of idle pods would drown the others.
    if (container === undefined || isLoad(pod)) return;
    lines++;
    cluster.appendLog(pod, container, line);
  };
  const write = (pod: Pod) => {
    const app = appOf(pod);
    append(pod, logLine(STYLES.get(app) ?? 'access', app, cluster.random, cluster.clock.now()));
  };
  return {
    get lines() {
      return lines;
    },
    write,
    started: (pod) => {
      for (const { name, image } of pod.spec.containers) {
        const time = new Date(cluster.clock.now()).toISOString();
        append(pod, JSON.stringify({ time, level: 'info', msg: 'starting', app: appOf(pod), image }), name);
        append(pod, JSON.stringify({ time, level: 'info', msg: 'listening', build: shortHash(image) }), name);
      }
    },
    crashed: (pod) => {
      for (const line of crashLines(appOf(pod), cluster.clock.now())) append(pod, line);
    },
  };
}
