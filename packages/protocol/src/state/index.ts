export { emptyConversation, foldConversation, type ConversationState, type JsonFact, type MemberState, type MessageView } from './conversation.js';
export { emptyUser, foldUser, shownMessages, type BookmarkState, type DraftState, type UserState } from './user.js';
