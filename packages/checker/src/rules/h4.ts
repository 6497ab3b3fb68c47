import type { FactEntry } from '../entries.js';
import type { History } from '../history.js';
import { isRetired } from '../streams.js';
import type { Violation } from '../violation.js';
import { walkName, type Step, type Walk } from '../walks.js';

/** What two who know a fact must agree on (ORD1). A log row is one, too. */
type Known = Pick<FactEntry, 'event_id' | 'type' | 'client_id' | 'actor' | 'target_seq' | 'redacted' | 'body'>;

/**
 * H4: all observers agree with the log: its order, and of each fact its event id, type, command and content, but
 * for what a redaction takes away (VIS4). Facts that retention has removed since must agree among the observers.
 */
export function h4(history: History): Violation[] {
  const retired = new Map<string, FactEntry>();
  return history.walks.flatMap((walk) => {
    const moves = walk.steps.filter((step) => step.kind === 'back').map((step) => orderBreak(walk, step));
    const others = walk.steps.flatMap(({ fact }) => {
      const problem = disagreement(history, retired, fact);
      return problem === undefined ? [] : [violation(walk, fact, problem)];
    });
    return [...moves, ...others];
  });
}

function disagreement(history: History, retired: Map<string, FactEntry>, fact: FactEntry): string | undefined {
  const log = history.streams.get(fact.stream);
  const row = log?.bySeq.get(fact.seq);
  if (row !== undefined) {
    // The log is newer than what was seen of it: what it has whole was never redacted.
    if (fact.redacted === true && !row.redacted) return 'as redacted, which the log has whole';
    return difference(fact, row, 'the log');
  }
  if (log === undefined || !isRetired(log, fact.seq)) return 'which is not in the log';
  const key = `${fact.stream}\n${fact.seq}`;
  const first = retired.get(key);
  if (first === undefined) retired.set(key, fact);
  return first === undefined ? undefined : difference(fact, first, 'another observer');
}

function difference(fact: Known, known: Known, who: string): string | undefined {
  if (fact.event_id !== known.event_id) return `as event ${fact.event_id}, which ${who} has as ${known.event_id}`;
  if (fact.type !== known.type) return `as ${fact.type}, which ${who} has as ${known.type}`;
  const [target, knownTarget] = [fact.target_seq ?? 0, known.target_seq ?? 0];
  if (target !== knownTarget) return `about seq ${target}, which ${who} has about seq ${knownTarget}`;
  if (fact.redacted === true || known.redacted === true) return undefined;
  if (fact.client_id !== known.client_id) return `as the command ${fact.client_id}, which ${who} has as ${known.client_id}`;
  if (fact.actor !== known.actor) return `as an act of ${fact.actor}, which ${who} has as one of ${known.actor}`;
  if (fact.body !== undefined && known.body !== undefined && fact.body !== known.body) return `with other content than ${who} has`;
  return undefined;
}

function orderBreak(walk: Walk, step: Step): Violation {
  return { ...violation(walk, step.fact, 'after a later one'), effect: 'reordered' };
}

function violation(walk: Walk, fact: FactEntry, problem: string): Violation {
  const text = `${walkName(walk)} in ${walk.stream} saw seq ${fact.seq} ${problem}`;
  return { rule: 'H4', text, client: walk.client.client, stream: walk.stream, seq: fact.seq };
}
