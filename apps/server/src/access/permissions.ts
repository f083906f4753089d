/** Every permission there is. One is held in one organisation. */
export const permissions = [
  'kube.read',
  'kube.secrets',
  'kube.write',
  'kube.exec',
  'vm.read',
  'vm.console.read',
  'vm.console.write',
  'vm.power',
  'agent.read',
  'agent.manage',
  'session.read',
  'session.create',
  'session.manage',
  'session.share',
  'plugin.manage',
  'audit.read',
  'org.manage',
] as const;

export type Permission = (typeof permissions)[number];

/** What a user is in an organisation. */
export const roles = ['viewer', 'operator', 'admin'] as const;

export type Role = (typeof roles)[number];

const ofViewer: readonly Permission[] = ['kube.read', 'vm.read', 'vm.console.read', 'agent.read', 'session.read'];

const ofOperator: readonly Permission[] = [
  ...ofViewer,
  'kube.write',
  'kube.exec',
  'vm.console.write',
  'vm.power',
  'session.create',
  'session.manage',
  'session.share',
];

/** What each role may do. Each holds what the one before it does. */
export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ofViewer,
  operator: ofOperator,
  admin: permissions,
};

const sets = new Map(roles.map((role) => [role, new Set<Permission>(permissionsOf[role])]));

/**
 * Whether an identity holds a permission in its own organisation: the one place that decides, for REST, channels,
 * streams and the cluster proxy alike.
 */
export function can(identity: { readonly role: Role }, permission: Permission): boolean {
  return sets.get(identity.role)?.has(permission) === true;
}
