/** The appending transaction: what the rules look up, and how a unit of work is written. */
import { isTombstone } from '@talaria/protocol';
import { KEPT_WITHOUT_MESSAGE } from '../entries.js';
import type { EventRow, MessageRow } from '../rows.js';
import type { BatchTables } from '../run-batch.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { checkWork } from './constraints.js';
import { copy, createLookups } from './lookups.js';
import { refusalFor } from './refusal.js';
import { inPositionOrder, inSeqOrder, listAt } from './sorted.js';
import { entryKey, eventAt, keyOf, messageAt, type MemoryTables } from './tables.js';

export function createBatchTables(tables: MemoryTables): BatchTables {
  return {
    ...createLookups(tables),
    commandKey: (app, actor, clientId) => copy(tables.commandKeys.get(keyOf(app, actor, clientId))),
    keysFloorMs: () => tables.keysFloorMs,
    payload: (app, stream, seq) => eventAt(tables, app, stream, seq)?.payload,
    directConversation: (app, pair) => tables.pairs.get(keyOf(app, pair)),
    user: (app, id) => copy(tables.users.get(keyOf(app, id))),
    // The rules work on copies, so there is nothing to begin or to take back.
    begin: () => undefined,
    rollback: () => undefined,
    commit(work) {
      checkWork(tables, work);
      write(tables, work);
    },
    refusalFor,
  };
}

/** Nothing in here may fail: what could has been checked. */
function write(tables: MemoryTables, work: UnitOfWork): void {
  for (const row of work.newConversations) tables.conversations.set(keyOf(row.app, row.id), { ...row });
  for (const row of work.newPairs) tables.pairs.set(keyOf(row.app, row.pair), row.conversation);
  for (const row of work.events) addEvent(tables, row);
  for (const row of work.newMessages.values()) addMessage(tables, row);
  writeMembers(tables, work);
  for (const row of work.keys) tables.commandKeys.set(keyOf(row.app, row.actor, row.clientId), { ...row });
  for (const row of work.changedStreams) tables.streams.set(keyOf(row.app, row.stream), { ...row });
  for (const row of work.changedConversations) tables.conversations.set(keyOf(row.app, row.id), { ...row });
  for (const row of work.changedMessages) {
    const known = messageAt(tables, row.app, row.conversation, row.seq);
    if (known) Object.assign(known, { bodySeq: row.bodySeq, changedSeq: row.changedSeq, editedMs: row.editedMs, deletedMs: row.deletedMs, state: row.state });
  }
  for (const row of work.changedUsers) {
    const known = tables.users.get(keyOf(row.app, row.id));
    if (known) Object.assign(known, { name: row.name, data: row.data, settings: row.settings, deactivatedMs: row.deactivatedMs, updatedMs: row.updatedMs });
  }
  for (const one of work.redactions) redact(tables, one);
  writeEntries(tables, work);
}

function writeEntries(tables: MemoryTables, work: UnitOfWork): void {
  for (const row of work.entries.puts()) {
    const stream = keyOf(row.app, row.stream);
    if (!tables.entries.has(stream)) tables.entries.set(stream, new Map());
    tables.entries.get(stream)!.set(entryKey(row), { ...row });
  }
  for (const place of work.entries.removals()) tables.entries.get(keyOf(place.app, place.stream))?.delete(entryKey(place));
}

function addEvent(tables: MemoryTables, row: EventRow): void {
  const event = { ...row };
  listAt(tables.events, keyOf(row.app, row.stream)).push(event);
  // Transactions end in another order than they begin.
  if (row.position > tables.position) tables.log.push(event);
  else tables.log.splice(inPositionOrder(tables.log, row.position), 0, event);
  tables.position = Math.max(tables.position, row.position);
}

function addMessage(tables: MemoryTables, row: MessageRow): void {
  const message = { ...row };
  listAt(tables.messages, keyOf(row.app, row.conversation)).push(message);
  if (row.sender !== null) listAt(tables.messagesBySender, keyOf(row.app, row.conversation, row.sender)).push(message);
}

function writeMembers(tables: MemoryTables, work: UnitOfWork): void {
  for (const row of [...work.newMembers, ...work.changedMembers, ...work.countedMembers]) {
    const key = keyOf(row.app, row.conversation);
    if (!tables.members.has(key)) tables.members.set(key, new Map());
    tables.members.get(key)!.set(row.user, { ...row });
    const user = keyOf(row.app, row.user);
    if (!tables.memberships.has(user)) tables.memberships.set(user, new Set());
    tables.memberships.get(user)!.add(row.conversation);
  }
  for (const row of work.openedIntervals) listAt(tables.intervals, keyOf(row.app, row.conversation, row.user)).push({ fromSeq: row.fromSeq, toSeq: null });
  for (const row of work.closedIntervals) {
    const open = tables.intervals.get(keyOf(row.app, row.conversation, row.user))?.find((one) => one.fromSeq === row.fromSeq);
    if (open) open.toSeq = row.toSeq;
  }
}

/** VIS4: every fact about the message loses its body, and its entries go. */
function redact(tables: MemoryTables, { app, conversation, seq, rest }: UnitOfWork['redactions'][number]): void {
  const entries = tables.entries.get(keyOf(app, conversation));
  for (const [key, row] of entries ?? []) if (row.targetSeq === seq && row.type !== KEPT_WITHOUT_MESSAGE) entries?.delete(key);
  const events = tables.events.get(keyOf(app, conversation)) ?? [];
  for (let at = inSeqOrder(events, seq); at < events.length; at += 1) {
    const event = events[at]!;
    if (event.seq !== seq && (event.targetSeq !== seq || isTombstone(event.type))) continue;
    const emptied = { ...event, redacted: true, payload: event.seq === seq ? rest : '{}' };
    events[at] = emptied;
    tables.log[inPositionOrder(tables.log, event.position)] = emptied;
  }
}
