/** What `?` shows; the keys as pressed one after the other, `mod` being Ctrl or ⌘. */
export const shortcutSections: readonly {
  readonly title: string;
  readonly shortcuts: readonly (readonly [keys: readonly string[], meaning: string])[];
}[] = [
  {
    title: 'Everywhere',
    shortcuts: [
      [['mod+K'], 'Go to anything'],
      [['?'], 'Show the shortcuts'],
      [['/'], 'Filter what is listed'],
      [['Esc'], 'Close, clear or go back'],
    ],
  },
  {
    title: 'Go to',
    shortcuts: [
      [['g', 'o'], 'Overview'],
      [['g', 'c'], 'Clusters'],
      [['g', 'n'], 'Connections'],
      [['g', 'l'], 'Plugins'],
      [['g', 'p'], 'Pods'],
      [['g', 'd'], 'Deployments'],
      [['g', 's'], 'Services'],
      [['g', 'e'], 'Events'],
    ],
  },
  {
    title: 'In a list',
    shortcuts: [
      [['j'], 'Next row'],
      [['k'], 'Row before'],
      [['Enter'], 'Open the row'],
      [['x'], 'Select the row'],
      [['Shift+↓'], 'Select further'],
      [['Home'], 'First row'],
      [['End'], 'Last row'],
    ],
  },
];
