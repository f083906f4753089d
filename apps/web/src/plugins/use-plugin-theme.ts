import { useEffect } from 'react';
import { useComputedColorScheme } from '@mantine/core';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { useContributions } from '@fleetwire/plugin-manager/react';
import { useStored } from '../ui/use-stored.ts';
import { activeTheme, applyTheme, parseThemeKey } from './theme-choice.ts';

/** The themes of plugins, which of them holds, and how to choose one by its key; an empty key is none. */
export function usePluginThemes(): {
  readonly themes: readonly Registered<'theme'>[];
  readonly active: Registered<'theme'> | undefined;
  readonly choose: (key: string) => void;
} {
  const themes = useContributions('theme');
  const [key, choose] = useStored('theme', parseThemeKey);
  const active = activeTheme(themes, key, useComputedColorScheme('light'));
  return { themes, active, choose };
}

/** Gives the page the look of the theme that holds, for as long as the component is mounted. */
export function useThemeOfPlugin(theme: Registered<'theme'> | undefined): void {
  const variables = theme?.value.variables;
  useEffect(
    () => (variables === undefined ? undefined : applyTheme(document.documentElement.style, variables)),
    [variables],
  );
}
