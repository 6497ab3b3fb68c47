import { errorInfo, type ErrorCode } from '@talaria/protocol';
import type { RefusalData } from './command.js';
import type { BatchEntry, BatchOutcome } from './group-commit.js';
import type { Rules } from './port.js';
import { UnitOfWork, type KnownRows, type RowLoader, type WorkSource } from './unit-of-work.js';

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
 * Runs a batch in one transaction. If an entry's data keep it from being committed as a whole, each entry is tried alone, so
 * that one bad append fails alone (ISO4); behind a retryable failure the later commands of its lane are refused (SND4).
 */
export function runBatch(tables: BatchTables, rules: Rules, source: () => WorkSource, batch: readonly BatchEntry[]): readonly BatchOutcome[] {
  try {
    return runTogether(tables, rules, source, batch);
  } catch (error) {
    tables.rollback();
    const refusal = tables.refusalFor(error);
    if (batch.length === 1 || DATABASE_FAILURES.has(refusal.code)) return batch.map(() => ({ ok: false, refusal }));
  }
  const blocked = new Set<number>();
  return batch.map((entry) => runAlone(tables, rules, source, entry, blocked));
}

function runTogether(tables: BatchTables, rules: Rules, source: () => WorkSource, batch: readonly BatchEntry[]): readonly BatchOutcome[] {
  tables.begin();
  const work = new UnitOfWork(tables, source(), tables.known);
  const blocked = new Set<number>();
  const outcomes = batch.map((entry): BatchOutcome => {
    if (entry.kind === 'mark') return rules.decideMark(work, entry.update);
    if (blocked.has(entry.lane)) return predecessorRefused;
    return blocking(rules.decide(work, entry.command), entry.lane, blocked);
  });
  tables.commit(work);
  return outcomes;
}

function runAlone(tables: BatchTables, rules: Rules, source: () => WorkSource, entry: BatchEntry, blocked: Set<number>): BatchOutcome {
  const lane = entry.kind === 'command' ? entry.lane : -1;
  if (blocked.has(lane)) return predecessorRefused;
  try {
    return blocking(runTogether(tables, rules, source, [entry])[0]!, lane, blocked);
  } catch (error) {
    tables.rollback();
    return blocking({ ok: false, refusal: tables.refusalFor(error) }, lane, blocked);
  }
}

const predecessorRefused: BatchOutcome = {
  ok: false, refusal: { code: 'predecessor_refused', message: errorInfo('predecessor_refused').text },
};

function blocking(outcome: BatchOutcome, lane: number, blocked: Set<number>): BatchOutcome {
  if (!outcome.ok && lane >= 0 && errorInfo(outcome.refusal.code).retryable) blocked.add(lane);
  return outcome;
}
