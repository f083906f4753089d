/** The WebSocket sub-protocol that both peers must agree on (RFC 6455 section 1.9). */
export const PROTOCOL_NAME = 'fleetwire.v1';

/**
 * The revision of `fleetwire.v1` that this build speaks. A `hello` names the highest that the connecting peer speaks,
 * the `welcome` the one that both use from then on. Revisions only add; a break would be `fleetwire.v2`.
 */
export const PROTOCOL_REVISION = 1;

/** Prefix of the sub-protocol entry that carries a token where no header can be set: `fleetwire.bearer.<base64url>`. */
export const BEARER_PROTOCOL_PREFIX = 'fleetwire.bearer.';
