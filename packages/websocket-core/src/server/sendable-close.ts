/** Close codes that RFC 6455 section 7.4.1 reserves for what is never on the wire, inside the range that is. */
const neverSent = new Set([1004, 1005, 1006]);

/** The code to close with: itself where RFC 6455 section 7.4 lets it be sent, else 1011. */
export function sendableCloseCode(code: number): number {
  const sendable =
    Number.isInteger(code) &&
    ((code >= 1000 && code <= 1014 && !neverSent.has(code)) || (code >= 3000 && code <= 4999));
  return sendable ? code : 1011;
}
