import { badRequest } from '../status-errors.ts';

/**
 * Reads a resourceVersion of a request; undefined where none is given.
 *
 * @throws StatusError 400 when it is no unsigned decimal.
 */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,19}$/.test(text)) {
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
    );
  }
  return Number(text);
}
