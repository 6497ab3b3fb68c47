/** What entries there are. Each type names what its key is, and of which stream it is. */

export const ENTRY_TYPES = [
  // Of a conversation, about a message; the key is a user (of a mention also everyone, or everyone but one).
  'reaction', 'vote', 'hidden', 'mention',
  // Of a conversation, about a message; the key is empty.
  'pin', 'poll', 'expiry', 'unread_expiry',
  // Of a conversation; the key is a user.
  'invitation', 'join_request', 'last_send',
  // Of a conversation; the key is a place or an id.
  'join_link', 'scheduled', 'held',
  // Of a conversation; the key says whether it is on.
  'call',
  // Of a user; the key is a conversation, or a message in it.
  'draft', 'bookmark', 'thread', 'invited', 'asked',
  // Of a user; the key is another user.
  'block',
  // Of a user; the key is empty.
  'hides_blocked',
] as const;

export type EntryType = (typeof ENTRY_TYPES)[number];
