import type { UnitOfWork } from '../unit-of-work.js';
import { inPositionOrder } from './sorted.js';
import { keyOf, type MemoryTables } from './tables.js';

/** What a database would not take. */
export class ConstraintError extends Error {
  override readonly name = 'ConstraintError';
}

/** Fields that may be null. */
const NULLABLE = new Set([
  'actor', 'targetSeq', 'threadSeq', 'state', 'mutedUntilMs', 'pinnedMs', 'archivedMs', 'hiddenSeq', 'dueMs', 'deactivatedMs', 'clientId', 'traceId', 'sender', 'editedMs', 'deletedMs', 'leftSeq', 'unreadFromSeq',
]);

/** @throws ConstraintError when the row leaves a field open */
export function requireFields(row: object, nullable: ReadonlySet<string> = NULLABLE): void {
  for (const [name, value] of Object.entries(row)) {
    if (value === undefined || (value === null && !nullable.has(name))) throw new ConstraintError(`${name} is missing`);
  }
}

/**
 * Checks a whole unit of work before any of it is written, so that a commit takes all or nothing.
 *
 * @throws ConstraintError
 */
export function checkWork(tables: MemoryTables, work: UnitOfWork): void {
  for (const row of [...work.events, ...work.keys, ...work.newMessages.values(), ...work.newConversations, ...work.newMembers, ...work.entries.puts()]) requireFields(row);
  unused(work.newConversations, tables.conversations, (row) => keyOf(row.app, row.id));
  unused(work.newPairs, tables.pairs, (row) => keyOf(row.app, row.pair));
  unused(work.keys, tables.commandKeys, (row) => keyOf(row.app, row.actor, row.clientId));
  unused(work.newMembers, { has: (key) => memberKnown(tables, key) }, (row) => keyOf(row.app, row.conversation, row.user));
  unused(work.openedIntervals, { has: () => false }, (row) => keyOf(row.app, row.conversation, row.user, row.fromSeq));
  checkLog(tables, work);
}

function memberKnown(tables: MemoryTables, key: string): boolean {
  const [app, conversation, user] = key.split('|') as [string, string, string];
  return tables.members.get(keyOf(app, conversation))?.has(user) ?? false;
}

function unused<T>(rows: readonly T[], known: { has(key: string): boolean }, name: (row: T) => string): void {
  const seen = new Set<string>();
  for (const row of rows) {
    const key = name(row);
    if (seen.has(key) || known.has(key)) throw new ConstraintError('there is such a row already');
    seen.add(key);
  }
}

/** ORD1: seqs follow each other in a stream, positions ascend in a transaction, and none stands twice. */
function checkLog(tables: MemoryTables, work: UnitOfWork): void {
  const first = work.events[0]?.position ?? 0;
  const taken = tables.log[inPositionOrder(tables.log, first)]?.position ?? Number.POSITIVE_INFINITY;
  if ((work.events.at(-1)?.position ?? 0) >= taken) throw new ConstraintError('the position is taken');
  let position = first - 1;
  const heads = new Map<string, number>();
  for (const row of work.events) {
    const key = keyOf(row.app, row.stream);
    const head = heads.get(key) ?? tables.streams.get(key)?.headSeq ?? 0;
    if (row.seq !== head + 1 || row.position <= position) throw new ConstraintError('the fact is not the next one');
    heads.set(key, row.seq);
    position = row.position;
  }
}
