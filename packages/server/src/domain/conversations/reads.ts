import { ProtocolError, type Action } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { InboxFilter } from '../../storage/inbox.js';
import { resolveOwner, viewerOf, type AppCaller } from '../caller.js';
import type { Domain } from '../domain.js';
import { requireAction } from './authorise.js';
import { openPage, sealPage } from '../page-cursor.js';
import { conversationView, memberView } from '../views.js';

const notFound = (): ProtocolError => new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');

/** @throws ProtocolError not_found */
export async function getConversation(domain: Domain, caller: AppCaller, input: OperationInput<'conversations.get'>): Promise<OperationOutput<'conversations.get'>> {
  const record = await domain.storage.conversation(caller.app, viewerOf(caller), input.conversation_id);
  if (!record) throw notFound();
  return conversationView(record, caller);
}

/** @throws ProtocolError not_found */
export async function listMembers(domain: Domain, caller: AppCaller, input: OperationInput<'members.list'>): Promise<OperationOutput<'members.list'>> {
  const list = `members ${caller.app} ${input.conversation_id}`;
  const page = await domain.storage.members(caller.app, viewerOf(caller), input.conversation_id, input.limit, openPage(domain, list, input.after));
  if (!page) throw notFound();
  return { items: page.items.map(memberView), next: sealPage(domain, list, page.more ? page.items.at(-1)?.user ?? null : null) };
}

/** A user's inbox, latest activity first. A user reads only their own. @throws ProtocolError forbidden, not_found */
export async function listInbox(domain: Domain, caller: AppCaller, input: OperationInput<'inbox.list'>): Promise<OperationOutput<'inbox.list'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  const { kind, unread_only, archived, pinned, muted, include_hidden, sort } = input;
  const filter: InboxFilter = {
    ...(kind !== undefined && { kind }), ...(unread_only && { unread: true }), ...(archived !== 'included' && { archived: archived === 'only' }), ...(pinned !== undefined && { pinned }),
    ...(muted !== undefined && { muted, nowMs: domain.clock.now() }), hidden: include_hidden, ...(sort === 'pinned' && { pinnedFirst: true }),
  };
  const list = `inbox ${caller.app} ${user} ${JSON.stringify({ ...filter, nowMs: 0 })}`;
  const after = openPage(domain, list, input.after);
  const [position, conversation, wasPinned] = after?.split(' ') ?? [];
  const page = await domain.storage.inbox(
    caller.app, user, input.limit, position !== undefined && conversation !== undefined ? { position: Number(position), conversation, pinned: wasPinned === '1' } : null, filter,
  );
  const last = page.more ? page.items.at(-1) : undefined;
  const isPinned = filter.pinnedFirst && last?.member?.pinnedMs ? 1 : 0;
  return {
    items: page.items.map((record) => conversationView(record, caller)),
    next: sealPage(domain, list, last ? `${last.stream.headPosition} ${last.conversation.id} ${isPinned}` : null),
  };
}

/** What is unread in all conversations of a user together, but for archived ones. A user is told of their own. @throws ProtocolError forbidden, not_found */
export async function getUnread(domain: Domain, caller: AppCaller, input: OperationInput<'inbox.unread'>): Promise<OperationOutput<'inbox.unread'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  const { kind, muted } = input;
  return domain.storage.unread(caller.app, user, { ...(kind !== undefined && { kind }), archived: false, ...(muted !== undefined && { muted, nowMs: domain.clock.now() }) });
}

/**
 * For lists that not every member reads.
 *
 * @throws ProtocolError not_found, forbidden
 */
export async function requireReadAs(domain: Domain, caller: AppCaller, conversation: string, action: Action): Promise<void> {
  const record = await domain.storage.conversation(caller.app, viewerOf(caller), conversation);
  if (!record || record.member?.active === false) throw notFound();
  if (record.member) requireAction({ conversation: record.conversation, member: record.member }, action);
}
