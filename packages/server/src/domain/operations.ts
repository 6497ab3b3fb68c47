/** What each operation of the table does. HTTP and the socket both come through here. */
import { ProtocolError } from '@talaria/protocol';
import { findOperation, type OperationId, type OperationInput, type Operation, type OperationOutput } from '@talaria/protocol/operations';
import { mintToken, revokeTokens } from './auth/sessions.js';
import { anyone, appCaller, type Anyone, type AppCaller, type Caller } from './caller.js';
import { commandResult, type CommandMeta } from './commands/submit.js';
import { addMembers, createConversation, removeMember, updateConversation, updateMember } from './conversations/commands.js';
import { getConversation, listInbox, listMembers } from './conversations/reads.js';
import type { Domain } from './domain.js';
import { changePassword, clearSessions, getAccount, listSessions, revokeSession, setAccount } from './identity/accounts.js';
import { guest, login, logout, refresh, register } from './identity/identity.js';
import { deleteMessage, editMessage } from './messages/commands.js';
import { getMessage, listChanges, listFacts, listMessages } from './messages/reads.js';
import { sendMessage } from './messages/send.js';
import { getPresence } from './presence/get-presence.js';
import { listMarks, markUnread, setMark } from './receipts/marks.js';
import {
  createApp, createKey, createTenant, deleteApp, deleteTenant, getApp, getTenant, listApps, listKeys, listTenants, revokeKey, rotateKey, updateApp, updateTenant,
} from './tenancy/tenancy.js';
import { listUsage } from './usage/usage.js';
import { createUser, getUser, getUsers, listUsers, updateUser } from './users/users.js';

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

const handlers: Handlers = {
  'auth.token': inApp(mintToken),
  'auth.revoke': inApp(revokeTokens),
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
  'inbox.list': inApp(listInbox),
  'conversations.create': inApp(createConversation),
  'conversations.get': inApp(getConversation),
  'conversations.update': inApp(updateConversation),
  'facts.list': inApp(listFacts),
  'facts.changes': inApp(listChanges),
  'members.list': inApp(listMembers),
  'members.add': inApp(addMembers),
  'members.remove': inApp(removeMember),
  'members.update': inApp(updateMember),
  'messages.send': inApp(async (domain, caller, input, meta) => commandResult(await sendMessage(domain, caller, {
    conversationId: input.conversation_id, text: input.text, data: input.data === undefined ? '' : JSON.stringify(input.data), silent: input.silent, asUserId: input.as_user_id,
  }, meta))),
  'messages.get': inApp(getMessage),
  'messages.edit': inApp(editMessage),
  'messages.delete': inApp(deleteMessage),
  'messages.list': inApp(listMessages),
  'marks.set': inApp(setMark),
  'marks.list': inApp(listMarks),
  'marks.unread': inApp(markUnread),
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
  'status.get': (domain) => domain.status(),
  'cluster.get': (domain) => Promise.resolve({ nodes: [...domain.nodes()] }),
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
  authorise(caller, operation);
  const parsed = operation.input.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = cut(issue?.path.join('.') ?? '', FIELD_CHARS_MAX);
    const wrong = cut(issue?.message ?? 'not valid', WRONG_CHARS_MAX);
    throw new ProtocolError('invalid_argument', field === '' ? `${wrong}.` : `${field}: ${wrong}.`, { field });
  }
  if (operation.command && !meta) throw new ProtocolError('invalid_argument', 'A command needs a client id.');
  // Commands are counted where it is known which conversation they go to.
  if (!operation.command && caller.kind !== 'admin') domain.limits.take(caller.app, caller.kind === 'user' ? caller.userId : null, null);
  // The schema of this very operation has just made the input; only the table's type no longer says so.
  const handler = handlers[id as OperationId] as (domain: Domain, caller: Caller, input: unknown, meta: CommandMeta | undefined) => Promise<unknown>;
  return handler(domain, caller, parsed.data, meta);
}

/** A user may call what the table opens to users; a key needs the operation's scope, an admin key the scope admin. */
function authorise(caller: Caller, { user, scope }: Operation): void {
  if (scope === null) {
    if (caller.kind !== 'anyone') throw new ProtocolError('forbidden', 'This is asked over HTTP, without a credential.');
    return;
  }
  switch (caller.kind) {
    case 'anyone': throw new ProtocolError('unauthenticated', 'This needs a key or a user token.');
    case 'user':
      if (!user) throw new ProtocolError('forbidden', "This is for backends; a user's token does not allow it.");
      return;
    case 'backend':
      if (!caller.scopes.includes(scope)) throw new ProtocolError('forbidden', `The key lacks the scope ${scope}.`);
      return;
    case 'admin':
      if (scope !== 'admin' && scope !== 'usage:read') throw new ProtocolError('forbidden', "An admin key belongs to no app. Use one of the app's keys.");
      return;
  }
}
