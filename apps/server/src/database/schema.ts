import type { Role } from '../access/permissions.ts';

// Portable between SQLite and PostgreSQL: ids are text, times of day are bigint milliseconds since 1970 and numbers here.

export interface OrganisationTable {
  id: string;
  name: string;
  created_at: number;
}

export interface UserTable {
  id: string;
  username: string;
  password_hash: string;
  created_at: number;
}

export interface MembershipTable {
  user_id: string;
  org_id: string;
  role: Role;
  created_at: number;
}

export interface LoginSessionTable {
  id: string;
  user_id: string;
  org_id: string;
  created_at: number;
  expires_at: number;
}

export interface RefreshTokenTable {
  /** SHA-256 in base64url. */
  hash: string;
  session_id: string;
  issued_at: number;
  /** When it was exchanged for the next one. */
  retired_at: number | null;
}

export interface SigningKeyTable {
  id: string;
  /** In base64url. */
  secret: string;
  created_at: number;
}

export interface PersonalTokenTable {
  id: string;
  /** SHA-256 in base64url. */
  hash: string;
  name: string;
  user_id: string;
  org_id: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

export interface OwnClusterTable {
  id: string;
  user_id: string;
  org_id: string;
  name: string;
  /** JWE in compact form: a context of a kubeconfig with its credentials. */
  sealed: string;
  created_at: number;
}

export interface AuditTable {
  /** Sorts by time. */
  id: string;
  org_id: string;
  at: number;
  /** Who did it: kept when the user is removed. */
  user_id: string | null;
  username: string | null;
  action: string;
  target: string | null;
  /** JSON. */
  detail: string | null;
}

export interface IdempotentRequestTable {
  /** SHA-256 of who asked, for what, and by which key. */
  id: string;
  body_hash: string;
  created_at: number;
  /** Sealed; null while it is under way. */
  answer: string | null;
}

/** Lines of the plugin store's own audit that other programs wrote, and that have an entry in this one. */
export interface PluginAuditLineTable {
  operation_id: string;
  taken_at: number;
}

/** Every table of the server. */
export interface Schema {
  organisations: OrganisationTable;
  users: UserTable;
  memberships: MembershipTable;
  login_sessions: LoginSessionTable;
  refresh_tokens: RefreshTokenTable;
  signing_keys: SigningKeyTable;
  personal_tokens: PersonalTokenTable;
  own_clusters: OwnClusterTable;
  idempotent_requests: IdempotentRequestTable;
  audit: AuditTable;
  plugin_audit_lines: PluginAuditLineTable;
}

/** The tables, those that others refer to first. */
export const tableNames = [
  'organisations',
  'users',
  'memberships',
  'login_sessions',
  'refresh_tokens',
  'signing_keys',
  'personal_tokens',
  'own_clusters',
  'idempotent_requests',
  'audit',
  'plugin_audit_lines',
] as const satisfies readonly (keyof Schema)[];
