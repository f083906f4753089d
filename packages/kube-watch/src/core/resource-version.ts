const ZERO = 48;
const NINE = 57;

/**
 * Negative, 0 or positive as `a` is older than, the same as or newer than `b`. resourceVersions are unbounded decimals
 * (Kubernetes documentation, API concepts, § Resource versions), comparable within one resource type. Undefined when
 * one of them is none, and the two differ: then nothing but equality says anything.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!isDecimal(a) || !isDecimal(b)) return undefined;
  // Without leading zeros the longer one is the larger one, and equal lengths compare as text.
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** The same for what may have none, as objects of aggregated APIs do, whatever the types say. */
export function compareVersions(a: string | undefined, b: string | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : compareResourceVersions(a, b);
}

function isDecimal(text: string): boolean {
  if (text === '' || (text.length > 1 && text.charCodeAt(0) === ZERO)) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}
