/** Codes of what is wrong with a cluster of a user; docs/errors.md is held equal by a test. */
export const ownClusterErrors = {
  INVALID_KUBECONFIG: { when: 'a kubeconfig, or what was stored of one, is not what a user may add' },
  ADDRESS_NOT_ALLOWED: { when: 'a cluster of a user has no address in the networks that the operator allows' },
} as const;

/** One of {@link ownClusterErrors}; none of them passes by itself. */
export type OwnClusterErrorCode = keyof typeof ownClusterErrors;
