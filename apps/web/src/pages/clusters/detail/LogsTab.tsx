import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactElement } from 'react';
import { Button, Checkbox, Group, Select, Text, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { KubeObject } from '@fleetwire/kube-watch';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';
import { Icon } from '../../../ui/icons.tsx';
import { LogFollower, type LogSource } from './log-follower.ts';
import type { LogLine } from './log-lines.ts';
import { containersOf } from './object-summary.ts';

const lineHeightPx = 20;
const tailLines = 500;

/** The logs of one or several pods, as they are written. */
export function LogsTab({
  cluster,
  pods,
}: {
  readonly cluster: string;
  readonly pods: readonly KubeObject[];
}): ReactElement {
  const [picked, setPicked] = useState<string | null>(null);
  const [previous, setPrevious] = useState(false);
  const [query, setQuery] = useState('');
  const all = useMemo(() => pods.flatMap(sourcesOf), [pods]);
  const containers = [...new Set(all.map(({ container }) => container))];
  const sources = picked === null ? all : all.filter(({ container }) => container === picked);
  const { snapshot, clear } = useLogs(cluster, sources, previous);
  const words = query.toLowerCase();
  const shown = useMemo(
    () =>
      words === ''
        ? snapshot.lines
        : snapshot.lines.filter(({ text, source }) => `${source} ${text}`.toLowerCase().includes(words)),
    [snapshot.lines, words],
  );

  if (all.length === 0) return <p className="fw-card fw-empty">No pod to read from</p>;
  return (
    <div className="fw-card" style={{ padding: 0, overflow: 'hidden' }}>
      <Group gap="sm" p="sm" align="center">
        <TextInput
          aria-label="Search the log"
          placeholder="Search"
          type="search"
          size="xs"
          leftSection={<Icon name="search" size={14} />}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
          }}
        />
        {containers.length > 1 ? (
          <Select
            aria-label="Container"
            placeholder="All containers"
            size="xs"
            clearable
            data={containers}
            value={picked}
            onChange={setPicked}
          />
        ) : null}
        <Checkbox
          size="xs"
          label="Previous run"
          checked={previous}
          onChange={(event) => {
            setPrevious(event.currentTarget.checked);
          }}
        />
        <Text size="xs" c="dimmed" className="fw-numbers" role="status" ml="auto">
          {describe(snapshot.following, shown.length, snapshot.lines.length, snapshot.dropped)}
        </Text>
        <Button size="compact-xs" variant="default" onClick={clear}>
          Clear
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            download(snapshot.lines, `${pods[0]?.metadata.name ?? 'pods'}.log`);
          }}
        >
          Download
        </Button>
      </Group>
      {[...snapshot.errors].map(([source, message]) => (
        <Text key={source} size="xs" px="sm" pb={6} c="error">
          {source}: {message}
        </Text>
      ))}
      <LogLines lines={shown} showsSource={new Set(all.map(({ pod }) => pod)).size > 1 || containers.length > 1} />
    </div>
  );
}

function LogLines({
  lines,
  showsSource,
}: {
  readonly lines: readonly LogLine[];
  readonly showsSource: boolean;
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  // eslint-disable-next-line react-hooks/incompatible-library -- the list below is not memoised by the compiler
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeightPx,
    overscan: 20,
  });
  useEffect(() => {
    if (isFollowing && scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [lines, isFollowing]);

  return (
    <div style={{ position: 'relative' }}>
      <div
        ref={scroller}
        className="fw-log"
        role="log"
        aria-label="Log"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          setFollowing(scrollHeight - scrollTop - clientHeight < lineHeightPx * 2);
        }}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            if (line === undefined) return null;
            return (
              <div key={line.id} className="fw-log-line" style={{ transform: `translateY(${String(start)}px)` }}>
                <time title={line.at}>{line.at?.slice(11, 23) ?? ''}</time>
                {showsSource ? (
                  <span className="fw-log-source" style={{ color: colourOf(line.source) }}>
                    {line.source}
                  </span>
                ) : null}
                <span>{line.text}</span>
              </div>
            );
          })}
        </div>
      </div>
      {isFollowing ? null : (
        <Button
          size="compact-sm"
          className="fw-log-follow"
          onClick={() => {
            setFollowing(true);
          }}
        >
          Follow
        </Button>
      )}
    </div>
  );
}

function useLogs(cluster: string, sources: readonly LogSource[], previous: boolean) {
  const client = useKubeWatchClient();
  const follower = useMemo(
    () => new LogFollower(client, cluster, { previous, tailLines }),
    [client, cluster, previous],
  );
  const key = JSON.stringify(sources);
  useEffect(() => {
    follower.follow(JSON.parse(key) as LogSource[]);
  }, [follower, key]);
  const snapshot = useSyncExternalStore(follower.subscribe, follower.getSnapshot);
  return {
    snapshot,
    clear: () => {
      follower.clear();
    },
  };
}

/** The containers that have a log to read: one that waits for its first start has none. */
function sourcesOf(pod: KubeObject): LogSource[] {
  const { name, namespace = '' } = pod.metadata;
  return containersOf(pod)
    .filter(({ hasStarted }) => hasStarted)
    .map((container) => ({ namespace, pod: name, container: container.name }));
}

function describe(following: number, shown: number, all: number, dropped: number): string {
  const count = shown === all ? `${String(all)} lines` : `${String(shown)} of ${String(all)} lines`;
  const older = dropped === 0 ? '' : `, ${String(dropped)} older ones dropped`;
  return `${count}${older}${following > 0 ? ' · following' : ''}`;
}

/** The same colour for the same source, readable on both themes. */
function colourOf(source: string): string {
  let hash = 0;
  for (const character of source) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return `light-dark(hsl(${String(hash)} 70% 30%), hsl(${String(hash)} 60% 72%))`;
}

function download(lines: readonly LogLine[], name: string): void {
  const text = lines.map(({ at, source, text: line }) => [at, source, line].filter(Boolean).join(' ')).join('\n');
  const url = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
