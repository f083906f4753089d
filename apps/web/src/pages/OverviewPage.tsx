import type { ReactElement, ReactNode } from 'react';
import { Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ServerHealth } from '../live/server-types.ts';
import { useServerHealth } from '../live/use-server-health.ts';
import { ChannelFailure, ChannelNotice, isStale } from '../ui/ChannelNotice.tsx';
import { formatBytes, formatDuration, formatMs } from '../ui/format.ts';
import { Sparkline } from '../ui/Sparkline.tsx';
import { RecentEvents } from './RecentEvents.tsx';

/** A sparkline begins with half a minute and grows to two. */
const leastSpanMs = 30_000;
const mostSpanMs = 120_000;

/** Least top of the scale of lag, so that an idle server does not look busy. */
const leastLagScaleMs = 10;

/** The server's own health and what happened of late. */
export function OverviewPage(): ReactElement {
  const { view, health, samples } = useServerHealth();
  return (
    <>
      <title>Overview · Fleetwire</title>
      <Group justify="space-between" align="center" gap="xs">
        <Group gap="sm" align="center">
          <Title order={1} size="h2">
            Overview
          </Title>
          <ChannelNotice view={view} />
        </Group>
        <Text size="sm" c="dimmed">
          {health === undefined ? '' : `Server ${health.version} on Node ${health.nodeVersion}`}
        </Text>
      </Group>
      {view.status === 'failed' ? (
        <ChannelFailure view={view} />
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="md" data-testid="health">
          {health === undefined ? (
            <LoadingCards />
          ) : (
            <HealthCards health={health} samples={samples} stale={isStale(view)} />
          )}
        </SimpleGrid>
      )}
      <RecentEvents />
    </>
  );
}

function HealthCards(props: {
  readonly health: ServerHealth;
  readonly samples: readonly ServerHealth[];
  readonly stale: boolean;
}): ReactElement {
  const { health, samples, stale } = props;
  const lag = samples.map(({ sampledAt, eventLoopLagMs }) => ({ at: sampledAt, value: eventLoopLagMs }));
  const memory = samples.map(({ sampledAt, rssBytes }) => ({ at: sampledAt, value: rssBytes }));
  const seenMs = health.sampledAt - (samples[0]?.sampledAt ?? health.sampledAt);
  const spanMs = Math.min(mostSpanMs, Math.max(leastSpanMs, seenMs));
  const mostLag = Math.max(0, ...lag.map(({ value }) => value));
  const mostMemory = Math.max(health.rssBytes, ...memory.map(({ value }) => value));
  return (
    <>
      <HealthCard title="Uptime" value={formatDuration(health.uptimeMs)} stale={stale} name="uptime">
        <Text size="sm" c="dimmed">
          since {new Date(health.startedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
        </Text>
      </HealthCard>
      <HealthCard title="Connections" value={String(health.connections)} stale={stale} name="connections">
        <Text size="sm">
          <Link to="/connections" className="mantine-focus-auto" style={{ color: 'var(--fw-line)' }}>
            See who is connected
          </Link>
        </Text>
      </HealthCard>
      <HealthCard title="Event-loop lag" value={formatMs(health.eventLoopLagMs)} stale={stale} name="lag">
        <Text size="sm" c="dimmed">
          p99 · at most {formatMs(mostLag)}
        </Text>
        <Sparkline
          points={lag}
          spanMs={spanMs}
          max={Math.max(leastLagScaleMs, mostLag)}
          label={`Event-loop lag of late, at most ${formatMs(mostLag)}`}
        />
      </HealthCard>
      <HealthCard title="Memory" value={formatBytes(health.rssBytes)} stale={stale} name="memory">
        <Text size="sm" c="dimmed">
          {formatBytes(health.heapUsedBytes)} of it in the heap
        </Text>
        <Sparkline
          points={memory}
          spanMs={spanMs}
          max={mostMemory * 1.4}
          label={`Memory of late, at most ${formatBytes(mostMemory)}`}
        />
      </HealthCard>
    </>
  );
}

function HealthCard(props: {
  readonly title: string;
  readonly value: string;
  readonly stale: boolean;
  readonly name: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className="fw-card fw-numbers" data-stale={props.stale} data-testid={props.name}>
      <Text component="h2" size="sm" fw={600} c="dimmed" m={0}>
        {props.title}
      </Text>
      <div className="fw-value">{props.value}</div>
      {props.children}
    </section>
  );
}

function LoadingCards(): ReactElement {
  return (
    <>
      {['uptime', 'connections', 'lag', 'memory'].map((name) => (
        <div className="fw-card" key={name} aria-busy="true">
          <Stack gap={10}>
            <Skeleton height={14} width="40%" />
            <Skeleton height={26} width="60%" />
            <Skeleton height={14} width="80%" />
          </Stack>
        </div>
      ))}
    </>
  );
}
