import { ProtocolError } from '@talaria/protocol';
import type { OperationId, OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { SetPrivacy } from '../../storage/command.js';
import { parseStored } from '../../storage/stored-json.js';
import { leaveAllCalls } from '../calls/operations.js';
import { resolveOwner, resolveUser, type AppCaller } from '../caller.js';
import { commandHead, requestOf, submitForUser, type CommandHead, type CommandMeta, type UserCommandResult } from '../commands/submit.js';
import { directPair } from '../conversations/direct-pair.js';
import type { Domain } from '../domain.js';
import { revokeAccess } from '../identity/revocation.js';
import { entryPage } from '../entry-page.js';
import type { Block } from './apply-user.js';
import { privacyView, userSettingsOf } from './settings.js';

async function headFor<Id extends OperationId>(
  domain: Domain, caller: AppCaller, op: Id, input: OperationInput<Id> & { readonly user_id: string; readonly as_user_id?: string | undefined }, meta: CommandMeta, resolved: Readonly<Record<string, unknown>> = {},
): Promise<CommandHead & { readonly subject: string }> {
  const subject = await resolveOwner(domain, caller, input.user_id);
  const user = await actingFor(domain, caller, subject, input.as_user_id);
  return { ...commandHead(domain, caller, user, op, requestOf(op, input, { user_id: subject, ...resolved }), meta), subject };
}

/** A backend acts as itself, or as the very user whom it is about. */
async function actingFor(domain: Domain, caller: AppCaller, subject: string, asUser: string | undefined): Promise<string | null> {
  if (caller.kind === 'user') {
    if (asUser !== undefined) throw new ProtocolError('forbidden', 'Only a backend may act for a user.', { field: 'as_user_id' });
    return caller.userId;
  }
  if (asUser === undefined) return null;
  if (await resolveUser(domain, caller, asUser, 'as_user_id') !== subject) throw new ProtocolError('forbidden', 'A user reads and changes only their own.');
  return subject;
}

/** Changes a profile. @throws ProtocolError not_found, forbidden, invalid_argument */
export async function updateUser(domain: Domain, caller: AppCaller, input: OperationInput<'users.update'>, meta: CommandMeta): Promise<UserCommandResult> {
  if (input.name === undefined && input.data === undefined && input.avatar_url === undefined) {
    throw new ProtocolError('invalid_argument', 'Name what is to change: name, avatar_url or data.', { field: 'name' });
  }
  const data = input.data === undefined ? null : JSON.stringify(input.data);
  return submitForUser(domain, { ...await headFor(domain, caller, 'users.update', input, meta), kind: 'user.update', name: input.name ?? null, data, avatarUrl: input.avatar_url ?? null }, meta.lane);
}

/** Deactivates a user, closes what is open with their tokens, and takes them out of their calls. @throws ProtocolError not_found, conflict */
export async function deactivateUser(domain: Domain, caller: AppCaller, input: OperationInput<'users.deactivate'>, meta: CommandMeta): Promise<UserCommandResult> {
  const head = await headFor(domain, caller, 'users.deactivate', input, meta);
  const done = await submitForUser(domain, { ...head, kind: 'user.active', on: false }, meta.lane);
  // After the fact: whoever comes in between is told by it, and what was open is closed now (RES6).
  await revokeAccess(domain, caller, { user_id: input.user_id });
  await leaveAllCalls(domain, caller.app, head.subject);
  return done;
}

/** @throws ProtocolError not_found, conflict */
export async function reactivateUser(domain: Domain, caller: AppCaller, input: OperationInput<'users.reactivate'>, meta: CommandMeta): Promise<UserCommandResult> {
  return submitForUser(domain, { ...await headFor(domain, caller, 'users.reactivate', input, meta), kind: 'user.active', on: true }, meta.lane);
}

/** @throws ProtocolError not_found, forbidden */
export async function getPrivacy(domain: Domain, caller: AppCaller, input: OperationInput<'privacy.get'>): Promise<OperationOutput<'privacy.get'>> {
  const user = await domain.storage.user(caller.app, await resolveOwner(domain, caller, input.user_id));
  if (!user) throw new ProtocolError('not_found', 'There is no such user.', { field: 'user_id' });
  return privacyView(userSettingsOf(user));
}

/** @throws ProtocolError not_found, forbidden, invalid_argument */
export async function setPrivacy(domain: Domain, caller: AppCaller, input: OperationInput<'privacy.set'>, meta: CommandMeta): Promise<UserCommandResult> {
  const { user_id: _subject, as_user_id: _acting, ...given } = input;
  const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as SetPrivacy['change'];
  if (Object.keys(change).length === 0) throw new ProtocolError('invalid_argument', 'Name what is to change.', { field: 'receipts' });
  return submitForUser(domain, { ...await headFor(domain, caller, 'privacy.set', input, meta), kind: 'privacy.set', change }, meta.lane);
}

/** @throws ProtocolError not_found, forbidden, limit_reached */
export function addBlock(domain: Domain, caller: AppCaller, input: OperationInput<'blocks.add'>, meta: CommandMeta): Promise<UserCommandResult> {
  return setBlock(domain, caller, 'blocks.add', input, meta);
}

/** @throws ProtocolError not_found, forbidden, conflict */
export function removeBlock(domain: Domain, caller: AppCaller, input: OperationInput<'blocks.remove'>, meta: CommandMeta): Promise<UserCommandResult> {
  return setBlock(domain, caller, 'blocks.remove', input, meta);
}

async function setBlock(domain: Domain, caller: AppCaller, op: 'blocks.add' | 'blocks.remove', input: OperationInput<'blocks.add'>, meta: CommandMeta): Promise<UserCommandResult> {
  const other = await resolveUser(domain, caller, input.blocked_user_id, 'blocked_user_id');
  const head = await headFor(domain, caller, op, input, meta, { blocked_user_id: other });
  const direct = head.subject === other ? null : await domain.storage.directConversation(caller.app, directPair([head.subject, other]));
  return submitForUser(domain, { ...head, kind: 'block.set', other, on: op === 'blocks.add', direct }, meta.lane);
}

/** @throws ProtocolError not_found, forbidden */
export async function listBlocks(domain: Domain, caller: AppCaller, input: OperationInput<'blocks.list'>): Promise<OperationOutput<'blocks.list'>> {
  const page = await entryPage(domain, caller.app, await resolveOwner(domain, caller, input.user_id), 'block', input);
  return { ...page, items: page.items.map((row) => ({ user_id: row.key, time_ms: (parseStored(row.value) as Block).time_ms })) };
}
