import type { ReactElement, ReactNode } from 'react';
import { Badge, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { KubeObject, KubeResource } from '@fleetwire/kube-watch';
import { conditionsOf, containersOf, isGood, type Condition } from '../../../kube/read-object.ts';
import { PluginDetailSections } from '../../../plugins/PluginSections.tsx';
import { targetsOf } from '../../../plugins/plugin-targets.ts';
import { Ago } from '../../../ui/Ago.tsx';
import { DataTable } from '../../../ui/DataTable.tsx';
import { Mark } from '../../../ui/Mark.tsx';
import { summaryOf } from './object-summary.ts';

/** What an object is and how it is doing, without its YAML. */
export function OverviewTab(props: {
  readonly cluster: string;
  readonly resource: KubeResource;
  readonly object: KubeObject;
}): ReactElement {
  const { cluster, resource, object } = props;
  const { metadata } = object;
  const facts = summaryOf(object);
  const conditions = conditionsOf(object);
  const containers = object.kind === 'Pod' ? containersOf(object) : [];
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        {facts.length === 0 ? null : (
          <Section title="At a glance">
            <Facts facts={facts.map(({ label, value }) => [label, value])} />
          </Section>
        )}
        <Section title="Metadata">
          <Facts
            facts={[
              [
                'Created',
                metadata.creationTimestamp === undefined ? (
                  '–'
                ) : (
                  <Ago key="age" at={Date.parse(metadata.creationTimestamp)} />
                ),
              ],
              ['Labels', <Pairs key="labels" pairs={metadata.labels} />],
              ['Annotations', <Pairs key="annotations" pairs={metadata.annotations} />],
              ['UID', metadata.uid],
            ]}
          />
        </Section>
      </SimpleGrid>
      {containers.length === 0 ? null : (
        <Section title="Containers">
          <DataTable heads={['Name', 'State', 'Restarts', 'Since', 'Image']}>
            {containers.map(({ name, state, isReady, restarts, since, image, message }) => (
              <tr key={name}>
                <td>{name}</td>
                <td title={message}>
                  <Mark tone={isReady || state === 'Completed' ? 'good' : 'busy'}>{state}</Mark>
                </td>
                <td>{restarts}</td>
                <td>{since === undefined ? '–' : <Ago at={Date.parse(since)} />}</td>
                <td>{image}</td>
              </tr>
            ))}
          </DataTable>
        </Section>
      )}
      {conditions.length === 0 ? null : (
        <Section title="Conditions">
          <Conditions conditions={conditions} />
        </Section>
      )}
      <PluginDetailSections targets={targetsOf(resource)} target={{ object, cluster }} />
    </Stack>
  );
}

function Conditions({ conditions }: { readonly conditions: readonly Condition[] }): ReactElement {
  return (
    <DataTable heads={['Type', 'Status', 'Since', 'Reason', 'Message']}>
      {conditions.map((condition) => (
        <tr key={condition.type}>
          <td>{condition.type}</td>
          <td>
            <Mark tone={isGood(condition) ? 'good' : condition.status === 'Unknown' ? 'busy' : 'bad'}>
              {condition.status}
            </Mark>
          </td>
          <td>
            {condition.lastTransitionTime === undefined ? '–' : <Ago at={Date.parse(condition.lastTransitionTime)} />}
          </td>
          <td>{condition.reason ?? ''}</td>
          <td>{condition.message ?? ''}</td>
        </tr>
      ))}
    </DataTable>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <section className="fw-card">
      <Title order={2} size="h5" mb="sm">
        {title}
      </Title>
      {children}
    </section>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }): ReactElement {
  return (
    <dl className="fw-facts">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** More would push everything else off the page; the YAML has them all. */
const maxPairs = 12;
const maxValueLength = 80;

function Pairs({ pairs }: { readonly pairs: Readonly<Record<string, string>> | undefined }): ReactElement {
  const entries = Object.entries(pairs ?? {});
  if (entries.length === 0) return <>–</>;
  return (
    <Group gap={6}>
      {entries.slice(0, maxPairs).map(([key, value]) => (
        <Badge key={key} variant="default" size="sm" tt="none" fw={500} maw="100%" title={`${key}=${value}`}>
          {key}={value.length > maxValueLength ? `${value.slice(0, maxValueLength)}…` : value}
        </Badge>
      ))}
      {entries.length > maxPairs ? (
        <Text size="xs" c="dimmed">
          and {entries.length - maxPairs} more
        </Text>
      ) : null}
    </Group>
  );
}
