import type { OperationInput } from '@talaria/protocol/operations';
import { resolveUser, type AppCaller } from '../caller.js';
import { actingUser, commandHead, requestText, submit, type CommandMeta, type CommandResult } from '../commands/submit.js';
import type { Domain } from '../domain.js';

const resolveAll = (domain: Domain, caller: AppCaller, refs: readonly string[]): Promise<string[]> =>
  Promise.all(refs.map((ref) => resolveUser(domain, caller, ref, 'member_ids')));

/** Makes a group, or gets the one direct conversation of a pair. @throws ProtocolError not_found, invalid_argument */
export async function createConversation(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.create'>, meta: CommandMeta): Promise<CommandResult> {
  const user = await actingUser(domain, caller, input.as_user_id);
  const members = await resolveAll(domain, caller, input.member_ids);
  const data = JSON.stringify(input.data);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'conversations.create', requestText(input.kind, input.name, data, input.history, members), meta),
    kind: 'conversation.create', conversationKind: input.kind, name: input.name, data, history: input.history, members,
  }, meta.lane);
}

/** Changes name, data or history policy. @throws ProtocolError not_found, forbidden */
export async function updateConversation(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.update'>, meta: CommandMeta): Promise<CommandResult> {
  const user = await actingUser(domain, caller, input.as_user_id);
  const data = input.data === undefined ? null : JSON.stringify(input.data);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'conversations.update', requestText(input.conversation_id, input.name, data, input.history), meta),
    kind: 'conversation.update', conversation: input.conversation_id, name: input.name ?? null, data, history: input.history ?? null,
  }, meta.lane);
}

/** Adds users to a group. @throws ProtocolError not_found, forbidden, conflict */
export async function addMembers(domain: Domain, caller: AppCaller, input: OperationInput<'members.add'>, meta: CommandMeta): Promise<CommandResult> {
  const user = await actingUser(domain, caller, input.as_user_id);
  const members = await resolveAll(domain, caller, input.member_ids);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'members.add', requestText(input.conversation_id, members, input.role), meta),
    kind: 'member.add', conversation: input.conversation_id, members, role: input.role ?? null,
  }, meta.lane);
}

/** Removes a user, or lets one leave. @throws ProtocolError not_found, forbidden, conflict */
export async function removeMember(domain: Domain, caller: AppCaller, input: OperationInput<'members.remove'>, meta: CommandMeta): Promise<CommandResult> {
  const user = await actingUser(domain, caller, input.as_user_id);
  const member = await resolveUser(domain, caller, input.user_id);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'members.remove', requestText(input.conversation_id, member), meta), kind: 'member.remove', conversation: input.conversation_id, member,
  }, meta.lane);
}

/** Changes a role. @throws ProtocolError not_found, forbidden, conflict */
export async function updateMember(domain: Domain, caller: AppCaller, input: OperationInput<'members.update'>, meta: CommandMeta): Promise<CommandResult> {
  const user = await actingUser(domain, caller, input.as_user_id);
  const member = await resolveUser(domain, caller, input.user_id);
  return submit(domain, {
    ...commandHead(domain, caller, user, 'members.update', requestText(input.conversation_id, member, input.role), meta),
    kind: 'member.update', conversation: input.conversation_id, member, role: input.role,
  }, meta.lane);
}
