/** What each operation of the table does. HTTP and the socket both come through here. */
import { ProtocolError } from '@talaria/protocol';
import { findOperation, operatorMay, sharedScopes, type OperationId, type OperationInput, type Operation, type OperationOutput } from '@talaria/protocol/operations';
import { mintToken } from './auth/sessions.js';
import { anyone, appCaller, manager, operatorBehind, type Anyone, type AppCaller, type Caller, type Manager } from './caller.js';
import { answerCall, declineCall, endCall, getCall, leaveCall, listActiveCalls, listCalls, startCall } from './calls/operations.js';
import type { CommandMeta } from './commands/submit.js';
import { addMembers, createConversation, removeMember, setPreferences, setSettings, transferConversation, updateConversation, updateMember } from './conversations/commands.js';
import { getConversation, getUnread, listInbox, listMembers } from './conversations/reads.js';
import type { Domain } from './domain.js';
import { changePassword, clearSessions, getAccount, listSessions, revokeSession, setAccount } from './identity/accounts.js';
import { guest, login, logout, refresh, register } from './identity/identity.js';
import { revokeAccess } from './identity/revocation.js';
import { closeConnection, getConnection, listConnections } from './insight/connections.js';
import { listConsumers } from './insight/consumers.js';
import { listIncidents, listLogs } from './insight/logs.js';
import { listSettings } from './insight/settings.js';
import { getStats } from './insight/stats.js';
import { getTrace, listTraces, startTrace, stopTrace } from './insight/trace-operations.js';
import {
  acceptInvitation, approveRequest, createLink, declineInvitation, denyRequest, invite, joinByLink, listInvitations, listLinks, listOwnInvitations, listOwnRequests, listRequests, lookAtLink,
  requestJoin, revokeInvitation, revokeLink, withdrawRequest,
} from './joining/operations.js';
import {
  addBookmark, addPin, addReaction, closePoll, deleteMessage, editMessage, followThread, hideMessage, readThread, removeBookmark, removePin, removeReaction, unfollowThread, votePoll,
} from './messages/commands.js';
import { getMessage, listChanges, listFacts, listMessages, listPins, listReactions, listVersions, listVotes } from './messages/reads.js';
import { forward, send } from './messages/send.js';
import { approveHeld, cancelScheduled, listHeld, listScheduled, rejectHeld, schedule } from './messages/waiting.js';
import { holdConditions, withoutMessages } from './operators/conditions.js';
import { inviteOperator, linkOperator } from './operators/links.js';
import { changeOperatorPassword, deleteOperator, getMe, getOperator, listOperators, updateOperator } from './operators/operators.js';
import { listOperatorSessions, revokeOperatorSession } from './operators/sessions.js';
import { listBookmarks, listDrafts, listThreads, setDraft } from './own/lists.js';
import { getPresence } from './presence/get-presence.js';
import { getReceipts, listMarks, markUnread, setMark } from './receipts/marks.js';
import { rebuildSearch, searchStatus } from './search/index-state.js';
import { searchMessages, suggestWords } from './search/messages.js';
import { listConversations, searchConversations, searchUsers } from './search/names.js';
import { sendSignal } from './signals/send-signal.js';
import {
  createApp, createKey, createTenant, deleteApp, deleteTenant, getApp, getTenant, listApps, listKeys, listTenants, revokeKey, rotateKey, updateApp, updateTenant,
} from './tenancy/tenancy.js';
import { listUsage } from './usage/usage.js';
import { addBlock, deactivateUser, getPrivacy, listBlocks, reactivateUser, removeBlock, setPrivacy, updateUser } from './users/commands.js';
import { createUser, getUser, getUsers, listUsers } from './users/users.js';

type Handler<Id extends OperationId> = (domain: Domain, caller: Caller, input: OperationInput<Id>, meta: CommandMeta) => Promise<OperationOutput<Id>>;
type Handlers = { readonly [Id in OperationId]: Handler<Id> };

/** For operations inside an app. */
const inApp = <Input, Output>(run: (domain: Domain, caller: AppCaller, input: Input, meta: CommandMeta) => Promise<Output>) =>
  (domain: Domain, caller: Caller, input: Input, meta: CommandMeta): Promise<Output> => run(domain, appCaller(caller), input, meta);
/** For operations without a credential; that the caller is none has been checked. */
const forAnyone = <Input, Output>(run: (domain: Domain, caller: Anyone, input: Input) => Promise<Output>) =>
  (domain: Domain, caller: Caller, input: Input): Promise<Output> => run(domain, anyone(caller), input);
/** For operations of the installation; the scope has been checked. */
const inInstallation = <Input, Output>(run: (domain: Domain, input: Input) => Promise<Output>) =>
  (domain: Domain, _caller: Caller, input: Input): Promise<Output> => run(domain, input);

/** For those who administer the installation, where it matters who they are. */
const byManager = <Input, Output>(run: (domain: Domain, caller: Manager, input: Input) => Promise<Output>) =>
  (domain: Domain, caller: Caller, input: Input): Promise<Output> => run(domain, manager(caller), input);
/** A cookie is HTTP's matter: whoever comes here has none. */
const ofCookie = (): Promise<never> => Promise.reject(new ProtocolError('forbidden', OF_COOKIE));

const OF_COOKIE = 'This is asked over HTTP, by the dashboard.';

const handlers: Handlers = {
  'auth.token': inApp(mintToken),
  'auth.revoke': inApp(revokeAccess),
  'identity.register': forAnyone(register),
  'identity.login': forAnyone(login),
  'identity.guest': forAnyone(guest),
  'identity.refresh': forAnyone(refresh),
  'identity.logout': forAnyone(logout),
  'accounts.get': inApp(getAccount),
  'accounts.set': inApp(setAccount),
  'accounts.password': inApp(changePassword),
  'sessions.list': inApp(listSessions),
  'sessions.revoke': inApp(revokeSession),
  'sessions.clear': inApp(clearSessions),
  'users.create': inApp(createUser),
  'users.get': inApp(getUser),
  'users.batch': inApp(getUsers),
  'users.presence': inApp(getPresence),
  'users.update': inApp(updateUser),
  'users.list': inApp(listUsers),
  'users.deactivate': inApp(deactivateUser),
  'users.reactivate': inApp(reactivateUser),
  'privacy.get': inApp(getPrivacy),
  'privacy.set': inApp(setPrivacy),
  'blocks.add': inApp(addBlock),
  'blocks.remove': inApp(removeBlock),
  'blocks.list': inApp(listBlocks),
  'inbox.list': inApp(listInbox),
  'inbox.unread': inApp(getUnread),
  'conversations.create': inApp(createConversation),
  'conversations.get': inApp(getConversation),
  'conversations.list': inApp(listConversations),
  'conversations.update': inApp(updateConversation),
  'conversations.settings': inApp(setSettings),
  'conversations.preferences': inApp(setPreferences),
  'conversations.transfer': inApp(transferConversation),
  'invitations.create': inApp(invite),
  'invitations.list': inApp(listInvitations),
  'invitations.revoke': inApp(revokeInvitation),
  'invitations.accept': inApp(acceptInvitation),
  'invitations.decline': inApp(declineInvitation),
  'invitations.mine': inApp(listOwnInvitations),
  'links.create': inApp(createLink),
  'links.list': inApp(listLinks),
  'links.revoke': inApp(revokeLink),
  'links.get': inApp(lookAtLink),
  'links.join': inApp(joinByLink),
  'requests.create': inApp(requestJoin),
  'requests.list': inApp(listRequests),
  'requests.approve': inApp(approveRequest),
  'requests.deny': inApp(denyRequest),
  'requests.withdraw': inApp(withdrawRequest),
  'requests.mine': inApp(listOwnRequests),
  'facts.list': inApp(listFacts),
  'facts.changes': inApp(listChanges),
  'members.list': inApp(listMembers),
  'members.add': inApp(addMembers),
  'members.remove': inApp(removeMember),
  'members.update': inApp(updateMember),
  'messages.send': inApp(send),
  'messages.forward': inApp(forward),
  'messages.get': inApp(getMessage),
  'messages.edit': inApp(editMessage),
  'messages.delete': inApp(deleteMessage),
  'messages.hide': inApp(hideMessage),
  'messages.list': inApp(listMessages),
  'messages.history': inApp(listVersions),
  'receipts.get': inApp(getReceipts),
  'reactions.add': inApp(addReaction),
  'reactions.remove': inApp(removeReaction),
  'reactions.list': inApp(listReactions),
  'pins.add': inApp(addPin),
  'pins.remove': inApp(removePin),
  'pins.list': inApp(listPins),
  'polls.vote': inApp(votePoll),
  'polls.close': inApp(closePoll),
  'polls.voters': inApp(listVotes),
  'drafts.set': inApp(setDraft),
  'drafts.list': inApp(listDrafts),
  'bookmarks.add': inApp(addBookmark),
  'bookmarks.remove': inApp(removeBookmark),
  'bookmarks.list': inApp(listBookmarks),
  'threads.follow': inApp(followThread),
  'threads.unfollow': inApp(unfollowThread),
  'threads.read': inApp(readThread),
  'threads.list': inApp(listThreads),
  'scheduled.create': inApp(schedule),
  'scheduled.list': inApp(listScheduled),
  'scheduled.cancel': inApp(cancelScheduled),
  'held.list': inApp(listHeld),
  'held.approve': inApp(approveHeld),
  'held.reject': inApp(rejectHeld),
  'calls.start': inApp(startCall),
  'calls.answer': inApp(answerCall),
  'calls.decline': inApp(declineCall),
  'calls.leave': inApp(leaveCall),
  'calls.end': inApp(endCall),
  'calls.get': inApp(getCall),
  'calls.list': inApp(listCalls),
  'calls.active': inApp(listActiveCalls),
  'marks.set': inApp(setMark),
  'marks.list': inApp(listMarks),
  'marks.unread': inApp(markUnread),
  'signals.send': inApp(sendSignal),
  'search.messages': inApp(searchMessages),
  'search.suggest': inApp(suggestWords),
  'search.conversations': inApp(searchConversations),
  'search.users': inApp(searchUsers),
  'search.status': inInstallation(searchStatus),
  'search.rebuild': inInstallation(rebuildSearch),
  'tenants.create': inInstallation(createTenant),
  'tenants.list': inInstallation(listTenants),
  'tenants.get': inInstallation(getTenant),
  'tenants.update': inInstallation(updateTenant),
  'tenants.delete': inInstallation(deleteTenant),
  'apps.create': inInstallation(createApp),
  'apps.list': inInstallation(listApps),
  'apps.get': inInstallation(getApp),
  'apps.update': inInstallation(updateApp),
  'apps.delete': inInstallation(deleteApp),
  'keys.create': inInstallation(createKey),
  'keys.list': inInstallation(listKeys),
  'keys.rotate': inInstallation(rotateKey),
  'keys.revoke': inInstallation(revokeKey),
  'usage.list': listUsage,
  'stats.get': inInstallation(getStats),
  'connections.list': listConnections,
  'connections.get': getConnection,
  'connections.close': closeConnection,
  'logs.list': inInstallation(listLogs),
  'incidents.list': inInstallation(listIncidents),
  'settings.list': inInstallation(listSettings),
  'consumers.list': inInstallation(listConsumers),
  'traces.start': startTrace,
  'traces.stop': stopTrace,
  'traces.list': listTraces,
  'traces.get': getTrace,
  'status.get': (domain) => domain.status(),
  'cluster.get': (domain) => Promise.resolve({ nodes: [...domain.nodes()] }),
  'operators.list': byManager(listOperators),
  'operators.me': byManager(getMe),
  'operators.get': byManager(getOperator),
  'operators.invite': byManager(inviteOperator),
  'operators.link': byManager(linkOperator),
  'operators.update': byManager(updateOperator),
  'operators.delete': byManager(deleteOperator),
  'operators.password': byManager(changeOperatorPassword),
  'operators.sessions': byManager(listOperatorSessions),
  'operators.revoke': byManager(revokeOperatorSession),
  'session.create': ofCookie,
  'session.link': ofCookie,
  'session.accept': ofCookie,
  'session.get': ofCookie,
  'session.delete': ofCookie,
};

/** Names of fields are the caller's, and may be of any length. */
const FIELD_CHARS_MAX = 128;
const WRONG_CHARS_MAX = 256;
const cut = (text: string, chars_max: number): string => (text.length <= chars_max ? text : `${text.slice(0, chars_max)}…`);

/**
 * Checks an operation's input against its schema and the caller against its permission, then runs it.
 *
 * @param input anything; it is validated here, once
 * @param meta for commands: client id, trace and lane
 * @throws ProtocolError unknown_operation, invalid_argument, forbidden, and what the operation refuses
 */
export async function executeOperation(domain: Domain, caller: Caller, id: string, input: unknown, meta: CommandMeta | undefined): Promise<unknown> {
  const operation = findOperation(id);
  if (!operation) throw new ProtocolError('unknown_operation', 'There is no such operation.');
  authorise(caller, id, operation);
  const checked = checkInput(operation, input);
  if (operation.command && !meta) throw new ProtocolError('invalid_argument', 'A command needs a client id.');
  const operator = operatorBehind(caller);
  if (operator) await holdConditions(domain, operator, id, checked);
  // Commands are counted where it is known which conversation they go to.
  if (!operation.command && caller.kind !== 'admin' && caller.kind !== 'operator') domain.limits.take(caller.app, caller.kind === 'user' ? caller.userId : null, null);
  // The schema of this very operation has just made the input; only the table's type no longer says so.
  const handler = handlers[id as OperationId] as (domain: Domain, caller: Caller, input: unknown, meta: CommandMeta | undefined) => Promise<unknown>;
  const output = await handler(domain, caller, checked, meta);
  return operator?.role === 'viewer' ? withoutMessages(id, output) : output;
}

/** @returns what the operation's schema makes of the input @throws ProtocolError invalid_argument, which names the field */
export function checkInput(operation: Operation, input: unknown): Readonly<Record<string, unknown>> {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = cut(issue?.path.join('.') ?? '', FIELD_CHARS_MAX);
  const wrong = cut(issue?.message ?? 'not valid', WRONG_CHARS_MAX);
  throw new ProtocolError('invalid_argument', field === '' ? `${wrong}.` : `${field}: ${wrong}.`, { field });
}

/** A user may call what the table opens to users; a key needs the operation's scope, an admin key the scope admin; an operator needs the role. */
function authorise(caller: Caller, id: string, { user, scope, cookie }: Operation): void {
  if (scope === null) {
    if (cookie) throw new ProtocolError('forbidden', OF_COOKIE);
    if (caller.kind !== 'anyone') throw new ProtocolError('forbidden', 'This is asked over HTTP, without a credential.');
    return;
  }
  switch (caller.kind) {
    case 'anyone': throw new ProtocolError('unauthenticated', 'This needs a key or a user token.');
    case 'user':
      if (!user) throw new ProtocolError('forbidden', "This is for backends; a user's token does not allow it.");
      return;
    case 'backend':
      if (scope === 'admin' && caller.operator) throw new ProtocolError('forbidden', 'This is of the installation, and of no app. Leave Talaria-Act-For out.');
      checkRole(caller, id);
      if (!caller.scopes.includes(scope)) throw new ProtocolError('forbidden', `The key lacks the scope ${scope}.`);
      return;
    case 'operator':
      checkRole(caller, id);
      if (scope !== 'admin' && !sharedScopes.includes(scope)) throw new ProtocolError('forbidden', 'Say for which app, by the header Talaria-Act-For.');
      return;
    case 'admin':
      if (scope !== 'admin' && !sharedScopes.includes(scope)) throw new ProtocolError('forbidden', "An admin key belongs to no app. Use one of the app's keys.");
      return;
  }
}

function checkRole(caller: Caller, id: string): void {
  const operator = operatorBehind(caller);
  if (operator && !operatorMay(operator.role, id)) throw new ProtocolError('forbidden', `The role ${operator.role} does not allow ${id}.`);
}
