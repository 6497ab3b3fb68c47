export { TalariaProvider, useClient, type TalariaProviderProps } from './provider.js';
export { useConnection } from './use-connection.js';
export { useDraft, type DraftText } from './use-draft.js';
export { useConversation, useConversations, useUnread, type Conversations } from './use-inbox.js';
export { useMessages, useThread, type Messages, type TimelineActions, type UseMessagesOptions } from './use-messages.js';
export { useMember, useMembers, usePresence, useReceipts, useTyping, useUser, useUsers, type MemberList, type ReceiptList, type TypingList } from './use-people.js';
export type { SuspenseOptions } from './use-view.js';
