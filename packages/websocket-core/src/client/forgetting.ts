/** Codes after which the scope of a subscription may be another, or not the user's any more. */
const codes: readonly string[] = ['SCOPE_CHANGED', 'FORBIDDEN', 'UNKNOWN_CHANNEL', 'UNAUTHENTICATED'];

/** Whether what was received before this error may not be shown any more (rule F9). */
export function isForgetting(error: { readonly code: string } | undefined): boolean {
  return error !== undefined && codes.includes(error.code);
}
