import { ProtocolError } from '@talaria/protocol';
import type { CreateConversation, Place } from '../../storage/command.js';
import type { EventRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { blockersOf, refuseContact } from '../users/apply-user.js';
import { directPair } from './direct-pair.js';
import { defaultRole, joinMember } from './join.js';
import type { ConversationSettings } from './settings.js';

/** Makes a group, or a direct conversation: one per pair, whoever asks first and however often (race-free by the pair's row). */
export function applyCreateConversation(work: UnitOfWork, command: CreateConversation): EventRow | Place {
  const members = [...new Set(command.user === null ? command.members : [command.user, ...command.members])];
  for (const user of members) {
    if (!work.user(command.app, user)) throw new ProtocolError('not_found', `There is no user ${user}.`, { field: 'member_ids' });
  }
  const pair = command.conversationKind === 'direct' ? directPair(members) : undefined;
  if (pair !== undefined) {
    const existing = work.directConversation(command.app, pair);
    const row = existing === undefined ? undefined : work.conversation(command.app, existing);
    if (row) return { stream: row.id, seq: 1, timeMs: row.createdMs, type: 'conversation.created', targetSeq: null };
  }
  refuseContact(work, command, members, 'member_ids');
  // A backend may bring two together all the same; they cannot write then.
  const closedBy = pair === undefined ? [] : blockersOf(work, command.app, members as [string, string]);
  const id = work.newConversationId();
  const createdMs = work.now();
  const conversation = {
    app: command.app, id, kind: command.conversationKind, name: command.name, data: command.data, history: command.history,
    settings: JSON.stringify({ ...(command.avatarUrl !== '' && { avatar_url: command.avatarUrl }), ...(closedBy.length > 0 && { closed_by: closedBy }) } satisfies ConversationSettings),
    memberCount: 0, createdMs, updatedMs: createdMs,
  };
  work.addConversation(conversation);
  if (pair !== undefined) work.addPair(command.app, pair, id);
  const created = work.append(command, {
    stream: id, type: 'conversation.created',
    payload: JSON.stringify({ kind: command.conversationKind, name: command.name, avatar_url: command.avatarUrl || null, data: JSON.parse(command.data) as unknown, history: command.history }),
  });
  for (const user of members) {
    const creator = user === command.user && command.conversationKind !== 'direct';
    joinMember(work, command, conversation, user, creator ? 'owner' : defaultRole(command.conversationKind));
  }
  if (closedBy.length > 0) work.append(command, { stream: id, type: 'contact.closed', payload: '{}' });
  return created;
}
