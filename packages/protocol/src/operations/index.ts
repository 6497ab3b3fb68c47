/** The entry `@talaria/protocol/operations`. */
export { findOperation, operationIds, operations, type OperationId, type OperationInput, type OperationOutput } from './table.js';
export { statNames } from './insight.js';
export { looksOf, partOf, type JsonSchema } from './json-schema.js';
export { namedShapes, type NamedShape } from './named-shapes.js';
export { appScopes, scopes, sharedScopes, type Operation, type Scope } from './operation.js';
export { isAtLeast, mayManage, operatorRoles, type OperatorRole } from './operator-roles.js';
export { leastRole, operatorMay } from './operator-lists.js';
export { operatorConditions, operatorTable, scopesOfRole, type KeyOperationId } from './operator-permissions.js';
export { externalId as externalIdSchema, login as loginSchema, userRef as userRefSchema } from './schemas.js';
