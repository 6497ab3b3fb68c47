import { TOMBSTONES } from '@talaria/protocol';
import type { CommandKeyRow, ConversationRow, EntryRow, EventRow, MemberRow, MessageRow, StreamRow, UserRow } from '../rows.js';
import type { IntervalChange, UnitOfWork } from '../unit-of-work.js';
import { streamKind } from '../ids.js';
import type { IdCodec } from './ids.js';
import type { Line } from './line.js';
import { messageKind, type MessageKind } from '../columns.js';
import { KEPT_WITHOUT_MESSAGE, type EntryPlace } from '../entries.js';
import { forEach, insertInto, updateEach } from './table-writes.js';

/** A fact with what it begins. */
type NewEvent = EventRow & { readonly message: MessageKind; readonly threadSeq: number | null };

/** @returns how a unit of work is written: each table in one statement, all sent together */
export function createWorkWriter(ids: IdCodec): (line: Line, work: UnitOfWork) => readonly Promise<unknown>[] {
  const uuid = (id: string): string => ids.uuid(id);
  const orNull = (id: string | null): string | null => id && ids.uuid(id);

  const streamKey = [['app_id', 'uuid', (row: StreamRow) => uuid(row.app)], ['stream_id', 'uuid', (row: StreamRow) => uuid(row.stream)]] as const;
  const streamState = [
    ['head_seq', 'bigint', (row: StreamRow) => row.headSeq], ['head_position', 'bigint', (row: StreamRow) => row.headPosition], ['head_event_id', 'text', (row: StreamRow) => row.headEventId],
    ['floor_seq', 'bigint', (row: StreamRow) => row.floorSeq], ['floor_ordinal', 'bigint', (row: StreamRow) => row.floorOrdinal], ['ordinal', 'bigint', (row: StreamRow) => row.ordinal],
    ['marks_version', 'bigint', (row: StreamRow) => row.marksVersion],
  ] as const;
  const insertStreams = insertInto<StreamRow>('streams', [...streamKey, ['kind', 'text', (row) => streamKind(row.stream)], ...streamState]);
  const updateStreams = updateEach<StreamRow>('streams', streamKey, streamState);

  const insertEvents = insertInto<NewEvent>('events', [
    ['app_id', 'uuid', (row) => uuid(row.app)], ['stream_id', 'uuid', (row) => uuid(row.stream)], ['seq', 'bigint', (row) => row.seq], ['position', 'bigint', (row) => row.position],
    ['event_id', 'text', (row) => row.eventId], ['type', 'text', (row) => row.type], ['version', 'integer', (row) => row.version], ['actor_id', 'uuid', (row) => orNull(row.actor)],
    ['time_ms', 'bigint', (row) => row.timeMs], ['target_seq', 'bigint', (row) => row.targetSeq], ['thread_seq', 'bigint', (row) => row.threadSeq], ['client_id', 'text', (row) => row.clientId], ['trace_id', 'text', (row) => row.traceId],
    ['redacted', 'boolean', (row) => row.redacted], ['ordinal', 'bigint', (row) => row.ordinal], ['sender_ordinal', 'bigint', (row) => row.senderOrdinal],
    ['message', 'integer', (row) => row.message], ['payload', 'text', (row) => row.payload],
  ]);
  const updateMessages = updateEach<MessageRow>('events', [
    ['app_id', 'uuid', (row) => uuid(row.app)], ['stream_id', 'uuid', (row) => uuid(row.conversation)], ['seq', 'bigint', (row) => row.seq],
  ], [
    ['body_seq', 'bigint', (row) => row.bodySeq], ['changed_seq', 'bigint', (row) => row.changedSeq], ['edited_ms', 'bigint', (row) => row.editedMs], ['deleted_ms', 'bigint', (row) => row.deletedMs],
    ['state', 'text', (row) => row.state],
  ]);
  const redacted = [
    ['app_id', 'uuid', (row: UnitOfWork['redactions'][number]) => uuid(row.app)], ['stream_id', 'uuid', (row: UnitOfWork['redactions'][number]) => uuid(row.conversation)],
    ['seq', 'bigint', (row: UnitOfWork['redactions'][number]) => row.seq], ['rest', 'text', (row: UnitOfWork['redactions'][number]) => row.rest],
  ] as const;
  const empty = (given: string, where: string, payload: string): string =>
    `UPDATE events e SET redacted = true, payload = ${payload} FROM ${given} WHERE e.app_id = given.app_id AND e.stream_id = given.stream_id AND ${where}`;
  const redactOwn = forEach(redacted, (given) => empty(given, 'e.seq = given.seq', 'given.rest'));
  const redactChanges = forEach(redacted, (given) => empty(given, `e.target_seq = given.seq AND e.type NOT IN (${TOMBSTONES.map((type) => `'${type}'`).join(', ')})`, "'{}'"));
  const removeAbout = forEach(redacted, (given) => `DELETE FROM entries e USING ${given} WHERE e.app_id = given.app_id AND e.stream_id = given.stream_id AND e.target_seq = given.seq AND e.target_seq > 0 AND e.type <> '${KEPT_WITHOUT_MESSAGE}'`);

  const entryKey = [
    ['app_id', 'uuid', (row: EntryPlace) => uuid(row.app)], ['stream_id', 'uuid', (row: EntryPlace) => uuid(row.stream)], ['type', 'text', (row: EntryPlace) => row.type],
    ['key', 'text', (row: EntryPlace) => row.key], ['target_seq', 'bigint', (row: EntryPlace) => row.targetSeq],
  ] as const;
  const putEntries = insertInto<EntryRow>('entries', [
    ...entryKey, ['kind', 'text', (row) => streamKind(row.stream)], ['seq', 'bigint', (row) => row.seq], ['value', 'text', (row) => row.value], ['due_ms', 'bigint', (row) => row.dueMs],
  ], `ORDER BY 1, 2, 3, 4, 5 ON CONFLICT (app_id, stream_id, type, key, target_seq) DO UPDATE SET seq = excluded.seq, value = excluded.value, due_ms = excluded.due_ms`);
  const removeEntries = forEach<EntryPlace>(entryKey, (given) => `DELETE FROM entries e USING ${given} WHERE ${entryKey.map(([name]) => `e.${name} = given.${name}`).join(' AND ')}`);
  const updateUsers = updateEach<UserRow>('users', [['app_id', 'uuid', (row) => uuid(row.app)], ['id', 'uuid', (row) => uuid(row.id)]], [
    ['name', 'text', (row) => row.name], ['data', 'text', (row) => row.data], ['settings', 'text', (row) => row.settings], ['deactivated_ms', 'bigint', (row) => row.deactivatedMs],
    ['updated_ms', 'bigint', (row) => row.updatedMs],
  ]);

  // In order, so that two nodes that are sent the same commands at the same moment wait for each other in one direction only.
  const insertKeys = insertInto<CommandKeyRow>('command_keys', [
    ['app_id', 'uuid', (row) => uuid(row.app)], ['actor_id', 'uuid', (row) => uuid(row.actor)], ['client_id', 'text', (row) => row.clientId],
    ['stream_id', 'uuid', (row) => uuid(row.stream)], ['kind', 'text', (row) => streamKind(row.stream)], ['seq', 'bigint', (row) => row.seq], ['time_ms', 'bigint', (row) => row.timeMs],
    ['type', 'text', (row) => row.type], ['target_seq', 'bigint', (row) => row.targetSeq], ['request_hash', 'text', (row) => row.requestHash],
  ], 'ORDER BY 1, 2, 3');

  const conversationKey = [['app_id', 'uuid', (row: ConversationRow) => uuid(row.app)], ['id', 'uuid', (row: ConversationRow) => uuid(row.id)]] as const;
  const conversationState = [
    ['kind', 'text', (row: ConversationRow) => row.kind], ['name', 'text', (row: ConversationRow) => row.name], ['data', 'text', (row: ConversationRow) => row.data],
    ['history', 'text', (row: ConversationRow) => row.history], ['settings', 'text', (row: ConversationRow) => row.settings], ['member_count', 'bigint', (row: ConversationRow) => row.memberCount], ['created_ms', 'bigint', (row: ConversationRow) => row.createdMs],
    ['updated_ms', 'bigint', (row: ConversationRow) => row.updatedMs],
  ] as const;
  const insertConversations = insertInto<ConversationRow>('conversations', [...conversationKey, ...conversationState]);
  const updateConversations = updateEach<ConversationRow>('conversations', conversationKey, conversationState);
  const insertPairs = insertInto<UnitOfWork['newPairs'][number]>('direct_pairs', [
    ['app_id', 'uuid', (row) => uuid(row.app)], ['pair', 'text', (row) => row.pair], ['conversation_id', 'uuid', (row) => uuid(row.conversation)],
  ], 'ORDER BY 1, 2');

  const memberKey = [
    ['app_id', 'uuid', (row: MemberRow) => uuid(row.app)], ['conversation_id', 'uuid', (row: MemberRow) => uuid(row.conversation)], ['user_id', 'uuid', (row: MemberRow) => uuid(row.user)],
  ] as const;
  const memberCount = [['sender_ordinal', 'bigint', (row: MemberRow) => row.senderOrdinal]] as const;
  const memberState = [
    ['role', 'text', (row: MemberRow) => row.role], ['active', 'boolean', (row: MemberRow) => row.active], ['joined_seq', 'bigint', (row: MemberRow) => row.joinedSeq],
    ['joined_ms', 'bigint', (row: MemberRow) => row.joinedMs], ['left_seq', 'bigint', (row: MemberRow) => row.leftSeq], ...memberCount,
    ['delivered_seq', 'bigint', (row: MemberRow) => row.deliveredSeq], ['read_seq', 'bigint', (row: MemberRow) => row.readSeq], ['read_ordinal', 'bigint', (row: MemberRow) => row.readOrdinal],
    ['read_sender_ordinal', 'bigint', (row: MemberRow) => row.readSenderOrdinal], ['unread_from_seq', 'bigint', (row: MemberRow) => row.unreadFromSeq],
    ['unread_ordinal', 'bigint', (row: MemberRow) => row.unreadOrdinal], ['unread_sender_ordinal', 'bigint', (row: MemberRow) => row.unreadSenderOrdinal],
    ['marks_version', 'bigint', (row: MemberRow) => row.marksVersion], ['public_read_seq', 'bigint', (row: MemberRow) => row.publicReadSeq],
    ['muted_until_ms', 'bigint', (row: MemberRow) => row.mutedUntilMs], ['pinned_ms', 'bigint', (row: MemberRow) => row.pinnedMs], ['archived_ms', 'bigint', (row: MemberRow) => row.archivedMs],
    ['hidden_seq', 'bigint', (row: MemberRow) => row.hiddenSeq],
  ] as const;
  const insertMembers = insertInto<MemberRow>('members', [...memberKey, ...memberState]);
  const updateMembers = updateEach<MemberRow>('members', memberKey, memberState);
  const countMembers = updateEach<MemberRow>('members', memberKey, memberCount);
  const intervalKey = [
    ['app_id', 'uuid', (row: IntervalChange) => uuid(row.app)], ['conversation_id', 'uuid', (row: IntervalChange) => uuid(row.conversation)],
    ['user_id', 'uuid', (row: IntervalChange) => uuid(row.user)], ['from_seq', 'bigint', (row: IntervalChange) => row.fromSeq],
  ] as const;
  const intervalEnd = [['to_seq', 'bigint', (row: IntervalChange) => row.toSeq]] as const;
  const openIntervals = insertInto<IntervalChange>('member_intervals', [...intervalKey, ...intervalEnd]);
  const closeIntervals = updateEach<IntervalChange>('member_intervals', intervalKey, intervalEnd);

  return (line, work) => {
    const changed = [...work.changedStreams];
    return [
      insertKeys(line, work.keys),
      insertPairs(line, work.newPairs),
      insertConversations(line, work.newConversations),
      insertStreams(line, changed.filter((row) => work.newStreams.has(row))),
      updateStreams(line, changed.filter((row) => !work.newStreams.has(row))),
      insertEvents(line, work.events.map((row) => {
        const message = work.newMessages.get(row);
        return { ...row, message: messageKind(message), threadSeq: message?.threadSeq ?? null };
      })),
      insertMembers(line, work.newMembers),
      openIntervals(line, work.openedIntervals),
      closeIntervals(line, work.closedIntervals),
      updateConversations(line, [...work.changedConversations]),
      updateMembers(line, [...work.changedMembers]),
      countMembers(line, [...work.countedMembers]),
      updateMessages(line, [...work.changedMessages]),
      redactOwn(line, work.redactions),
      redactChanges(line, work.redactions),
      removeAbout(line, work.redactions),
      updateUsers(line, [...work.changedUsers]),
      putEntries(line, [...work.entries.puts()]),
      removeEntries(line, [...work.entries.removals()]),
    ];
  };
}
