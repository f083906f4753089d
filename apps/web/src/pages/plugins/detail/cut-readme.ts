/** Characters of a README that are shown, of ASCII as many bytes: some 1,200 lines. */
export const maxReadmeLength = 64 * 1_024;

/**
 * The beginning of a README that is too long, up to the end of a line where there is one near. What the server has cut
 * already is cut in any case.
 */
export function cutReadme(text: string, isCutBefore = false): { readonly shown: string; readonly isCut: boolean } {
  if (text.length <= maxReadmeLength) return { shown: text, isCut: isCutBefore };
  const end = text.lastIndexOf('\n', maxReadmeLength);
  const isNear = end > maxReadmeLength / 2;
  return { shown: text.slice(0, isNear ? end : maxReadmeLength), isCut: true };
}
