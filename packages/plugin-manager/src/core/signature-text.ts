/** What a signature is over. */
export interface SignedRelease {
  /** `<source>:<repo>/<name>`. */
  readonly id: string;
  readonly version: string;
  /** Of the archive, in lower-case hex. */
  readonly sha256: string;
  /** Of the archive, in bytes. */
  readonly size: number;
}

/** The text whose UTF-8 is signed: JSON, keys in this order, no spaces. Id and version keep it from fitting elsewhere. */
export function signatureText({ id, version, sha256, size }: SignedRelease): string {
  return JSON.stringify({ id, version, sha256, size });
}
