import { lazy, Suspense, type ReactElement } from 'react';
import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { isInSafeMode } from '../plugins/safe-mode.ts';
import { usePluginThemes, useThemeOfPlugin } from '../plugins/use-plugin-theme.ts';
import { Icon } from '../ui/icons.tsx';

const ThemeMenu = lazy(async () => ({ default: (await import('./ThemeMenu.tsx')).ThemeMenu }));

/** Switches between light, dark, and the themes of plugins; until it is used, the page follows the system. */
export function ThemeToggle(): ReactElement {
  const { setColorScheme } = useMantineColorScheme();
  const { themes, active, choose } = usePluginThemes();
  useThemeOfPlugin(active);
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  const label = `Switch to the ${other} theme`;
  const toggle = (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size={34}
        aria-label={label}
        onClick={() => {
          // Safe mode is where one gets rid of a theme in which nothing can be read.
          if (isInSafeMode()) choose('');
          setColorScheme(other);
        }}
      >
        <Icon name={other === 'dark' ? 'moon' : 'sun'} />
      </ActionIcon>
    </Tooltip>
  );
  if (themes.length === 0) return toggle;
  return (
    <Suspense fallback={toggle}>
      <ThemeMenu
        themes={themes}
        active={active}
        onChoose={(scheme, key) => {
          choose(key);
          setColorScheme(scheme);
        }}
      />
    </Suspense>
  );
}
