const label = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const prefix = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * What is wrong with a label selector, in a sentence; undefined when nothing is (Kubernetes documentation, labels and
 * selectors). The server checks again.
 */
export function labelSelectorProblem(text: string): string | undefined {
  const requirements = splitRequirements(text);
  if (requirements === undefined) return 'A bracket is open: write values as in (a, b).';
  for (const requirement of requirements) {
    const problem = requirementProblem(requirement.trim());
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is wrong with a field selector, in a sentence; undefined when nothing is. Which fields there are, the server says. */
export function fieldSelectorProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  for (const part of text.split(',')) {
    if (!/^\s*[A-Za-z][A-Za-z0-9_.[\]"'-]*\s*(==|=|!=)\s*[^\s=!]*\s*$/.test(part)) {
      return part.trim() === ''
        ? 'There is a comma too many.'
        : `“${part.trim()}” is no condition: write field=value or field!=value.`;
    }
  }
  return undefined;
}

/** Splits at commas outside brackets; undefined when a bracket is left open. */
function splitRequirements(text: string): readonly string[] | undefined {
  if (text.trim() === '') return [];
  const parts: string[] = [];
  let part = '';
  let isInside = false;
  for (const character of text) {
    if (character === '(') isInside = true;
    if (character === ')') isInside = false;
    if (character === ',' && !isInside) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  return isInside ? undefined : [...parts, part];
}

function requirementProblem(text: string): string | undefined {
  if (text === '') return 'There is a comma too many.';
  const set = /^(\S+)\s+(?:in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set !== null) return keyProblem(set[1] ?? '') ?? firstProblem((set[2] ?? '').split(','));
  const equality = /^(\S+?)\s*(?:==|=|!=)\s*(\S*)$/.exec(text);
  if (equality !== null) return keyProblem(equality[1] ?? '') ?? valueProblem(equality[2] ?? '');
  if (/^!?\S+$/.test(text)) return keyProblem(text.replace(/^!/, ''));
  return `“${text}” is no condition: write key=value, key!=value, key in (a, b), key or !key.`;
}

function keyProblem(key: string): string | undefined {
  const [name = '', ...prefixes] = key.split('/').toReversed();
  const isKey = label.test(name) && prefixes.length <= 1 && prefixes.every((each) => prefix.test(each));
  return isKey
    ? undefined
    : `“${key}” is no label: letters, digits, “-”, “_” and “.”, with a domain and “/” before it.`;
}

function firstProblem(values: readonly string[]): string | undefined {
  return values.map((value) => valueProblem(value.trim())).find((problem) => problem !== undefined);
}

function valueProblem(value: string): string | undefined {
  if (value === '' || label.test(value)) return undefined;
  return `“${value}” is no value of a label: up to 63 letters, digits, “-”, “_” and “.”.`;
}
