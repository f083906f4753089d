/**
 * The sub-protocol entry that carries a token where a browser cannot set headers: prefix and the token's UTF-8 bytes in
 * base64url without padding (RFC 4648 section 5).
 */
export function bearerProtocol(prefix: string, token: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(token)) binary += String.fromCharCode(byte);
  return prefix + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
