/** What a run of a fault has come to: the checker's verdict, what the fault itself has to say, and the figures of the table. */
import { judge, readHistory, verdictLine, type History } from '@talaria/checker';
import type { FaultId, Told } from './fault.js';
import type { Settled } from './settle.js';

/** A line of the table, and of the JSON. */
export interface Row {
  readonly fault: FaultId;
  readonly name: string;
  readonly verdict: 'ok' | 'failed' | 'unknown' | 'not run';
  /** Why the verdict is not ok; empty when it is. */
  readonly why: string;
  /** Commands that clients were given. */
  readonly operations: number;
  /** How often the fault was injected. */
  readonly faults: number;
  /** Commands that were not acked when it was injected, over all injections. */
  readonly in_flight: number;
  readonly acked: number;
  /** Commands whose connection was lost before the answer. Each of them was answered later, or the verdict is not ok. */
  readonly unknown: number;
  /** Commands that were answered as done before. */
  readonly duplicates: number;
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  /** The longest that a command waited for its ack. */
  readonly longest_stall_ms: number;
  readonly figures: Readonly<Record<string, number>>;
}

export interface Evidence {
  readonly fault: FaultId;
  readonly name: string;
  readonly historyDir: string;
  readonly inFlight: readonly number[];
  readonly told: Told;
  readonly settled: Settled;
}

/** Judges a run by its history. */
export function rowOf({ fault, name, historyDir, inFlight, told, settled }: Evidence): Row {
  const verdict = judge(historyDir);
  const history = readHistory(historyDir);
  const problem = [...told.problems, ...settled.problems][0];
  const idle = inFlight.findIndex((count) => count === 0);
  const verdictAll = verdict.verdict === 'failed' || problem !== undefined ? 'failed' : inFlight.length === 0 || idle >= 0 ? 'unknown' : verdict.verdict;
  const doubt = inFlight.length === 0 ? 'no fault was injected' : 'a fault hit no work in flight';
  const why = verdict.verdict === 'failed' ? verdictLine(verdict) : problem ?? (verdictAll === 'ok' ? '' : verdict.verdict === 'unknown' ? verdictLine(verdict) : doubt);
  return {
    fault, name, verdict: verdictAll, why, ...counts(history), faults: inFlight.length, in_flight: inFlight.reduce((sum, one) => sum + one, 0),
    duplicates: verdict.duplicates, lost: verdict.lost, repeated: verdict.repeated, reordered: verdict.reordered, figures: { ...told.figures, ...settled.figures },
  };
}

/** A fault that could not be run, or whose run broke off. */
export function noRow(fault: FaultId, name: string, verdict: 'failed' | 'not run', why: string): Row {
  return {
    fault, name, verdict, why, operations: 0, faults: 0, in_flight: 0, acked: 0, unknown: 0, duplicates: 0, lost: 0, repeated: 0, reordered: 0, longest_stall_ms: 0, figures: {},
  };
}

function counts({ commands }: History): Pick<Row, 'operations' | 'acked' | 'unknown' | 'longest_stall_ms'> {
  const invoked = commands.filter(({ invoke }) => invoke !== undefined);
  const waits = invoked.map(({ invoke, acks }) => (acks[0] === undefined ? 0 : acks[0].at - invoke!.at));
  return {
    operations: invoked.length, acked: commands.filter(({ acks }) => acks.length > 0).length, unknown: commands.filter(({ unknowns }) => unknowns > 0).length,
    longest_stall_ms: Math.round(waits.reduce((longest, one) => Math.max(longest, one), 0)),
  };
}
