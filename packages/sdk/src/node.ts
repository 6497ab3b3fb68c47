/** The Node entry: the global WebSocket where there is one, else `ws`. */
import { WebSocket as NodeSocket } from 'ws';
import type { Client } from './client.js';
import { connectWith, type OpenSocket } from './connect.js';
import type { ConnectOptions } from './options.js';
import { globalSocket, type SocketLike } from './runtime.js';

const wsSocket: OpenSocket = (url, protocols) => new NodeSocket(url, protocols, { perMessageDeflate: false }) as unknown as SocketLike;

/**
 * Connects a user of an app. Returns at once; `await client.ready()` waits for the first connection.
 *
 * @param options where, which app, and the user's token
 */
export function connect(options: ConnectOptions): Client {
  return connectWith('WebSocket' in globalThis ? globalSocket : wsSocket, options);
}

export { clientIdFrom } from './client-id.js';
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
export { fileStore, type FileStoreBounds } from './store/file.js';
export { memoryStore } from './store/memory.js';
export type { SharedOutbox, SharedStore, Store, StoreChange, StoreTable } from './store/port.js';
export type { Fact, FactBody, Skipped } from './streams/fact.js';
