/**
 * Whose data a call may touch. It comes from a verified token only, and every function that moves a tenant's data
 * takes it.
 */
export interface OrgContext {
  readonly orgId: string;
  /** The Kubernetes namespace that the organisation is confined to. */
  readonly k8sNamespace: string;
  readonly userId: string;
}

/** A browser connection as the hub sees it. */
export interface Client extends OrgContext {
  /** Unique for the life of the connection. */
  readonly id: string;
}
