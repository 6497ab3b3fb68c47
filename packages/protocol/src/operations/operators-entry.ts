/** The entry `@talaria/protocol/operators`: what operators may, without the table of operations. A page in a browser can load it. */
export { isAtLeast, mayManage, operatorRoles, type OperatorRole } from './operator-roles.js';
export { leastRole, operatorMay } from './operator-lists.js';
export { appScopes, type Scope } from './operation.js';
