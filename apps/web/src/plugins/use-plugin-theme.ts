import { useEffect, useLayoutEffect, useState } from 'react';
import { useComputedColorScheme } from '@mantine/core';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { useContributions } from '@fleetwire/plugin-manager/react';
import { useStored } from '../ui/use-stored.ts';
import { useArePluginsKnown } from './PagePlugins.tsx';
import { isInSafeMode } from './safe-mode.ts';
import { activeTheme, applyTheme, parseThemeKey } from './theme-choice.ts';
import { clearLook, rememberLook } from './theme-look.ts';

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

/**
 * Gives the page the look of the theme that holds, for as long as the component is mounted, and keeps it for the next
 * load. Until the plugins are listed, the look of the last load stands.
 */
export function useThemeOfPlugin(theme: Registered<'theme'> | undefined): void {
  const areKnown = useArePluginsKnown();
  const colorScheme = useComputedColorScheme('light');
  const [firstScheme] = useState(colorScheme);
  const isSettled = theme !== undefined || areKnown || colorScheme !== firstScheme || isInSafeMode();
  const variables = theme?.value.variables;
  // Before the next paint, so that one look follows the other.
  useLayoutEffect(() => {
    if (!isSettled) return undefined;
    const { style } = document.documentElement;
    clearLook(style);
    rememberLook(findStorage, variables && { colorScheme, variables });
    return variables && applyTheme(style, variables);
  }, [isSettled, variables, colorScheme]);
  // With the sign-in: the next user has chosen another.
  useEffect(
    () => () => {
      clearLook(document.documentElement.style);
      rememberLook(findStorage, undefined);
    },
    [],
  );
}

const findStorage = (): Storage => localStorage;
