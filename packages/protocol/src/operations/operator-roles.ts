/** Roles of those who run an installation. They have nothing to do with the roles of members in a conversation. */

/** From the highest to the lowest. */
export const operatorRoles = ['owner', 'admin', 'moderator', 'viewer'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** Whether a role is another one, or above it. */
export function isAtLeast(role: OperatorRole, least: OperatorRole): boolean {
  return operatorRoles.indexOf(role) <= operatorRoles.indexOf(least);
}

/** Whether one of a role may make, change and remove those of another: an owner anyone, an admin anyone but owners. */
export function mayManage(role: OperatorRole, other: OperatorRole): boolean {
  return role === 'owner' || (role === 'admin' && other !== 'owner');
}
