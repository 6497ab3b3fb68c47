/** The lists of what operators may, held against the table of operations; and what follows from both. */
import { leastRole, operatorMay, type Listed } from './operator-lists.js';
import { operatorRoles, type OperatorRole } from './operator-roles.js';
import type { Operation } from './operation.js';
import { operationIds, operations, type OperationId } from './table.js';

/** Operations that a key, and so an operator, may ask for. What is public, or of a cookie, asks for nobody's role. */
export type KeyOperationId = { [Id in OperationId]: (typeof operations)[Id]['scope'] extends null ? never : Id }[OperationId];
/** Fails to compile when an operation stands in no list: so nobody may do what nobody has thought of. */
export const everyOperationIsListed: [Exclude<KeyOperationId, Listed>, Exclude<Listed, KeyOperationId>] extends [never, never] ? true : never = true;

/** Words beside the table: what else is looked at where a role would do. The server holds them. */
export const operatorConditions: Readonly<Partial<Record<KeyOperationId, string>>> = {
  'operators.update': 'The own name; of others, and roles, from admin on. Owners by owners only.',
  'operators.sessions': 'The own ones; those of others from admin on. Those of owners by owners only.',
  'operators.revoke': 'The own ones; those of others from admin on. Those of owners by owners only.',
  'operators.invite': 'An owner by owners only.',
  'operators.link': 'For an owner by owners only.',
  'operators.delete': 'An owner by owners only.',
  'keys.create': 'An admin key by owners only.',
  'keys.rotate': 'An admin key by owners only.',
  'keys.revoke': 'An admin key by owners only.',
  'messages.delete': 'In the name of a user from admin on.',
  'members.remove': 'In the name of a user from admin on.',
  'held.approve': 'In the name of a user from admin on.',
  'held.reject': 'In the name of a user from admin on.',
  'calls.end': 'In the name of a user from admin on.',
  'conversations.get': 'For a viewer without the last message.',
  'conversations.list': 'For a viewer without last messages.',
  'inbox.list': 'For a viewer without last messages.',
  'search.conversations': 'For a viewer without last messages.',
};

/** The scopes that a role comes to: those of everything that it may ask for in an app. */
export function scopesOfRole(role: OperatorRole): readonly Exclude<Operation['scope'], null>[] {
  const found = new Set(operationIds.filter((id) => operatorMay(role, id)).map((id) => operations[id].scope));
  return [...found].filter((scope) => scope !== null && scope !== 'admin');
}

/** Operations in the order of the table, each with the roles that may. */
export const operatorTable: readonly { readonly id: KeyOperationId; readonly roles: readonly OperatorRole[] }[] =
  operationIds.filter((id): id is KeyOperationId => leastRole(id) !== undefined).map((id) => ({ id, roles: operatorRoles.filter((role) => operatorMay(role, id)) }));
