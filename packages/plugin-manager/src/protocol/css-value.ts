import * as z from 'zod/mini';

/** Functions that make colours, numbers and gradients. None fetches, and none that is invented later is among them. */
const functions =
  /^(?:rgba?|hsla?|hwb|(?:ok)?l(?:ab|ch)|color(?:-mix)?|light-dark|calc|min|max|clamp|var|cubic-bezier|(?:repeating-)?(?:linear|radial|conic)-gradient)?$/i;

const string = /"[^"]*"|'[^']*'/g;

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Whether a value ends neither its declaration nor its rule, opens nothing that it does not close, and fetches nothing. */
function isPlainCssValue(value: string): boolean {
  if (!/^[^;{}<>\\\p{Cc}\p{Cf}\p{Cs}]{1,200}$/u.test(value)) return false;
  const rest = value.replace(string, ' ');
  if (/["']|\/\*|\*\//.test(rest) || !isBalanced(rest)) return false;
  return [...rest.matchAll(/([^\s(),+*/]*)\(/g)].every(([, name = '']) => functions.test(name));
}

/** Most custom properties of a theme. */
const maxVariables = 200;

/** The custom properties of a theme, each with a value that is only a value. */
export const cssVariablesSchema = z
  .record(
    z.string().check(z.regex(/^--[a-z0-9-]{1,80}$/, 'expected the name of a custom property, "--…"')),
    z
      .string()
      .check(
        z.refine(
          isPlainCssValue,
          'expected a value of CSS: no comment, no ";" and braces, and no function but of colours, numbers and gradients',
        ),
      ),
  )
  .check(
    z.refine(
      (variables: object) => Object.keys(variables).length <= maxVariables,
      `expected at most ${String(maxVariables)}`,
    ),
  );
