import { ProtocolError } from '@talaria/protocol';
import type { OperationInput } from '@talaria/protocol/operations';
import type { SetPreferences, SettingsChange } from '../../storage/command.js';
import { resolveUser, type AppCaller } from '../caller.js';
import { headOf, submit, type CommandMeta, type CommandResult } from '../commands/submit.js';
import type { Domain } from '../domain.js';

const resolveAll = (domain: Domain, caller: AppCaller, refs: readonly string[]): Promise<string[]> =>
  Promise.all(refs.map((ref) => resolveUser(domain, caller, ref, 'member_ids')));

/** Makes a group, or gets the one direct conversation of a pair. @throws ProtocolError not_found, invalid_argument */
export async function createConversation(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.create'>, meta: CommandMeta): Promise<CommandResult> {
  const members = await resolveAll(domain, caller, input.member_ids);
  const data = JSON.stringify(input.data);
  return submit(domain, {
    ...await headOf(domain, caller, 'conversations.create', input, meta, { member_ids: members }),
    kind: 'conversation.create', conversationKind: input.kind, name: input.name, avatarUrl: input.avatar_url, data, history: input.history, members,
  }, meta.lane);
}

/** Changes name, data or history policy. @throws ProtocolError not_found, forbidden, invalid_argument */
export async function updateConversation(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.update'>, meta: CommandMeta): Promise<CommandResult> {
  if (input.name === undefined && input.data === undefined && input.avatar_url === undefined && input.history === undefined) {
    throw new ProtocolError('invalid_argument', 'Name what is to change: name, avatar_url, data or history.', { field: 'name' });
  }
  const data = input.data === undefined ? null : JSON.stringify(input.data);
  return submit(domain, {
    ...await headOf(domain, caller, 'conversations.update', input, meta),
    kind: 'conversation.update', conversation: input.conversation_id, name: input.name ?? null, data, history: input.history ?? null, avatarUrl: input.avatar_url ?? null,
  }, meta.lane);
}

/** Adds users to a group. @throws ProtocolError not_found, forbidden, conflict */
export async function addMembers(domain: Domain, caller: AppCaller, input: OperationInput<'members.add'>, meta: CommandMeta): Promise<CommandResult> {
  const members = await resolveAll(domain, caller, input.member_ids);
  return submit(domain, {
    ...await headOf(domain, caller, 'members.add', input, meta, { member_ids: members }),
    kind: 'member.add', conversation: input.conversation_id, members, role: input.role ?? null,
  }, meta.lane);
}

/** Removes a user, or lets one leave. @throws ProtocolError not_found, forbidden, conflict */
export async function removeMember(domain: Domain, caller: AppCaller, input: OperationInput<'members.remove'>, meta: CommandMeta): Promise<CommandResult> {
  const member = await resolveUser(domain, caller, input.user_id);
  return submit(domain, {
    ...await headOf(domain, caller, 'members.remove', input, meta, { user_id: member }), kind: 'member.remove', conversation: input.conversation_id, member,
  }, meta.lane);
}

/** Changes a role. @throws ProtocolError not_found, forbidden, conflict */
export async function updateMember(domain: Domain, caller: AppCaller, input: OperationInput<'members.update'>, meta: CommandMeta): Promise<CommandResult> {
  const member = await resolveUser(domain, caller, input.user_id);
  return submit(domain, {
    ...await headOf(domain, caller, 'members.update', input, meta, { user_id: member }),
    kind: 'member.update', conversation: input.conversation_id, member, role: input.role,
  }, meta.lane);
}

/** Freezes, slows down, and so on. @throws ProtocolError not_found, forbidden, conflict, invalid_argument */
export async function setSettings(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.settings'>, meta: CommandMeta): Promise<CommandResult> {
  const { conversation_id: conversation, as_user_id: _acting, ...given } = input;
  const change = named(given) as SettingsChange;
  if (Object.keys(change).length === 0) throw new ProtocolError('invalid_argument', 'Name what is to change.', { field: 'frozen' });
  return submit(domain, { ...await headOf(domain, caller, 'conversations.settings', input, meta), kind: 'conversation.settings', conversation, change }, meta.lane);
}

/** Mutes, pins, archives or hides for one member. @throws ProtocolError not_found, invalid_argument */
export async function setPreferences(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.preferences'>, meta: CommandMeta): Promise<CommandResult> {
  const { conversation_id: conversation, as_user_id: _acting, ...given } = input;
  const change = named(given) as SetPreferences['change'];
  if (Object.keys(change).length === 0) throw new ProtocolError('invalid_argument', 'Name what is to change.', { field: 'pinned' });
  return submit(domain, { ...await headOf(domain, caller, 'conversations.preferences', input, meta), kind: 'preferences.set', conversation, change }, meta.lane);
}

/** Makes another member the owner. @throws ProtocolError not_found, forbidden, conflict */
export async function transferConversation(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.transfer'>, meta: CommandMeta): Promise<CommandResult> {
  const member = await resolveUser(domain, caller, input.user_id);
  return submit(domain, {
    ...await headOf(domain, caller, 'conversations.transfer', input, meta, { user_id: member }), kind: 'conversation.transfer', conversation: input.conversation_id, member,
  }, meta.lane);
}

/** What was said; what was left out stays out. */
function named(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
