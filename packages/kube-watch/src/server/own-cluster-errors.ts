/** Codes of what is wrong with a cluster of a user, none of which passes by itself; docs/errors.md is held equal by a test. */
export const ownClusterErrors = {
  INVALID_KUBECONFIG: {
    retryable: false,
    when: 'a kubeconfig, or what was stored of one, is not what a user may add',
  },
  ADDRESS_NOT_ALLOWED: {
    retryable: false,
    when: 'a cluster of a user has no address in the networks that the operator allows',
  },
} as const satisfies Record<string, { retryable: boolean; when: string }>;

/** One of {@link ownClusterErrors}. */
export type OwnClusterErrorCode = keyof typeof ownClusterErrors;
