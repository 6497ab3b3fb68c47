/**
 * What an operator may ask for, by role: one table over the operations that take keys, and one pure function. With an operation that
 * stands in no list this does not compile; so nobody may do what nobody has thought of.
 */
import { isAtLeast, operatorRoles, type OperatorRole } from './operator-roles.js';
import type { Operation } from './operation.js';
import { operationIds, operations, type OperationId } from './table.js';

/** How the installation, and the users and conversations of apps are; nothing of what anybody has written. */
const VIEWER = [
  'status.get', 'cluster.get', 'usage.list', 'search.status', 'tenants.list', 'tenants.get', 'apps.list', 'apps.get',
  'stats.get', 'consumers.list', 'incidents.list', 'logs.list', 'connections.list', 'connections.get', 'traces.list', 'traces.get',
  'operators.me', 'operators.password', 'operators.sessions', 'operators.revoke', 'operators.update',
  'users.list', 'users.get', 'users.batch', 'users.presence', 'accounts.get', 'sessions.list', 'privacy.get', 'blocks.list',
  'conversations.get', 'inbox.list', 'members.list', 'invitations.list', 'invitations.mine', 'search.conversations', 'search.users',
  'reactions.list', 'polls.voters', 'marks.list', 'receipts.get', 'calls.get', 'calls.list', 'calls.active',
] as const satisfies readonly OperationId[];

/** What was written, and what is done about it. */
const MODERATOR = [
  'facts.list', 'facts.changes', 'messages.get', 'messages.list', 'messages.history', 'search.messages', 'search.suggest', 'pins.list', 'drafts.list', 'bookmarks.list', 'threads.list',
  'scheduled.list', 'held.list', 'requests.list',
  'messages.delete', 'held.approve', 'held.reject', 'members.remove', 'calls.end', 'users.deactivate', 'users.reactivate', 'auth.revoke', 'sessions.revoke', 'sessions.clear',
  'connections.close', 'traces.start', 'traces.stop',
] as const satisfies readonly OperationId[];

/** Keys, secrets, settings, and everything that a backend of an app may do. */
const ADMIN = [
  'operators.list', 'operators.get', 'operators.invite', 'operators.link', 'operators.delete',
  'tenants.create', 'tenants.update', 'apps.create', 'apps.update', 'keys.list', 'keys.create', 'keys.rotate', 'keys.revoke', 'search.rebuild', 'settings.list',
  'auth.token', 'accounts.set', 'accounts.password', 'users.create', 'users.update', 'privacy.set', 'blocks.add', 'blocks.remove',
  'conversations.create', 'conversations.update', 'conversations.settings', 'conversations.preferences', 'conversations.transfer', 'members.add', 'members.update',
  'invitations.create', 'invitations.revoke', 'invitations.accept', 'invitations.decline', 'links.create', 'links.list', 'links.revoke', 'links.get', 'links.join',
  'requests.create', 'requests.approve', 'requests.deny',
  'messages.send', 'messages.forward', 'messages.edit', 'messages.hide', 'reactions.add', 'reactions.remove', 'pins.add', 'pins.remove', 'polls.vote', 'polls.close', 'marks.set', 'marks.unread',
  'signals.send', 'drafts.set', 'bookmarks.add', 'bookmarks.remove', 'threads.follow', 'threads.unfollow', 'threads.read', 'scheduled.create', 'scheduled.cancel',
  'calls.start', 'calls.answer', 'calls.decline', 'calls.leave',
] as const satisfies readonly OperationId[];

/** What cannot be taken back for a whole customer. */
const OWNER = ['tenants.delete', 'apps.delete'] as const satisfies readonly OperationId[];

type Listed = (typeof VIEWER)[number] | (typeof MODERATOR)[number] | (typeof ADMIN)[number] | (typeof OWNER)[number];
/** Operations that a key, and so an operator, may ask for. What is public, or of a cookie, asks for nobody's role. */
export type KeyOperationId = { [Id in OperationId]: (typeof operations)[Id]['scope'] extends null ? never : Id }[OperationId];
/** Fails to compile when an operation stands in no list. */
export const everyOperationIsListed: [Exclude<KeyOperationId, Listed>, Exclude<Listed, KeyOperationId>] extends [never, never] ? true : never = true;

const LEAST: ReadonlyMap<string, OperatorRole> = new Map([
  ...VIEWER.map((id) => [id, 'viewer'] as const), ...MODERATOR.map((id) => [id, 'moderator'] as const), ...ADMIN.map((id) => [id, 'admin'] as const), ...OWNER.map((id) => [id, 'owner'] as const),
]);

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
  'inbox.list': 'For a viewer without last messages.',
  'search.conversations': 'For a viewer without last messages.',
};

/** @returns the lowest role that may, or undefined for what no operator asks for */
export function leastRole(id: string): OperatorRole | undefined {
  return LEAST.get(id);
}

/** Whether a role lets an operator ask for an operation. What is named in `operatorConditions` is held besides. */
export function operatorMay(role: OperatorRole, id: string): boolean {
  const least = LEAST.get(id);
  return least !== undefined && isAtLeast(role, least);
}

/** The scopes that a role comes to: those of everything that it may ask for in an app. */
export function scopesOfRole(role: OperatorRole): readonly Exclude<Operation['scope'], null>[] {
  const found = new Set(operationIds.filter((id) => operatorMay(role, id)).map((id) => operations[id].scope));
  return [...found].filter((scope) => scope !== null && scope !== 'admin');
}

/** Operations in the order of the table, each with the roles that may. */
export const operatorTable: readonly { readonly id: KeyOperationId; readonly roles: readonly OperatorRole[] }[] =
  operationIds.filter((id): id is KeyOperationId => LEAST.has(id)).map((id) => ({ id, roles: operatorRoles.filter((role) => operatorMay(role, id)) }));
