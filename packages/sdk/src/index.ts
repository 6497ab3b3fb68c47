/** The browser entry. */
import type { Client } from './client.js';
import { connectWith } from './connect.js';
import type { ConnectOptions } from './options.js';
import { globalSocket } from './runtime.js';

/**
 * Connects a user of an app. Returns at once; `await client.ready()` waits for the first connection.
 *
 * @param options where, which app, and the user's token
 */
export function connect(options: ConnectOptions): Client {
  return connectWith(globalSocket, options);
}

export type { ConversationData, Json, MessageData, UserData } from '@talaria/protocol/types';
export type { Client, Conversations, ConversationSummary, CreateConversation } from './client.js';
export type { Status } from './connection/state.js';
export type { TokenContext } from './connection/connection.js';
export type { ConsumerOptions, FactHandler } from './consume/consumer.js';
export type { Consumption } from './consume/consumption.js';
export type { CallOptions, CommandOptions, Conversation, ConversationEvents, HistoryPage, HistoryQuery, Member, SendOptions } from './conversation/conversation.js';
export type { Mentions, Message, MessageContent, OutgoingMessage } from './conversation/message.js';
export type { CoreEvents as ClientEvents, SignalEvent } from './core.js';
export type { MarkEvent } from './mark-registers.js';
export { TalariaError, type TalariaErrorCode } from './errors.js';
export type { OperationInput, OperationOutput, UserCall, UserCommand } from './operations.js';
export type { ConnectOptions } from './options.js';
export type { Committed, OutboxCommand } from './outbox/entry.js';
export type { Runtime, SocketLike } from './runtime.js';
export { memoryStore } from './store/memory.js';
export type { SharedOutbox, SharedStore, Store, StoreChange, StoreTable } from './store/port.js';
export type { Fact, FactBody, Skipped } from './streams/fact.js';
