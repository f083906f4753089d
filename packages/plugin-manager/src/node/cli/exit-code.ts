import type { PluginErrorCode } from '../../protocol/error-codes.ts';

/** What the program ends with, beside the codes of {@link exitCodeOf}. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  incompatible: 3,
  integrity: 4,
  locked: 5,
  cancelled: 130,
} as const;

/** A code of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byCode: Readonly<Partial<Record<PluginErrorCode, ExitCode>>> = {
  E_NAME_REQUIRED: exitCodes.usage,
  E_NAME_INVALID: exitCodes.usage,
  E_INCOMPATIBLE_HOST: exitCodes.incompatible,
  E_INCOMPATIBLE_DISTRO: exitCodes.incompatible,
  E_CHECKSUM_MISSING: exitCodes.integrity,
  E_CHECKSUM_ALGORITHM: exitCodes.integrity,
  E_INTEGRITY: exitCodes.integrity,
  E_SIGNATURE_MISSING: exitCodes.integrity,
  E_SIGNATURE_INVALID: exitCodes.integrity,
  E_KEY_UNKNOWN: exitCodes.integrity,
  E_KEY_REVOKED: exitCodes.integrity,
  // What is installed is not what was checked.
  E_FILES_CHANGED: exitCodes.integrity,
  E_LOCKED: exitCodes.locked,
  // 128 and the number of SIGINT, as shells have it.
  E_CANCELLED: exitCodes.cancelled,
};

/** The exit code for a failure. */
export function exitCodeOf(code: PluginErrorCode): ExitCode {
  return byCode[code] ?? exitCodes.failure;
}
