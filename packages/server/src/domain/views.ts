/** Rows as operations show them. */
import type { OperationOutput } from '@talaria/protocol/operations';
import type { ConversationRecord } from '../storage/port.js';
import type { EventRow, MarkRow, MemberRow, UserRow } from '../storage/rows.js';
import type { Omitted } from '../storage/visible.js';
import { parseBody } from '../storage/message-body.js';
import type { AppCaller } from './caller.js';
import { settingsOf, settingsView } from './conversations/settings.js';
import { forReader, messageView } from './messages/view.js';
import { userSettingsOf } from './users/settings.js';
import { parseStored } from '../storage/stored-json.js';

export type UserView = OperationOutput<'users.get'>;
export type ConversationView = OperationOutput<'conversations.get'>;
export type FactView = OperationOutput<'facts.list'>['items'][number];

type Json = FactView['body'];

const parseObject = (text: string): Json => (text === '' ? {} : parseStored(text) as Json);

export function userView(row: UserRow): UserView {
  return {
    id: row.id, external_id: row.externalId, name: row.name, avatar_url: userSettingsOf(row).avatar_url ?? null, data: parseObject(row.data), created_ms: row.createdMs, updated_ms: row.updatedMs,
    deactivated_ms: row.deactivatedMs,
  };
}

/** @param reader who reads it, whoever's view it is */
export function conversationView(record: ConversationRecord, reader: Pick<AppCaller, 'kind'>): ConversationView {
  const { conversation, stream, member } = record;
  const settings = settingsOf(conversation);
  return {
    id: conversation.id, kind: conversation.kind, name: conversation.name, avatar_url: settings.avatar_url ?? null, data: parseObject(conversation.data),
    history: conversation.history, settings: settingsView(settings),
    member_count: conversation.memberCount, head_seq: record.endSeq, floor_seq: stream.floorSeq, created_ms: conversation.createdMs, updated_ms: conversation.updatedMs,
    membership: member && {
      role: member.role, joined_seq: member.joinedSeq, left_seq: member.leftSeq, read_seq: member.readSeq, delivered_seq: member.deliveredSeq, unread: record.unread,
      mentions: record.mentions, muted_until_ms: member.mutedUntilMs, pinned_ms: member.pinnedMs, archived_ms: member.archivedMs, hidden: member.hiddenSeq !== null && member.hiddenSeq >= stream.headSeq,
    },
    last_message: record.lastMessage && forReader(messageView(record.lastMessage), reader),
  };
}

export function memberView(row: MemberRow): OperationOutput<'members.list'>['items'][number] {
  return { user_id: row.user, role: row.role, joined_seq: row.joinedSeq, joined_ms: row.joinedMs };
}

export function markView(row: MarkRow): OperationOutput<'marks.list'>['items'][number] {
  return { user_id: row.user, delivered_seq: row.deliveredSeq, read_seq: row.readSeq, version: row.version };
}

/** A fact's trace: the one it was given, or its client id's own 128 bits; empty when neither is one. */
export function traceOf(event: Pick<EventRow, 'traceId' | 'clientId'>): string {
  if (event.traceId !== null) return event.traceId;
  return event.clientId?.length === 36 ? event.clientId.replaceAll('-', '') : '';
}

function messageBodyView(event: EventRow): Json {
  const { text, data, silent, system, more } = parseBody(event.payload);
  return { text, data: parseObject(data), silent, system, ordinal: event.ordinal, sender_ordinal: event.senderOrdinal, ...more as Json };
}

export function factView(event: EventRow): FactView {
  const message = event.type === 'message.created' || event.type === 'message.updated';
  const body = message ? messageBodyView(event) : parseObject(event.payload);
  return {
    seq: event.seq, event_id: event.eventId, type: event.type, version: event.version, actor: event.actor, time_ms: event.timeMs, target_seq: event.targetSeq,
    client_id: event.clientId, trace_id: traceOf(event), redacted: event.redacted, body,
  };
}

export function omittedView(omitted: readonly Omitted[]): OperationOutput<'facts.list'>['omitted'] {
  return omitted.map((range) => ({ from_seq: range.fromSeq, to_seq: range.toSeq, cause: range.cause }));
}
