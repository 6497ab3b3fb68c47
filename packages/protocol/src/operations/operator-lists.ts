/**
 * What an operator may ask for, by role: one table over the operations that take keys, and one pure function. It loads nothing of the
 * operations themselves, so that a browser can hold it; `operator-permissions.ts` sees to it that it names each of them.
 */
import { isAtLeast, type OperatorRole } from './operator-roles.js';
import type { OperationId } from './table.js';

/** How the installation, and the users and conversations of apps are; nothing of what anybody has written. */
const VIEWER = [
  'status.get', 'cluster.get', 'usage.list', 'search.status', 'tenants.list', 'tenants.get', 'apps.list', 'apps.get',
  'stats.get', 'consumers.list', 'incidents.list', 'logs.list', 'connections.list', 'connections.get', 'traces.list', 'traces.get',
  'operators.me', 'operators.password', 'operators.sessions', 'operators.revoke', 'operators.update',
  'users.list', 'users.get', 'users.batch', 'users.presence', 'accounts.get', 'sessions.list', 'privacy.get', 'blocks.list',
  'conversations.get', 'conversations.list', 'inbox.list', 'inbox.unread', 'members.list', 'invitations.list', 'invitations.mine', 'requests.mine', 'search.conversations', 'search.users',
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
  'requests.create', 'requests.approve', 'requests.deny', 'requests.withdraw',
  'messages.send', 'messages.forward', 'messages.edit', 'messages.hide', 'reactions.add', 'reactions.remove', 'pins.add', 'pins.remove', 'polls.vote', 'polls.close', 'marks.set', 'marks.unread',
  'signals.send', 'drafts.set', 'bookmarks.add', 'bookmarks.remove', 'threads.follow', 'threads.unfollow', 'threads.read', 'scheduled.create', 'scheduled.cancel',
  'calls.start', 'calls.answer', 'calls.decline', 'calls.leave',
] as const satisfies readonly OperationId[];

/** What cannot be taken back for a whole customer. */
const OWNER = ['tenants.delete', 'apps.delete'] as const satisfies readonly OperationId[];

/** Every operation that stands in a list. */
export type Listed = (typeof VIEWER)[number] | (typeof MODERATOR)[number] | (typeof ADMIN)[number] | (typeof OWNER)[number];

const LEAST: ReadonlyMap<string, OperatorRole> = new Map([
  ...VIEWER.map((id) => [id, 'viewer'] as const), ...MODERATOR.map((id) => [id, 'moderator'] as const), ...ADMIN.map((id) => [id, 'admin'] as const), ...OWNER.map((id) => [id, 'owner'] as const),
]);

/** @returns the lowest role that may, or undefined for what no operator asks for */
export function leastRole(id: string): OperatorRole | undefined {
  return LEAST.get(id);
}

/** Whether a role lets an operator ask for an operation. What is named in `operatorConditions` is held besides. */
export function operatorMay(role: OperatorRole, id: string): boolean {
  const least = LEAST.get(id);
  return least !== undefined && isAtLeast(role, least);
}
