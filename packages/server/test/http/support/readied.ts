/** What operations need beside what their schemas say, so that they are done and not refused. */
import type { OperationId } from '@talaria/protocol/operations';
import type { Input } from './stage.js';
import type { Things } from './things.js';

/** Operations that need something to be so before. */
export const BEFORE: Readonly<Partial<Record<OperationId, readonly (readonly [OperationId, (things: Things) => Input])[]>>> = {
  'users.reactivate': [['users.deactivate', ({ user }) => ({ user_id: user })]],
  'pins.remove': [['pins.add', ({ message }) => ({ message_id: message })]],
  'reactions.remove': [['reactions.add', ({ message }) => ({ message_id: message, reaction: '👍', as_user_id: 'ext:alice' })]],
  'bookmarks.remove': [['bookmarks.add', ({ message }) => ({ message_id: message, as_user_id: 'ext:alice' })]],
  'threads.unfollow': [['threads.follow', ({ message }) => ({ message_id: message, as_user_id: 'ext:alice' })]],
  'threads.read': [['threads.follow', ({ message }) => ({ message_id: message, as_user_id: 'ext:alice' })]],
  'calls.start': [['calls.end', ({ call }) => ({ call_id: call })]],
  'calls.leave': [['calls.answer', ({ call }) => ({ call_id: call, device_id: 'd', as_user_id: 'ext:alice' })]],
  'requests.withdraw': [
    ['members.remove', ({ conversation }) => ({ conversation_id: conversation, user_id: 'ext:alice' })], ['requests.create', ({ conversation }) => ({ conversation_id: conversation, as_user_id: 'ext:alice' })],
  ],
  'blocks.remove': [['blocks.add', ({ user }) => ({ user_id: 'ext:alice', blocked_user_id: user })]],
};
/** What an operation is given beside its required fields, or instead of them. */
export const INSTEAD: Readonly<Partial<Record<OperationId, (things: Things) => Input>>> = {
  'conversations.settings': () => ({ slow_mode_s: 7 }), 'conversations.preferences': () => ({ pinned: true }), 'privacy.set': () => ({ receipts: false }),
  'blocks.add': () => ({ user_id: 'ext:alice' }), 'blocks.remove': () => ({ user_id: 'ext:alice' }), 'members.update': () => ({ role: 'reader' }),
  'requests.approve': () => ({ user_id: 'ext:ron' }), 'requests.deny': () => ({ user_id: 'ext:ron' }), 'invitations.revoke': () => ({ user_id: 'ext:yan' }),
  'messages.edit': () => ({ text: 'edited' }), 'users.update': () => ({ name: 'renamed' }), 'drafts.set': () => ({ text: 'half' }), 'search.conversations': () => ({ q: 'group' }), 'signals.send': ({ conversation }) => ({ conversation_id: conversation }),
};
