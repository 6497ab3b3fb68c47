/** The appending transaction: what the rules look up, and how a unit of work is written. */
import { TOMBSTONES } from '@talaria/protocol';
import type { Database, Statement } from 'better-sqlite3';
import type { RefusalData } from '../command.js';
import { KEPT_WITHOUT_MESSAGE } from '../entries.js';
import { KnownRows } from '../known-rows.js';
import type { CommandKeyRow, ConversationRow, MemberRow, StreamRow } from '../rows.js';
import type { BatchTables } from '../run-batch.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { streamIdKind, streamKind } from '../ids.js';
import type { IdCodec } from './ids.js';
import { createLookups } from './lookups.js';
import { createMovedCheck } from './moved.js';
import type { StreamNumbers } from './stream-numbers.js';
import { CONVERSATION_COLUMNS, ENTRY_COLUMNS, EVENT_COLUMNS, MEMBER_COLUMNS, messageKind, STREAM_COLUMNS, USER_COLUMNS, userRow, type UserColumns } from '../columns.js';
import { refusalFor } from './refusal.js';

interface KeyColumns {
  stream_id: Buffer; kind: string; seq: number; time_ms: number; type: string; target_seq: number | null; request_hash: string;
}

/** Rows that are remembered. */
const KNOWN_ROWS_MAX = 60_000;

const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');

export function createBatchTables(db: Database, ids: IdCodec, numbers: StreamNumbers): BatchTables & { lastPosition(): number; forget(): void } {
  const lookups = createLookups(db, ids, numbers);
  const keyByName = db.prepare<[string, Buffer, Buffer], KeyColumns>(
    'SELECT s.stream_id, s.kind, k.seq, k.time_ms, k.type, k.target_seq, k.request_hash FROM command_keys k JOIN streams s ON s.no = k.stream_no WHERE k.client_id = ? AND k.actor_id = ? AND k.app_id = ?',
  );
  const floor = db.prepare<[], { keys_floor_ms: number }>('SELECT keys_floor_ms FROM store');
  const payload = db.prepare<[number, number], { payload: string }>('SELECT payload FROM events WHERE stream_no = ? AND seq = ?');
  const pair = db.prepare<[Buffer, string], { conversation_id: Buffer }>('SELECT conversation_id FROM direct_pairs WHERE app_id = ? AND pair = ?');
  const user = db.prepare<[Buffer, Buffer], UserColumns<Buffer>>(`SELECT ${USER_COLUMNS.join(', ')} FROM users WHERE app_id = ? AND id = ?`);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const write = createWriter(db, ids, numbers);
  const refuseMoved = createMovedCheck(db);
  const known = new KnownRows(lookups);
  /** What is remembered no longer holds, or a transaction that has made it up was rolled back. */
  const forget = (): void => {
    known.clear();
    numbers.forget();
  };

  return {
    ...lookups,
    commandKey(app, actor, clientId): CommandKeyRow | undefined {
      const row = keyByName.get(clientId, ids.bytes(actor), ids.bytes(app));
      return row && {
        app, actor, clientId, stream: ids.text(streamIdKind(row.kind), row.stream_id), seq: row.seq, timeMs: row.time_ms, type: row.type,
        targetSeq: row.target_seq, requestHash: row.request_hash,
      };
    },
    keysFloorMs: () => floor.get()?.keys_floor_ms ?? 0,
    payload: (app, stream, seq) => payload.get(numbers.of(app, stream), seq)?.payload,
    directConversation(app, name) {
      const row = pair.get(ids.bytes(app), name);
      return row && ids.text('conversation', row.conversation_id);
    },
    user(app, id) {
      const row = user.get(ids.bytes(app), ids.bytes(id));
      return row && userRow(ids, app, row);
    },
    known, forget,
    begin() {
      known.trim(KNOWN_ROWS_MAX);
      begin.run();
      refuseMoved();
    },
    commit(work) {
      write(work);
      commit.run();
    },
    rollback() {
      if (db.inTransaction) rollback.run();
      forget();
    },
    refusalFor: (error): RefusalData => refusalFor(error),
  };
}

function createWriter(db: Database, ids: IdCodec, numbers: StreamNumbers): (work: UnitOfWork) => void {
  const insertEvent = db.prepare(`INSERT INTO events (stream_no, message, thread_seq, ${EVENT_COLUMNS.join(', ')}) VALUES (${marks(EVENT_COLUMNS.length + 3)})`);
  const insertKey = db.prepare(`INSERT INTO command_keys (app_id, actor_id, client_id, stream_no, seq, time_ms, type, target_seq, request_hash) VALUES (${marks(9)})`);
  const updateMessage = db.prepare('UPDATE events SET body_seq = ?, changed_seq = ?, edited_ms = ?, deleted_ms = ?, state = ? WHERE stream_no = ? AND seq = ?');
  const insertStream = db.prepare(`INSERT INTO streams (kind, ${STREAM_COLUMNS.join(', ')}, app_id, stream_id) VALUES (${marks(10)})`);
  const updateStream = db.prepare(`UPDATE streams SET ${STREAM_COLUMNS.map((name) => `${name} = ?`).join(', ')} WHERE no = ?`);
  const insertConversation = db.prepare(`INSERT INTO conversations (${CONVERSATION_COLUMNS.join(', ')}, app_id, id) VALUES (${marks(CONVERSATION_COLUMNS.length + 2)})`);
  const updateConversation = db.prepare(`UPDATE conversations SET ${CONVERSATION_COLUMNS.map((name) => `${name} = ?`).join(', ')} WHERE app_id = ? AND id = ?`);
  const memberState = MEMBER_COLUMNS.slice(2);
  const insertMember = db.prepare(`INSERT INTO members (${memberState.join(', ')}, app_id, conversation_id, user_id, stream_no) VALUES (${marks(memberState.length + 4)})`);
  const updateMember = db.prepare(`UPDATE members SET ${memberState.map((name) => `${name} = ?`).join(', ')} WHERE app_id = ? AND conversation_id = ? AND user_id = ?`);
  const countMember = db.prepare('UPDATE members SET sender_ordinal = ? WHERE app_id = ? AND conversation_id = ? AND user_id = ?');
  const insertPair = db.prepare('INSERT INTO direct_pairs (app_id, pair, conversation_id) VALUES (?, ?, ?)');
  const openInterval = db.prepare('INSERT INTO member_intervals (app_id, conversation_id, user_id, from_seq, to_seq) VALUES (?, ?, ?, ?, NULL)');
  const closeInterval = db.prepare('UPDATE member_intervals SET to_seq = ? WHERE app_id = ? AND conversation_id = ? AND user_id = ? AND from_seq = ?');
  const redactOwn = db.prepare('UPDATE events SET redacted = 1, payload = ? WHERE stream_no = ? AND seq = ?');
  const redactChanges = db.prepare(`UPDATE events SET redacted = 1, payload = '{}' WHERE stream_no = ? AND target_seq = ? AND type NOT IN (${TOMBSTONES.map((type) => `'${type}'`).join(', ')})`);

  const putEntry = db.prepare(`INSERT OR REPLACE INTO entries (app_id, stream_id, kind, ${ENTRY_COLUMNS.join(', ')}) VALUES (${marks(ENTRY_COLUMNS.length + 3)})`);
  const removeEntry = db.prepare('DELETE FROM entries WHERE app_id = ? AND stream_id = ? AND type = ? AND key = ? AND target_seq = ?');
  const removeAbout = db.prepare(`DELETE FROM entries INDEXED BY entries_target WHERE app_id = ? AND stream_id = ? AND target_seq = ? + 0 AND target_seq > 0 AND type <> '${KEPT_WITHOUT_MESSAGE}'`);
  const updateUser = db.prepare('UPDATE users SET name = ?, data = ?, settings = ?, deactivated_ms = ?, updated_ms = ? WHERE app_id = ? AND id = ?');

  const addStream = (row: StreamRow): void => {
    insertStream.run(
      streamKind(row.stream), row.headSeq, row.headPosition, row.headEventId, row.floorSeq, row.floorOrdinal, row.ordinal, row.marksVersion,
      ids.bytes(row.app), ids.bytes(row.stream),
    );
  };
  const putStream = (row: StreamRow): void => {
    updateStream.run(row.headSeq, row.headPosition, row.headEventId, row.floorSeq, row.floorOrdinal, row.ordinal, row.marksVersion, numbers.of(row.app, row.stream));
  };
  const putConversation = (statement: Statement, row: ConversationRow): void => {
    statement.run(row.kind, row.name, row.data, row.history, row.settings, row.memberCount, row.createdMs, row.updatedMs, ids.bytes(row.app), ids.bytes(row.id));
  };
  const putMember = (statement: Statement, row: MemberRow, ...more: readonly number[]): void => {
    statement.run(
      row.role, row.active ? 1 : 0, row.joinedSeq, row.joinedMs, row.leftSeq, row.senderOrdinal, row.deliveredSeq, row.readSeq, row.readOrdinal, row.readSenderOrdinal,
      row.unreadFromSeq, row.unreadOrdinal, row.unreadSenderOrdinal, row.marksVersion, row.publicReadSeq, row.mutedUntilMs, row.pinnedMs, row.archivedMs, row.hiddenSeq, ids.bytes(row.app), ids.bytes(row.conversation), ids.bytes(row.user),
      ...more,
    );
  };

  return (work) => {
    for (const row of work.newConversations) putConversation(insertConversation, row);
    for (const row of work.newPairs) insertPair.run(ids.bytes(row.app), row.pair, ids.bytes(row.conversation));
    for (const row of work.changedStreams) (work.newStreams.has(row) ? addStream : putStream)(row);
    for (const row of work.events) {
      const message = work.newMessages.get(row);
      insertEvent.run(
        numbers.of(row.app, row.stream), messageKind(message), message?.threadSeq ?? null, row.seq, row.position, row.eventId, row.type, row.version, row.actor && ids.bytes(row.actor), row.timeMs, row.targetSeq,
        row.clientId, row.traceId, row.redacted ? 1 : 0, row.ordinal, row.senderOrdinal, row.payload,
      );
    }
    for (const row of work.newMembers) putMember(insertMember, row, numbers.of(row.app, row.conversation));
    for (const row of work.openedIntervals) openInterval.run(ids.bytes(row.app), ids.bytes(row.conversation), ids.bytes(row.user), row.fromSeq);
    for (const row of work.closedIntervals) closeInterval.run(row.toSeq, ids.bytes(row.app), ids.bytes(row.conversation), ids.bytes(row.user), row.fromSeq);
    for (const row of work.keys) {
      insertKey.run(ids.bytes(row.app), ids.bytes(row.actor), row.clientId, numbers.of(row.app, row.stream), row.seq, row.timeMs, row.type, row.targetSeq, row.requestHash);
    }
    for (const row of work.changedConversations) putConversation(updateConversation, row);
    for (const row of work.changedMembers) putMember(updateMember, row);
    for (const row of work.countedMembers) countMember.run(row.senderOrdinal, ids.bytes(row.app), ids.bytes(row.conversation), ids.bytes(row.user));
    for (const row of work.changedMessages) updateMessage.run(row.bodySeq, row.changedSeq, row.editedMs, row.deletedMs, row.state, numbers.of(row.app, row.conversation), row.seq);
    for (const row of work.redactions) {
      const no = numbers.of(row.app, row.conversation);
      redactOwn.run(row.rest, no, row.seq);
      redactChanges.run(no, row.seq);
      removeAbout.run(ids.bytes(row.app), ids.bytes(row.conversation), row.seq);
    }
    for (const row of work.changedUsers) updateUser.run(row.name, row.data, row.settings, row.deactivatedMs, row.updatedMs, ids.bytes(row.app), ids.bytes(row.id));
    if (work.entries.empty) return;
    for (const row of work.entries.puts()) {
      putEntry.run(ids.bytes(row.app), ids.bytes(row.stream), streamKind(row.stream), row.type, row.key, row.targetSeq, row.seq, row.value, row.dueMs);
    }
    for (const { app, stream, type, key, targetSeq } of work.entries.removals()) removeEntry.run(ids.bytes(app), ids.bytes(stream), type, key, targetSeq);
  };
}
