import type { ReactElement, ReactNode } from 'react';
import { Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ServerHealth } from '../live/server-types.ts';
import { useServerHealth } from '../live/use-server-health.ts';
import { PluginWidgets } from '../plugins/PluginSections.tsx';
import { ChannelFailure, ChannelNotice, isStale } from '../ui/ChannelNotice.tsx';
import { formatBytes, formatDuration, formatMs } from '../ui/format.ts';
import { Sparkline } from '../ui/Sparkline.tsx';
import { FleetOverview } from './overview/FleetOverview.tsx';
import { RecentEvents } from './RecentEvents.tsx';

/** A sparkline begins with half a minute and grows to two. */
const leastSpanMs = 30_000;
const mostSpanMs = 120_000;

/** Least top of the scale of lag, so that an idle server does not look busy. */
const leastLagScaleMs = 10;

/** How the fleet does, what happened of late, and the server's own health. */
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
      <FleetOverview>
        <RecentEvents />
      </FleetOverview>
      <PluginWidgets />
      {view.status === 'failed' ? (
        <ChannelFailure view={view} />
      ) : (
        <section className="fw-card" data-stale={isStale(view)} data-testid="health">
          <Title order={2} size="h5" mb="sm">
            Server
          </Title>
          <div className="fw-health">
            {health === undefined ? <LoadingFacts /> : <HealthFacts health={health} samples={samples} />}
          </div>
        </section>
      )}
    </>
  );
}

function HealthFacts(props: {
  readonly health: ServerHealth;
  readonly samples: readonly ServerHealth[];
}): ReactElement {
  const { health, samples } = props;
  const lag = samples.map(({ sampledAt, eventLoopLagMs }) => ({ at: sampledAt, value: eventLoopLagMs }));
  const memory = samples.map(({ sampledAt, rssBytes }) => ({ at: sampledAt, value: rssBytes }));
  const seenMs = health.sampledAt - (samples[0]?.sampledAt ?? health.sampledAt);
  const spanMs = Math.min(mostSpanMs, Math.max(leastSpanMs, seenMs));
  const mostLag = Math.max(0, ...lag.map(({ value }) => value));
  const mostMemory = Math.max(health.rssBytes, ...memory.map(({ value }) => value));
  return (
    <>
      <HealthFact title="Uptime" value={formatDuration(health.uptimeMs)} name="uptime">
        <Text size="sm" c="dimmed">
          since {new Date(health.startedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
        </Text>
      </HealthFact>
      <HealthFact title="Connections" value={String(health.connections)} name="connections">
        <Text size="sm">
          <Link to="/connections" className="fw-link">
            See who is connected
          </Link>
        </Text>
      </HealthFact>
      <HealthFact title="Event-loop lag" value={formatMs(health.eventLoopLagMs)} name="lag">
        <Text size="sm" c="dimmed">
          p99 · at most {formatMs(mostLag)}
        </Text>
        <Sparkline
          points={lag}
          spanMs={spanMs}
          max={Math.max(leastLagScaleMs, mostLag)}
          label={`Event-loop lag of late, at most ${formatMs(mostLag)}`}
        />
      </HealthFact>
      <HealthFact title="Memory" value={formatBytes(health.rssBytes)} name="memory">
        <Text size="sm" c="dimmed">
          {formatBytes(health.heapUsedBytes)} of it in the heap
        </Text>
        <Sparkline
          points={memory}
          spanMs={spanMs}
          max={mostMemory * 1.4}
          label={`Memory of late, at most ${formatBytes(mostMemory)}`}
        />
      </HealthFact>
    </>
  );
}

function HealthFact(props: {
  readonly title: string;
  readonly value: string;
  readonly name: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="fw-numbers" data-testid={props.name}>
      <Text component="h3" size="sm" fw={600} c="dimmed" m={0}>
        {props.title}
      </Text>
      <div className="fw-value">{props.value}</div>
      {props.children}
    </div>
  );
}

function LoadingFacts(): ReactElement {
  return (
    <>
      {['uptime', 'connections', 'lag', 'memory'].map((name) => (
        <Stack gap={10} key={name} aria-busy="true">
          <Skeleton height={14} width="40%" />
          <Skeleton height={22} width="60%" />
          <Skeleton height={14} width="80%" />
        </Stack>
      ))}
    </>
  );
}
