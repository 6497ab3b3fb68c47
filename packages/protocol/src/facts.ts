/**
 * Every type of fact, in which stream it stands, and what it says. SPEC.md and the docs print this table; tests hold that all of it
 * is used. A type that is not in it, of a newer version, moves the cursor and reaches the app as it is.
 */
export interface FactInfo {
  readonly stream: 'conversation' | 'user';
  /** Whether it is about one message (`target_seq`). */
  readonly target: boolean;
  /** Its body's fields. */
  readonly body: string;
}

const inConversation = (body: string): FactInfo => ({ stream: 'conversation', target: false, body });
const aboutMessage = (body: string): FactInfo => ({ stream: 'conversation', target: true, body });
const ofUser = (body: string): FactInfo => ({ stream: 'user', target: false, body });

export const factTable = {
  'conversation.created': inConversation('`kind`, `name`, `avatar_url`, `data`, `history`'),
  'conversation.updated': inConversation('`name`, `avatar_url`, `data`, `history` as they are from now on'),
  'conversation.settings_set': inConversation('all settings as they are from now on'),
  'member.joined': inConversation('`user_id`, `role`; `link_seq` of whoever came by a link'),
  'member.left': inConversation('`user_id`, `cause`: `left` or `removed`'),
  'member.updated': inConversation('`user_id`, `role`'),
  'contact.closed': inConversation('nothing: of a direct conversation, in which nobody writes any more; it does not say who wanted that'),
  'contact.opened': inConversation('nothing'),
  'invitation.created': inConversation('`user_id`, `role`, `expires_ms`'),
  'invitation.ended': inConversation('`user_id`, `cause`: `declined` or `revoked`; who accepts joins'),
  'link.created': inConversation('`role`, `expires_ms`, `uses_max`, `approval`; the link is named by this fact'),
  'link.revoked': inConversation('`link_seq`'),
  'join.requested': inConversation('`user_id`, `text`; `link_seq` of whoever asked by a link'),
  'join.denied': inConversation('`user_id`; who is let in joins'),
  'join.withdrawn': inConversation('`user_id`: they do not ask any more'),
  'message.created': inConversation('a message'),
  'message.updated': aboutMessage('the whole message as it is from now on'),
  'message.deleted': aboutMessage('nothing; every other fact about the message is emptied (VIS4)'),
  'message.expired': aboutMessage('nothing; as `message.deleted`, when its time has come'),
  'reaction.added': aboutMessage('`reaction`'),
  'reaction.removed': aboutMessage('`reaction`'),
  'message.pinned': aboutMessage('nothing'),
  'message.unpinned': aboutMessage('nothing'),
  'poll.voted': aboutMessage('`added` and `removed` options, `voters`: 1, 0 or -1 more; of an anonymous poll without an actor'),
  'poll.closed': aboutMessage('nothing'),
  'message.previewed': aboutMessage('`previews` of links in its text, which take the place of those before: of each `url`, `title`, `description`, `image_url`'),
  'call.started': inConversation('`kind`, `device_id`, `ring_ms`, `data`: the actor calls everybody else; the call is named by this fact'),
  'call.answered': inConversation('`call_seq`, `user_id`, `device_id`: the one device of the user that is in the call'),
  'call.declined': inConversation('`call_seq`, `user_id`'),
  'call.left': inConversation('`call_seq`, `user_id`'),
  'call.ended': inConversation('`call_seq`, `reason`: `hung_up`, `cancelled`, `declined`, `missed`, `failed`, `expired` or `blocked`; `duration_ms` from the first answer, null when there was none'),
  'conversation.added': ofUser('`conversation_id`, `joined_seq`, `role`, `kind`: the user is a member now'),
  'conversation.removed': ofUser('`conversation_id`, `left_seq`, `cause`: the user is none any more'),
  'conversation.unread_set': ofUser('`conversation_id`, `from_seq` (CNT3)'),
  'conversation.preferences_set': ofUser('`conversation_id`, `muted_until_ms`, `pinned_ms`, `archived_ms`, `hidden_seq` as they are from now on'),
  'invitation.received': ofUser('`conversation_id`, `kind`, `name`, `role`, `invited_by`, `expires_ms`'),
  'invitation.gone': ofUser('`conversation_id`, `cause`: `accepted`, `declined` or `revoked`'),
  'join.asked': ofUser('`conversation_id`'),
  'join.answered': ofUser('`conversation_id`, `accepted`'),
  'join.unasked': ofUser('`conversation_id`: the user does not ask any more'),
  'user.updated': ofUser('`name`, `avatar_url`, `data` as they are from now on'),
  'user.deactivated': ofUser('nothing'),
  'user.reactivated': ofUser('nothing'),
  'privacy.set': ofUser('`last_seen`, `receipts`, `typing`, `hide_blocked` as they are from now on'),
  'user.blocked': ofUser('`user_id`'),
  'user.unblocked': ofUser('`user_id`'),
  'message.held': ofUser('`conversation_id`, `reason`, `expires_ms`, and the message: it waits for approval and has no seq in the conversation (VIS3)'),
  'message.released': ofUser('`conversation_id`, `held_seq`, `seq`: it was approved'),
  'message.rejected': ofUser('`conversation_id`, `held_seq`, `reason`: as it was given, `not_approved_in_time`, `withdrawn` by its sender, or a code of why it could not be sent any more'),
  'message.scheduled': ofUser('`conversation_id`, `send_at_ms`, and the message: it is sent at its time (VIS3)'),
  'message.unscheduled': ofUser('`conversation_id`, `scheduled_seq`, `cause`: `sent`, `held`, `cancelled` or `refused`; `seq` of the message, `held_seq` where it waits for approval now, or `code` of the refusal'),
  'message.hidden': ofUser('`conversation_id`, `seq`: deleted for this user'),
  'poll.own_vote': ofUser('`conversation_id`, `seq`, `options`: what the user chose in an anonymous poll'),
  'bookmark.added': ofUser('`conversation_id`, `seq`, `note`'),
  'bookmark.removed': ofUser('`conversation_id`, `seq`'),
  'draft.set': ofUser('`conversation_id`, `thread_seq`, `text`, `data`, `replaces`: the seq of the draft before, which is erased'),
  'draft.cleared': ofUser('`conversation_id`, `thread_seq`, `replaces`'),
  'thread.followed': ofUser('`conversation_id`, `thread_seq`, `read_ordinal`'),
  'thread.unfollowed': ofUser('`conversation_id`, `thread_seq`'),
  'thread.read': ofUser('`conversation_id`, `thread_seq`, `read_seq`'),
} as const satisfies Record<string, FactInfo>;

export type FactType = keyof typeof factTable;

/** VIS4: facts that leave nothing of a message but its place. They empty every other fact about it, and are not emptied themselves. */
export const TOMBSTONES = ['message.deleted', 'message.expired'] as const satisfies readonly FactType[];

/** Whether a fact of this type says that a message is gone. */
export function isTombstone(type: string): boolean {
  return type === 'message.deleted' || type === 'message.expired';
}
