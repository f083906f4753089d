import type { ReactElement } from 'react';
import { ActionIcon, Menu, useComputedColorScheme } from '@mantine/core';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { PluginTag } from '../plugins/PluginContent.tsx';
import { Icon } from '../ui/icons.tsx';

const own = [
  { scheme: 'light', title: 'Light' },
  { scheme: 'dark', title: 'Dark' },
] as const;

/** Chooses a look: the dashboard's own two, and those of plugins. */
export function ThemeMenu(props: {
  readonly themes: readonly Registered<'theme'>[];
  readonly active: Registered<'theme'> | undefined;
  readonly onChoose: (scheme: 'light' | 'dark', themeKey: string) => void;
}): ReactElement {
  const { themes, active, onChoose } = props;
  const scheme = useComputedColorScheme('light');
  const check = (isChosen: boolean): ReactElement => (
    <span className="fw-check">{isChosen ? <Icon name="check" size={14} /> : null}</span>
  );
  return (
    <Menu position="bottom-end" width={280} transitionProps={{ duration: 0 }} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="default" size={34} aria-label="Choose a theme">
          <Icon name={scheme === 'dark' ? 'moon' : 'sun'} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {own.map((each) => {
          const isChosen = active === undefined && scheme === each.scheme;
          return (
            <Menu.Item
              key={each.scheme}
              leftSection={check(isChosen)}
              aria-current={isChosen}
              onClick={() => {
                onChoose(each.scheme, '');
              }}
            >
              {each.title}
            </Menu.Item>
          );
        })}
        {themes.map(({ key, pluginId, value: { title, colorScheme } }) => (
          <Menu.Item
            key={key}
            leftSection={check(key === active?.key)}
            rightSection={<PluginTag pluginId={pluginId} />}
            aria-current={key === active?.key}
            onClick={() => {
              onChoose(colorScheme, key);
            }}
          >
            {title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
