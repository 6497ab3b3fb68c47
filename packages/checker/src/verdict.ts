import { rowsOfCommand, type Command } from './commands.js';
import { readHistory, type History } from './history.js';
import { RULES } from './rules.js';
import { isRetired } from './streams.js';
import type { Effect, Violation } from './violation.js';

/** Violations that a verdict holds of each rule; its counts are of all. */
export const VIOLATIONS_MAX = 100;

/** What a history shows. */
export interface Verdict {
  readonly verdict: 'ok' | 'failed' | 'unknown';
  /** Why the verdict is `unknown`. */
  readonly why?: string;
  /** Acked message sends that are in the log. */
  readonly sent: number;
  /** Messages that observers saw, summed over the observers; a repeat is not counted. */
  readonly seen: number;
  /** Acked commands that are not in the log (H1), and facts that an observer should have seen and did not (H3). */
  readonly lost: number;
  /** Commands and rows that are twice in the log (H2), and facts that an observer saw again (H3). */
  readonly repeated: number;
  /** Breaks of the order of an observer (H4), of an outbox (H5) or of real time (H6). */
  readonly reordered: number;
  /** Commands whose answer was lost, and came with a retry. */
  readonly unknowns_resolved: number;
  /** Acks that answered a repeat. */
  readonly duplicates: number;
  readonly violations_total: number;
  /** By rule, at most `VIOLATIONS_MAX` of each. */
  readonly violations: readonly Violation[];
}

/** Judges the history in a directory. Throws a HistoryError when there is none, or a line is no entry. */
export function judge(dir: string): Verdict {
  return judgeHistory(readHistory(dir));
}

/** Judges a history. Violations make it `failed`, whatever else is missing; see `doubt` for `unknown`. */
export function judgeHistory(history: History): Verdict {
  const found = Object.values(RULES).map((check) => check(history));
  const violations = found.flat();
  const why = violations.length > 0 ? undefined : doubt(history);
  return {
    verdict: violations.length > 0 ? 'failed' : why === undefined ? 'ok' : 'unknown',
    ...(why === undefined ? {} : { why }),
    sent: history.commands.filter((command) => isSent(history, command)).length,
    seen: history.walks.flatMap((walk) => walk.steps).filter(isSeen).length,
    lost: total(violations, 'lost'),
    repeated: total(violations, 'repeated'),
    reordered: total(violations, 'reordered'),
    unknowns_resolved: history.commands.filter((command) => command.unknowns > 0 && isAnswered(command)).length,
    duplicates: history.commands.flatMap((command) => command.acks).filter((ack) => ack.duplicate).length,
    violations_total: violations.length,
    violations: found.flatMap((list) => list.slice(0, VIOLATIONS_MAX)),
  };
}

/**
 * Why a history without violations proves nothing, or undefined. It proves nothing when
 * - no command was acked; or
 * - faults were injected, and none of them while a command was in flight; or
 * - a command was invoked and has, in no client's file, an ack or a final refusal, and the log has no row of it
 *   either (same app and `client_id`; same actor, where the client has a user). The run ended before anyone said
 *   whether it was lost or never accepted. When the log does have a row, the log has answered: it was committed.
 */
function doubt(history: History): string | undefined {
  if (!history.commands.some((command) => command.acks.length > 0)) return 'nothing was acked';
  if (history.faults.length > 0 && !history.faults.some((fault) => fault.in_flight > 0)) return 'no fault hit work in flight';
  const open = history.commands.filter((command) => {
    return command.invoke !== undefined && !isAnswered(command) && rowsOfCommand(history.byCommand, command).length === 0;
  });
  const first = open[0];
  if (first === undefined) return undefined;
  return `${open.length} ${open.length === 1 ? 'command was' : 'commands were'} never answered, first ${first.client_id} of ${first.client}`;
}

function isAnswered(command: Command): boolean {
  return command.acks.length > 0 || command.fails.length > 0;
}

function isSent(history: History, command: Command): boolean {
  const ack = command.acks[0];
  const log = ack === undefined ? undefined : history.streams.get(ack.stream);
  if (ack === undefined || log === undefined || (command.invoke !== undefined && command.invoke.op !== 'message.send')) return false;
  const row = log.bySeq.get(ack.seq);
  // Below the floor (VIS5) nobody can look any more; the ack has said it.
  if (row === undefined) return command.invoke !== undefined && isRetired(log, ack.seq);
  return row.type === 'message.created' && (ack.event_id === '' || row.event_id === ack.event_id);
}

function isSeen({ fact, kind }: History['walks'][number]['steps'][number]): boolean {
  return fact.type === 'message.created' && (kind === 'forward' || kind === 'back');
}

function total(violations: readonly Violation[], effect: Effect): number {
  return violations.reduce((sum, violation) => sum + (violation.effect === effect ? violation.facts ?? 1 : 0), 0);
}
