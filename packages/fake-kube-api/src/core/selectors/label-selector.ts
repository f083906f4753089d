import { badRequest } from '../status-errors.ts';

/** Whether an object's labels fit. */
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const COMPARISON = /^([^\s=!<>]+)\s*(==|=|!=|>|<)\s*([^\s=!<>]*)$/;

const unparsable = (selector: string, why: string): Error =>
  badRequest(`unable to parse requirement: ${why} (in the label selector ${JSON.stringify(selector)})`);

/** Splits at commas outside parentheses. */
function requirementsOf(selector: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < selector.length; index += 1) {
    const char = selector[index];
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(selector.slice(start, index).trim());
      start = index + 1;
    }
  }
  parts.push(selector.slice(start).trim());
  return parts;
}

function requirement(text: string, selector: string): LabelMatcher {
  const key = (name: string): string => {
    if (name.length > 317 || !KEY.test(name)) throw unparsable(selector, `invalid label key ${JSON.stringify(name)}`);
    return name;
  };
  const value = (raw: string): string => {
    if (raw.length > 63 || !VALUE.test(raw)) throw unparsable(selector, `invalid label value ${JSON.stringify(raw)}`);
    return raw;
  };
  const set = SET.exec(text);
  if (set) {
    const [, name = '', operator, list = ''] = set;
    const label = key(name);
    const values = new Set(list.split(',').map((item) => value(item.trim())));
    return operator === 'in'
      ? (labels) => labels[label] !== undefined && values.has(labels[label])
      : (labels) => labels[label] === undefined || !values.has(labels[label]);
  }
  const comparison = COMPARISON.exec(text);
  if (comparison) {
    const [, name = '', operator, raw = ''] = comparison;
    const label = key(name);
    const wanted = value(raw);
    if (operator === '!=') return (labels) => labels[label] !== wanted;
    if (operator !== '>' && operator !== '<') return (labels) => labels[label] === wanted;
    const limit = Number(wanted);
    if (!/^-?\d+$/.test(wanted)) throw unparsable(selector, 'for > and < the value must be an integer');
    return (labels) => {
      const number = Number(labels[label]);
      return Number.isInteger(number) && (operator === '>' ? number > limit : number < limit);
    };
  }
  if (text.startsWith('!')) {
    const label = key(text.slice(1).trim());
    return (labels) => labels[label] === undefined;
  }
  const label = key(text);
  return (labels) => labels[label] !== undefined;
}

/**
 * Parses a label selector: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, joined by commas (Kubernetes
 * documentation, Labels and Selectors). Undefined where it selects everything.
 *
 * @throws StatusError 400 when it cannot be parsed.
 */
export function parseLabelSelector(selector: string | undefined): LabelMatcher | undefined {
  if (selector === undefined || selector.trim() === '') return undefined;
  const matchers = requirementsOf(selector).map((text) => requirement(text, selector));
  return (labels) => matchers.every((matches) => matches(labels));
}
