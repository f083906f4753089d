/** Offered first when a watch goes straight to a Kubernetes API over a WebSocket. */
export const KUBE_BINARY_SUBPROTOCOL = 'base64.binary.k8s.io';

/**
 * Prefix of the sub-protocol entry by which a Kubernetes API takes a bearer token, followed by the token in base64url
 * without padding (k8s.io/apiserver, `request/websocket`).
 */
export const KUBE_BEARER_SUBPROTOCOL_PREFIX = 'base64url.bearer.authorization.k8s.io.';

/** Prefix of the sub-protocol entry by which Fleetwire's own cluster proxy takes a token; it never reaches the cluster. */
export const FLEETWIRE_BEARER_SUBPROTOCOL_PREFIX = 'fleetwire.bearer.';
