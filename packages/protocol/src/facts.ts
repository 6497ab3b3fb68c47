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
  'conversation.created': inConversation('`kind`, `name`, `data`, `history`'),
  'conversation.updated': inConversation('`name`, `data`, `history` as they are from now on'),
  'member.joined': inConversation('`user_id`, `role`'),
  'member.left': inConversation('`user_id`, `cause`: `left` or `removed`'),
  'member.updated': inConversation('`user_id`, `role`'),
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
  'conversation.added': ofUser('`conversation_id`, `joined_seq`, `role`, `kind`: the user is a member now'),
  'conversation.removed': ofUser('`conversation_id`, `left_seq`, `cause`: the user is none any more'),
  'conversation.unread_set': ofUser('`conversation_id`, `from_seq` (CNT3)'),
  'message.hidden': ofUser('`conversation_id`, `seq`: deleted for this user'),
  'poll.own_vote': ofUser('`conversation_id`, `seq`, `options`: what the user chose in an anonymous poll'),
  'bookmark.added': ofUser('`conversation_id`, `seq`, `note`'),
  'bookmark.removed': ofUser('`conversation_id`, `seq`'),
  'draft.set': ofUser('`conversation_id`, `thread_seq`, `text`, `data`'),
  'draft.cleared': ofUser('`conversation_id`, `thread_seq`'),
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
