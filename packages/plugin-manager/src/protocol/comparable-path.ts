/** The path of an address, without its query and fragment. */
export function partOf(path: string): string {
  return /^[^?#]*/.exec(path)?.[0] ?? '';
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * The form in which two paths of the dashboard are the same: decoded and in lower case, as its router compares, without
 * query, fragment and a `/` at its end. For comparing alone; it is no address.
 */
export function comparablePath(path: string): string {
  const plain = decoded(partOf(path)).normalize('NFC').toLowerCase();
  return plain.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
}
