import type { ReactElement } from 'react';
import { Group, SimpleGrid, Text, Title } from '@mantine/core';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { useActivated, useContributions, usePlugins } from '@fleetwire/plugin-manager/react';
import type { TargetProps } from '@fleetwire/plugin-manager/sdk';
import { LoadingRows } from '../ui/StateViews.tsx';
import { PluginContent, PluginTag } from './PluginContent.tsx';
import { notBrought } from './plugin-words.ts';

/** What plugins add to the overview. */
export function PluginWidgets(): ReactElement | null {
  const widgets = useContributions('overviewWidget');
  useActivated(widgets);
  if (widgets.length === 0) return null;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      {widgets.map((widget) => (
        <PluginSection key={widget.key} contribution={widget} />
      ))}
    </SimpleGrid>
  );
}

/** What plugins add to the page of an object. `targets`: the names of its kind. */
export function PluginDetailSections(props: {
  readonly targets: readonly string[];
  readonly target: TargetProps;
}): ReactElement {
  const { targets, target } = props;
  const sections = useContributions('detailSection', { target: targets });
  useActivated(sections);
  return (
    <>
      {sections.map((section) => (
        <PluginSection key={section.key} contribution={section} componentProps={target} />
      ))}
    </>
  );
}

type Section = Registered<'overviewWidget'> | Registered<'detailSection'>;

function PluginSection(props: { readonly contribution: Section; readonly componentProps?: object }): ReactElement {
  const { contribution, componentProps } = props;
  return (
    <section className="fw-card">
      <Group justify="space-between" mb="sm" wrap="nowrap">
        <Title order={2} size="h5">
          {contribution.value.title}
        </Title>
        <PluginTag pluginId={contribution.pluginId} />
      </Group>
      {contribution.isDeclared ? (
        <DeclaredSection contribution={contribution} />
      ) : (
        <PluginContent contribution={contribution} componentProps={componentProps} />
      )}
    </section>
  );
}

/** What package.json speaks of, and the plugin's code has not brought, or not yet. */
function DeclaredSection({
  contribution: { pluginId, kind, value },
}: {
  readonly contribution: Section;
}): ReactElement {
  const plugin = usePlugins().find(({ id }) => id === pluginId);
  if (plugin?.status !== 'active') return <LoadingRows rows={2} label={`Loading ${value.title}`} />;
  return (
    <Text size="sm" c="dimmed" role="alert">
      The plugin does not bring this. {notBrought(`the ${words[kind]} “${value.id}”`)}
    </Text>
  );
}

const words = { overviewWidget: 'widget', detailSection: 'section' } as const;
