import { errorInfo, type ErrorCode } from '@talaria/protocol';
import type { RefusalData } from './command.js';
import { isRetryable, type BatchEntry, type BatchOutcome } from './group-commit.js';
import type { Rules } from './port.js';
import type { KnownRows } from './known-rows.js';
import { UnitOfWork, type RowLoader, type WorkSource } from './unit-of-work.js';

/** What a driver does with a unit of work: all of it in one transaction, or nothing. */
export interface BatchTables extends RowLoader {
  /** Rows that are kept between transactions. */
  readonly known?: KnownRows;
  begin(): void;
  /** Writes what changed and commits. Throws when it could not; the transaction is then rolled back. */
  commit(work: UnitOfWork): void;
  rollback(): void;
  /** What a failure of the database means to whoever sent the command. */
  refusalFor(error: unknown): RefusalData;
}

/** Failures of the database itself: no entry of the batch is to blame, and none would fare better alone. */
const DATABASE_FAILURES: ReadonlySet<ErrorCode> = new Set(['unavailable', 'insufficient_storage']);

/**
 * Runs a batch in one transaction. If an entry's data keep it from being committed as a whole, its halves are tried, and so on,
 * so that one bad append fails alone (ISO4); behind a retryable failure the later commands of its lane are refused (SND4).
 */
export function runBatch(tables: BatchTables, rules: Rules, source: () => WorkSource, batch: readonly BatchEntry[]): readonly BatchOutcome[] {
  return runSplit(tables, rules, source, batch, new Set());
}

/** @param blocked lanes of this batch; what this part adds to them is there when it returns */
function runSplit(tables: BatchTables, rules: Rules, source: () => WorkSource, batch: readonly BatchEntry[], blocked: Set<number>): readonly BatchOutcome[] {
  try {
    const inside = new Set(blocked);
    const outcomes = runTogether(tables, rules, source, batch, inside);
    for (const lane of inside) blocked.add(lane);
    return outcomes;
  } catch (error) {
    tables.rollback();
    const refusal = tables.refusalFor(error);
    if (batch.length === 1 || DATABASE_FAILURES.has(refusal.code)) return batch.map((entry) => refuseLane({ ok: false, refusal }, entry, blocked));
  }
  const middle = Math.ceil(batch.length / 2);
  const parts = [batch.slice(0, middle), batch.slice(middle)];
  return parts.flatMap((part) => runSplit(tables, rules, source, part, blocked));
}

function runTogether(tables: BatchTables, rules: Rules, source: () => WorkSource, batch: readonly BatchEntry[], blocked: Set<number>): readonly BatchOutcome[] {
  tables.begin();
  const work = new UnitOfWork(tables, source(), tables.known);
  const outcomes = batch.map((entry) => decideEntry(work, rules, entry, blocked));
  tables.commit(work);
  return outcomes;
}

/** What the rules say to an entry. @param blocked lanes of the batch behind a retryable refusal; changed when there is one more */
export function decideEntry(work: UnitOfWork, rules: Rules, entry: BatchEntry, blocked: Set<number>): BatchOutcome {
  if (entry.kind === 'mark') return rules.decideMark(work, entry.update);
  if (blocked.has(entry.lane)) return predecessorRefused;
  return refuseLane(rules.decide(work, entry.command), entry, blocked);
}

const predecessorRefused: BatchOutcome = {
  ok: false, refusal: { code: 'predecessor_refused', message: errorInfo('predecessor_refused').text },
};

/** SND4: a retryable refusal blocks the lane of its command. */
export function refuseLane(outcome: BatchOutcome, entry: BatchEntry, blocked: Set<number>): BatchOutcome {
  if (entry.kind === 'command' && isRetryable(outcome)) blocked.add(entry.lane);
  return outcome;
}
