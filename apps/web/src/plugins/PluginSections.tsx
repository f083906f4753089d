import type { ReactElement } from 'react';
import { Group, SimpleGrid, Title } from '@mantine/core';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { useActivated, useContributions } from '@fleetwire/plugin-manager/react';
import type { TargetProps } from '@fleetwire/plugin-manager/sdk';
import { LoadingRows } from '../ui/StateViews.tsx';
import { PluginContent, PluginTag } from './PluginContent.tsx';

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
  const loading = <LoadingRows rows={2} label={`Loading ${contribution.value.title}`} />;
  return (
    <section className="fw-card">
      <Group justify="space-between" mb="sm" wrap="nowrap">
        <Title order={2} size="h5">
          {contribution.value.title}
        </Title>
        <PluginTag pluginId={contribution.pluginId} />
      </Group>
      {contribution.isDeclared ? (
        loading
      ) : (
        <PluginContent contribution={contribution} componentProps={componentProps} loading={loading} />
      )}
    </section>
  );
}
