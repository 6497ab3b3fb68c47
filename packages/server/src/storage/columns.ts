/**
 * Rows as the tables keep them, and as the port gives them. An id is what the driver keeps for it; a flag is 0 or 1 where a database
 * has no booleans.
 */
import type { IdKind } from '@talaria/protocol';
import type { EntryType } from './entry-types.js';
import type { CommandKeyRow, ConversationRow, EntryRow, EventRow, MemberRow, MessageRecord, MessageRow, StreamRow, UserRow } from './rows.js';
import { streamIdKind } from './ids.js';

/** How a driver shows its ids. */
interface Shown<Id> {
  text(kind: IdKind, id: Id): string;
}

type Flag = boolean | 0 | 1;

export interface EventColumns<Id> {
  seq: number; position: number; event_id: string; type: string; version: number; actor_id: Id | null; time_ms: number; target_seq: number | null;
  client_id: string | null; trace_id: string | null; redacted: Flag; ordinal: number; sender_ordinal: number; payload: string;
}
export const EVENT_COLUMNS = [
  'seq', 'position', 'event_id', 'type', 'version', 'actor_id', 'time_ms', 'target_seq', 'client_id', 'trace_id', 'redacted', 'ordinal', 'sender_ordinal', 'payload',
] as const;

export function eventRow<Id>(ids: Shown<Id>, app: string, stream: string, row: EventColumns<Id>): EventRow {
  return {
    app, stream, seq: row.seq, position: row.position, eventId: row.event_id, type: row.type, version: row.version, actor: row.actor_id && ids.text('user', row.actor_id),
    timeMs: row.time_ms, targetSeq: row.target_seq, clientId: row.client_id, traceId: row.trace_id, redacted: Boolean(row.redacted), ordinal: row.ordinal,
    senderOrdinal: row.sender_ordinal, payload: row.payload,
  };
}

export interface StreamColumns {
  head_seq: number; head_position: number; head_event_id: string; floor_seq: number; floor_ordinal: number; ordinal: number; marks_version: number;
}
export const STREAM_COLUMNS = ['head_seq', 'head_position', 'head_event_id', 'floor_seq', 'floor_ordinal', 'ordinal', 'marks_version'] as const;

export function streamRow(app: string, stream: string, row: StreamColumns): StreamRow {
  return {
    app, stream, headSeq: row.head_seq, headPosition: row.head_position, headEventId: row.head_event_id, floorSeq: row.floor_seq, floorOrdinal: row.floor_ordinal,
    ordinal: row.ordinal, marksVersion: row.marks_version,
  };
}

export interface ConversationColumns {
  kind: ConversationRow['kind']; name: string; data: string; history: ConversationRow['history']; settings: string; member_count: number; created_ms: number; updated_ms: number;
}
export const CONVERSATION_COLUMNS = ['kind', 'name', 'data', 'history', 'settings', 'member_count', 'created_ms', 'updated_ms'] as const;

export function conversationRow(app: string, id: string, row: ConversationColumns): ConversationRow {
  return { app, id, kind: row.kind, name: row.name, data: row.data, history: row.history, settings: row.settings, memberCount: row.member_count, createdMs: row.created_ms, updatedMs: row.updated_ms };
}

export interface MemberColumns<Id> {
  conversation_id: Id; user_id: Id; role: string; active: Flag; joined_seq: number; joined_ms: number; left_seq: number | null; sender_ordinal: number;
  delivered_seq: number; read_seq: number; read_ordinal: number; read_sender_ordinal: number; unread_from_seq: number | null; unread_ordinal: number;
  unread_sender_ordinal: number; marks_version: number; public_read_seq: number; muted_until_ms: number | null; pinned_ms: number | null; archived_ms: number | null;
  hidden_seq: number | null;
}
export const MEMBER_COLUMNS = [
  'conversation_id', 'user_id', 'role', 'active', 'joined_seq', 'joined_ms', 'left_seq', 'sender_ordinal', 'delivered_seq', 'read_seq', 'read_ordinal', 'read_sender_ordinal',
  'unread_from_seq', 'unread_ordinal', 'unread_sender_ordinal', 'marks_version', 'public_read_seq', 'muted_until_ms', 'pinned_ms', 'archived_ms', 'hidden_seq',
] as const;

export function memberRow<Id>(ids: Shown<Id>, app: string, row: MemberColumns<Id>): MemberRow {
  return {
    app, conversation: ids.text('conversation', row.conversation_id), user: ids.text('user', row.user_id), role: row.role, active: Boolean(row.active), joinedSeq: row.joined_seq,
    joinedMs: row.joined_ms, leftSeq: row.left_seq, senderOrdinal: row.sender_ordinal, deliveredSeq: row.delivered_seq, readSeq: row.read_seq, readOrdinal: row.read_ordinal,
    readSenderOrdinal: row.read_sender_ordinal, unreadFromSeq: row.unread_from_seq, unreadOrdinal: row.unread_ordinal, unreadSenderOrdinal: row.unread_sender_ordinal,
    marksVersion: row.marks_version, publicReadSeq: row.public_read_seq, mutedUntilMs: row.muted_until_ms, pinnedMs: row.pinned_ms, archivedMs: row.archived_ms, hiddenSeq: row.hidden_seq,
  };
}

/** A message stands in its own fact. */
export interface MessageColumns<Id> {
  seq: number; actor_id: Id | null; ordinal: number; sender_ordinal: number; message: number; time_ms: number; body_seq: number | null; changed_seq: number | null;
  edited_ms: number | null; deleted_ms: number | null; thread_seq: number | null; state: string | null;
}
export const MESSAGE_COLUMNS = ['seq', 'actor_id', 'ordinal', 'sender_ordinal', 'message', 'time_ms', 'body_seq', 'changed_seq', 'edited_ms', 'deleted_ms', 'thread_seq', 'state'] as const;

/**
 * What stands in `events.message`: no message, one that does not count, one that does (CNT1), a reply that stands in its thread only
 * and counts there, and one that does not.
 */
export type MessageKind = 0 | 1 | 2 | 3 | 4;

export function messageKind(message: MessageRow | undefined): MessageKind {
  if (!message) return 0;
  if (message.inThreadOnly) return message.countsInThread ? 3 : 4;
  return message.countable ? 2 : 1;
}

export function messageRow<Id>(ids: Shown<Id>, app: string, conversation: string, row: MessageColumns<Id>): MessageRow {
  return {
    app, conversation, seq: row.seq, sender: row.actor_id && ids.text('user', row.actor_id), ordinal: row.ordinal, senderOrdinal: row.sender_ordinal, countable: row.message === 2,
    threadSeq: row.thread_seq, inThreadOnly: row.message >= 3, countsInThread: row.thread_seq !== null && (row.message === 2 || row.message === 3), state: row.state,
    createdMs: row.time_ms, bodySeq: row.body_seq ?? row.seq, changedSeq: row.changed_seq ?? row.seq, editedMs: row.edited_ms, deletedMs: row.deleted_ms,
  };
}

export type MessageRecordColumns<Id> = MessageColumns<Id> & { payload: string; client_id: string | null };

export function messageRecord<Id>(ids: Shown<Id>, app: string, conversation: string, row: MessageRecordColumns<Id>): MessageRecord {
  return { ...messageRow(ids, app, conversation, row), payload: row.payload, clientId: row.client_id };
}

export interface CommandKeyColumns<Id> { stream_id: Id; kind: string; seq: number; time_ms: number; type: string; target_seq: number | null; request_hash: string }

export function commandKeyRow<Id>(ids: Shown<Id>, app: string, actor: string, clientId: string, row: CommandKeyColumns<Id>): CommandKeyRow {
  return {
    app, actor, clientId, stream: ids.text(streamIdKind(row.kind), row.stream_id), seq: row.seq, timeMs: row.time_ms, type: row.type, targetSeq: row.target_seq, requestHash: row.request_hash,
  };
}

/** Columns of a table, or of a name for it. */
export const columns = (names: readonly string[], table = ''): string => names.map((name) => (table === '' ? name : `${table}.${name}`)).join(', ');

export interface EntryColumns { type: EntryType; key: string; target_seq: number; seq: number; value: string; due_ms: number | null }
export const ENTRY_COLUMNS = ['type', 'key', 'target_seq', 'seq', 'value', 'due_ms'] as const;

export function entryRow(app: string, stream: string, row: EntryColumns): EntryRow {
  return { app, stream, type: row.type, key: row.key, targetSeq: row.target_seq, seq: row.seq, value: row.value, dueMs: row.due_ms };
}

export interface UserColumns<Id> {
  id: Id; external_id: string; name: string; data: string; created_ms: number; updated_ms: number; tokens_not_before_ms: number; settings: string; deactivated_ms: number | null;
}
export const USER_COLUMNS = ['id', 'external_id', 'name', 'data', 'created_ms', 'updated_ms', 'tokens_not_before_ms', 'settings', 'deactivated_ms'] as const;

export function userRow<Id>(ids: Shown<Id>, app: string, row: UserColumns<Id>): UserRow {
  return {
    app, id: ids.text('user', row.id), externalId: row.external_id, name: row.name, data: row.data, createdMs: row.created_ms, updatedMs: row.updated_ms,
    tokensNotBeforeMs: row.tokens_not_before_ms, settings: row.settings, deactivatedMs: row.deactivated_ms,
  };
}
