export { emptyConversation, foldConversation, type ConversationState, type JsonFact, type MemberState, type MessageView, type SettingsView } from './conversation.js';
export { inCall, type CallParticipant, type CallReason, type CallState } from '../calls/state.js';
export { emptyUser, foldUser, shownMessages, type BookmarkState, type DraftState, type InvitationState, type PreferencesState, type UserState, type WaitingState } from './user.js';
