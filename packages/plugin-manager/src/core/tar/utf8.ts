/** What is given as arguments of one call. */
const maxPlainBytes = 1_024;

/** The text of UTF-8 bytes; undefined where they are not well-formed (overlong forms and surrogates too). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  // Nearly all paths; the rest costs a hundred times their length in memory.
  if (bytes.length <= maxPlainBytes && bytes.every((byte) => byte < 0x80))
    return Reflect.apply(String.fromCharCode, undefined, bytes) as string;
  let escaped = '';
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/** Length of a text in UTF-8. The text must not hold lone surrogates, as nothing that was decoded does. */
export function utf8Bytes(text: string): number {
  return encodeURIComponent(text).replace(/%../g, '.').length;
}
