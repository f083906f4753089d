import { createHash } from 'node:crypto';

/** The entity tag (RFC 9110 section 8.8.3) of an answer: a hash of it, so that equal answers have equal tags. */
export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/** Whether `If-None-Match` names the tag, compared weakly (RFC 9110 section 13.1.2): what was compressed on its way counts. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return names(ifNoneMatch, etag, (tag) => tag.replace(/^W\//, ''));
}

/** Whether `If-Match` lets a change happen to what has this tag, compared strongly (RFC 9110 section 13.1.1). */
export function isUnchanged(ifMatch: string | undefined, etag: string): boolean {
  return ifMatch === undefined || names(ifMatch, etag, (tag) => tag);
}

function names(header: string | undefined, etag: string, plain: (tag: string) => string): boolean {
  // The tags of this server hold no comma.
  const tags = header?.split(',').map((tag) => plain(tag.trim())) ?? [];
  return tags.some((tag) => tag === '*' || tag === etag);
}
