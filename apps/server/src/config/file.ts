import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { configKeys, type ConfigKey, type KeyInfo } from './schema.ts';

/** A value of the file and where it stands: `fleetwire.yaml:3: port`. */
export interface FileValue {
  readonly value: unknown;
  readonly where: string;
  /** Says more exactly where and what: an issue inside a map. */
  describe(issue: z.core.$ZodIssue): string | undefined;
}

/**
 * Reads the text of a configuration file. Scalars become strings, as flags and variables are, and are checked by the
 * same schema. What is no configuration at all goes to `problems`, with its line.
 */
export function parseConfigFile(text: string, name: string, problems: string[]): ReadonlyMap<ConfigKey, FileValue> {
  const values = new Map<ConfigKey, FileValue>();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined): string => `${name}:${String(lines.linePos(offset ?? 0).line)}`;
  for (const error of document.errors) problems.push(`${at(error.pos[0])}: ${error.message}`);
  if (document.errors.length > 0 || document.contents === null) return values;
  if (!isMap(document.contents)) {
    problems.push(`${at(document.contents.range?.[0])}: expected keys with values, got ${typeof document.toJS()}`);
    return values;
  }
  const root: YAMLMap = document.contents;
  const whole = document.toJS() as Record<string, unknown>;
  const known = configKeys.filter(({ file }) => file !== 'never');
  for (const { key } of root.items) {
    const keyName = isScalar(key) ? String(key.value) : String(key);
    const where = at(isScalar(key) ? key.range?.[0] : undefined);
    const info = known.find((candidate) => candidate.name === keyName);
    if (info === undefined) {
      problems.push(
        `${where}: unknown key ${JSON.stringify(keyName)}; expected one of ${known.map((each) => each.name).join(', ')}`,
      );
      continue;
    }
    const plain = whole[keyName];
    // A key without a value is what remains of a line that was blanked.
    if (plain === undefined || plain === null) continue;
    values.set(info.name, {
      value: asGiven(info, plain),
      where: `${where}: ${keyName}`,
      describe: (issue) => {
        const place = placeOf(root, issue, at);
        return place === undefined ? undefined : `${place}: ${issue.path.map(String).join('.')}: ${issue.message}`;
      },
    });
  }
  return values;
}

function asGiven(info: KeyInfo, value: unknown): unknown {
  if (info.file === 'map') return value;
  if (Array.isArray(value) && typeof info.file === 'object') return value.map(String).join(info.file.list);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** Where the deepest node of an issue's path stands; undefined for a key at the top. */
function placeOf(root: YAMLMap, issue: z.core.$ZodIssue, at: (offset: number | undefined) => string) {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  if (path.length < 2) return undefined;
  let node: unknown = root;
  let offset: number | undefined;
  for (const segment of path) {
    const next: unknown = isMap(node)
      ? node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(segment))
      : isSeq(node)
        ? node.items[Number(segment)]
        : undefined;
    if (next === undefined) break;
    const start: unknown = isPair(next) ? next.key : next;
    offset = (start as { readonly range?: readonly [number, number, number] | null }).range?.[0] ?? offset;
    node = isPair(next) ? next.value : next;
  }
  return at(offset);
}
