import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactElement } from 'react';
import { Button, Checkbox, Group, Select, Text, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { KubeObject } from '@fleetwire/kube-watch';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';
import { Icon } from '../../../ui/icons.tsx';
import { LogFollower } from './log-follower.ts';
import type { LogLine } from './log-lines.ts';
import { chooseSources, logSourcesOf, sourceKey, sourceLabel, type LogSource } from './log-sources.ts';

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
  const all = logSourcesOf(pods);
  const containers = [...new Set(all.map(({ container }) => container))];
  const { read, leftOut } = chooseSources(all, picked);
  const { snapshot, clear } = useLogs(cluster, read, previous);
  const showsContainer = containers.length > 1;
  const words = query.toLowerCase();
  const shown = useMemo(() => {
    const ofPicked = picked === null ? undefined : `/${picked}`;
    return snapshot.lines.filter(
      ({ text, source }) =>
        (ofPicked === undefined || source.endsWith(ofPicked)) &&
        (words === '' || `${sourceLabel(source, showsContainer)} ${text}`.toLowerCase().includes(words)),
    );
  }, [snapshot.lines, words, picked, showsContainer]);

  if (all.length === 0 && snapshot.lines.length === 0) return <p className="fw-card fw-empty">No pod to read from</p>;
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
            download(snapshot.lines, showsContainer, `${pods[0]?.metadata.name ?? 'pods'}.log`);
          }}
        >
          Download
        </Button>
      </Group>
      {leftOut.length === 0 ? null : (
        <Text size="xs" px="sm" pb={6} c="dimmed" data-testid="left-out">
          {describeLeftOut(read.length, leftOut, showsContainer)}
        </Text>
      )}
      {[...snapshot.errors].map(([source, message]) => (
        <Text key={source} size="xs" px="sm" pb={6} c="error">
          {sourceLabel(source, showsContainer)}: {message}
        </Text>
      ))}
      <LogLines lines={shown} showsSource={pods.length > 1 || showsContainer} showsContainer={showsContainer} />
    </div>
  );
}

function LogLines({
  lines,
  showsSource,
  showsContainer,
}: {
  readonly lines: readonly LogLine[];
  readonly showsSource: boolean;
  readonly showsContainer: boolean;
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  /** The uppermost line in sight and how far it is scrolled, for whoever reads while older lines go. */
  const anchor = useRef<{ readonly id: number | undefined; readonly offset: number }>(undefined);
  const [isFollowing, setFollowing] = useState(true);
  // eslint-disable-next-line react-hooks/incompatible-library -- the list below is not memoised by the compiler
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeightPx,
    overscan: 20,
  });
  useLayoutEffect(() => {
    if (scroller.current === null) return;
    if (isFollowing) scroller.current.scrollTop = scroller.current.scrollHeight;
    else {
      const index = lines.findIndex(({ id }) => id === anchor.current?.id);
      if (index >= 0) scroller.current.scrollTop = index * lineHeightPx + (anchor.current?.offset ?? 0);
    }
  }, [lines, isFollowing]);

  return (
    <div style={{ position: 'relative' }}>
      <div
        ref={scroller}
        className="fw-log"
        role="log"
        // Read out line by line, it would leave no room for anything else.
        aria-live="off"
        aria-label="Log"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          setFollowing(scrollHeight - scrollTop - clientHeight < lineHeightPx * 2);
          anchor.current = { id: lines[Math.floor(scrollTop / lineHeightPx)]?.id, offset: scrollTop % lineHeightPx };
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
                    {sourceLabel(line.source, showsContainer)}
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

function describe(following: number, shown: number, all: number, dropped: number): string {
  const count = shown === all ? `${String(all)} lines` : `${String(shown)} of ${String(all)} lines`;
  const older = dropped === 0 ? '' : `, ${String(dropped)} older ones dropped`;
  return `${count}${older}${following > 0 ? ' · following' : ''}`;
}

/** Names that are listed; the rest is counted. */
const maxNamed = 3;

function describeLeftOut(read: number, leftOut: readonly LogSource[], showsContainer: boolean): string {
  const names = leftOut.slice(0, maxNamed).map((source) => sourceLabel(sourceKey(source), showsContainer));
  const more = leftOut.length > maxNamed ? ` and ${String(leftOut.length - maxNamed)} more` : '';
  const count = `${String(read)} of ${String(read + leftOut.length)}`;
  return `Reads ${count} logs at once, the newest pods’ first. Left out: ${names.join(', ')}${more}.`;
}

/** The same colour for the same source, readable on both themes. */
function colourOf(source: string): string {
  let hash = 0;
  for (const character of source) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return `light-dark(hsl(${String(hash)} 70% 30%), hsl(${String(hash)} 60% 72%))`;
}

function download(lines: readonly LogLine[], showsContainer: boolean, name: string): void {
  const text = lines
    .map(({ at, source, text: line }) => [at, sourceLabel(source, showsContainer), line].filter(Boolean).join(' '))
    .join('\n');
  const url = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
