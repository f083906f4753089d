import { eventJson, listStart } from './pods.ts';

const template = Buffer.from(`${eventJson(0, 1)}\n`);
const versionAt = template.indexOf('"resourceVersion":"') + '"resourceVersion":"'.length;

/** The line of a watch, made by changing nothing but the resourceVersion. */
export function eventLine(sequence: number): Buffer {
  const line = Buffer.from(template);
  line.write(String(listStart + 1 + sequence), versionAt, 'latin1');
  return line;
}
