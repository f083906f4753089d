import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** The look of the components. */
export const theme = createTheme({
  primaryColor: 'indigo',
  // The shades on which white text has a contrast of at least 4.5 (WCAG 2.2, 1.4.3).
  primaryShade: { light: 8, dark: 8 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  headings: { fontFamily: 'inherit', fontWeight: '640' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // It is in no section, by its role, so that its `header` would be another banner of the page (HTML AAM).
    Modal: { defaultProps: { attributes: { header: { role: 'none' } } } },
  },
});

/** Secondary text that is still read easily, in both themes. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': '#5a626b', '--mantine-color-error': '#c92a2a' },
  dark: { '--mantine-color-dimmed': '#a8b0bb', '--mantine-color-body': '#1e2128', '--mantine-color-error': '#ff8787' },
});
