/** What a run of a fault has come to: the checker's verdict, what the fault itself has to say, and the figures of the table. */
import { judge, readHistory, verdictLine, type History, type Verdict } from '@talaria/checker';
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
  return {
    fault, name, ...decide(verdict, [...told.problems, ...settled.problems], inFlight), ...counts(readHistory(historyDir)),
    faults: inFlight.length, in_flight: inFlight.reduce((sum, one) => sum + one, 0),
    duplicates: verdict.duplicates, lost: verdict.lost, repeated: verdict.repeated, reordered: verdict.reordered, figures: { ...told.figures, ...settled.figures },
  };
}

/** What the checker finds comes first, then what the fault has to say, and last whether the run proves anything. */
function decide(verdict: Verdict, [problem]: readonly string[], inFlight: readonly number[]): Pick<Row, 'verdict' | 'why'> {
  if (verdict.verdict === 'failed') return { verdict: 'failed', why: verdictLine(verdict) };
  if (problem !== undefined) return { verdict: 'failed', why: problem };
  if (inFlight.length === 0) return { verdict: 'unknown', why: 'no fault was injected' };
  if (inFlight.includes(0)) return { verdict: 'unknown', why: 'a fault hit no work in flight' };
  return verdict.verdict === 'ok' ? { verdict: 'ok', why: '' } : { verdict: 'unknown', why: verdictLine(verdict) };
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
