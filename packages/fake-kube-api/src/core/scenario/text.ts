// Without vowels and look-alikes, so that no names form words (k8s.io/apimachinery, `rand.SafeEncodeString`).
const SAFE_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** An RFC 3339 time in whole seconds, as Kubernetes writes them. */
export function kubeTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** JSON with sorted keys, so that equal values have equal text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}

// Templates are hashed again at each reconciliation, and objects never change in place.
const hashes = new WeakMap<object, string>();

/** Ten characters that may stand in a name and depend on the value alone, for `pod-template-hash` and the like. */
export function shortHash(value: string | object): string {
  const known = typeof value === 'object' ? hashes.get(value) : undefined;
  if (known !== undefined) return known;
  const text = canonicalJson(value);
  let number = BigInt(fnv1a(text, 0x811c9dc5)) * 4_294_967_296n + BigInt(fnv1a(text, 0x1000193));
  let hash = '';
  for (let count = 0; count < 10; count++) {
    hash += SAFE_CHARACTERS[Number(number % 27n)];
    number /= 27n;
  }
  if (typeof value === 'object') hashes.set(value, hash);
  return hash;
}

/** 64 hexadecimal digits that depend on the text alone, as ids of containers have. */
export function longId(text: string): string {
  let id = '';
  for (let basis = 1; id.length < 64; basis++) id += fnv1a(text, basis).toString(16).padStart(8, '0');
  return id;
}

/** So many lower-case hexadecimal digits. */
export function hex(random: { next(): number }, digits: number): string {
  let text = '';
  while (text.length < digits) text += Math.floor(random.next() * 16).toString(16);
  return text;
}
