/* global document, location, matchMedia */
// Runs before the first paint, as a file of its own since the content policy allows no inline script. The key of the
// scheme is that of Mantine's own manager; that of the look, and its form, are those of src/plugins/theme-look.ts,
// that of safe mode of src/plugins/safe-mode.ts.
(() => {
  const read = (key, find = () => localStorage) => {
    try {
      return find().getItem(key);
    } catch {
      // no storage: follow the system
      return null;
    }
  };
  const chosen = read('mantine-color-scheme-value');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const scheme = chosen === 'light' || chosen === 'dark' ? chosen : dark ? 'dark' : 'light';
  const page = document.documentElement;
  page.setAttribute('data-mantine-color-scheme', scheme);

  // The theme of a plugin, until the plugins are listed. What is stored may be anything by now: it is judged as the schema
  // of themes does it (packages/plugin-manager/src/protocol/css-value.ts); that a value is whole, `setProperty` sees to.
  const names = /^--[a-z0-9-]{1,80}$/;
  const values = /^[^;{}<>\\\p{Cc}\p{Cf}\p{Cs}]{1,200}$/u;
  const functions =
    /^(?:rgba?|hsla?|hwb|(?:ok)?l(?:ab|ch)|color(?:-mix)?|light-dark|calc|min|max|clamp|var|cubic-bezier|(?:repeating-)?(?:linear|radial|conic)-gradient)?$/i;
  const isValue = (value) =>
    values.test(value) &&
    !/\/\*|\*\//.test(value) &&
    [...value.replace(/"[^"]*"|'[^']*'/g, ' ').matchAll(/([^\s(),+*/]*)\(/g)].every(([, name]) => functions.test(name));
  const look = read('fleetwire.look') ?? '';
  const isSafe =
    new URLSearchParams(location.search).has('safe-mode') || read('fleetwire.safe-mode', () => sessionStorage);
  if (look.length > 32768 || isSafe) return;
  try {
    const { colorScheme, variables } = JSON.parse(look);
    if (colorScheme !== scheme) return;
    for (const [name, value] of Object.entries(variables).slice(0, 200))
      if (names.test(name) && typeof value === 'string' && isValue(value)) page.style.setProperty(name, value);
  } catch {
    // There is none.
  }
})();
