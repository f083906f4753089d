import type { ReactElement } from 'react';
import { ActionIcon, Menu, useComputedColorScheme } from '@mantine/core';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { PluginTag } from '../plugins/PluginContent.tsx';
import { Icon } from '../ui/icons.tsx';

const own = [
  { scheme: 'light', title: 'Light' },
  { scheme: 'dark', title: 'Dark' },
] as const;

const check = <Icon name="check" size={14} />;

/** Chooses a look: the dashboard's own two, and those of plugins. */
export function ThemeMenu(props: {
  readonly themes: readonly Registered<'theme'>[];
  readonly active: Registered<'theme'> | undefined;
  readonly onChoose: (scheme: 'light' | 'dark', themeKey: string) => void;
}): ReactElement {
  const { themes, active, onChoose } = props;
  const scheme = useComputedColorScheme('light');
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
            <Menu.RadioItem
              key={each.scheme}
              value={each.scheme}
              checked={isChosen}
              closeMenuOnClick
              checkIcon={check}
              onChange={() => {
                onChoose(each.scheme, '');
              }}
            >
              {each.title}
            </Menu.RadioItem>
          );
        })}
        {themes.map(({ key, pluginId, value: { title, colorScheme } }) => (
          <Menu.RadioItem
            key={key}
            value={key}
            checked={key === active?.key}
            closeMenuOnClick
            checkIcon={check}
            rightSection={<PluginTag pluginId={pluginId} />}
            onChange={() => {
              onChoose(colorScheme, key);
            }}
          >
            {title}
          </Menu.RadioItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
