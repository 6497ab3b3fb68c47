import { rowsOfCommand, type Command } from '../commands.js';
import type { History } from '../history.js';
import type { Violation } from '../violation.js';

/** Refusals that speak of the `client_id` and not of the command: the command may well be in the log (SND2, SND3). */
const NO_ANSWER: ReadonlySet<string> = new Set(['client_id_expired', 'idempotency_mismatch']);

/**
 * H11: a command that timed out is in the log once or not at all, and its retry says which: what is refused is not
 * in the log, and all answers to a command are one answer (SND2). Twice in the log is H2's, acked and absent H1's,
 * and a command that nobody answered makes the verdict `unknown` when the log does not have it.
 */
export function h11(history: History): Violation[] {
  return history.commands.flatMap((command) => {
    const problem = contradiction(history, command);
    if (problem === undefined) return [];
    return [{ rule: 'H11', text: `${command.client}: ${command.client_id} ${problem}`, client: command.client } satisfies Violation];
  });
}

function contradiction(history: History, command: Command): string | undefined {
  const [ack, ...others] = command.acks;
  const fail = command.fails.find(({ code }) => !NO_ANSWER.has(code));
  if (ack !== undefined) {
    const other = others.find((one) => one.stream !== ack.stream || one.seq !== ack.seq || one.event_id !== ack.event_id);
    if (other !== undefined) return `was acked as ${ack.stream} seq ${ack.seq}, then as ${other.stream} seq ${other.seq}, event ${other.event_id}`;
    return fail === undefined ? undefined : `was acked as ${ack.stream} seq ${ack.seq}, and finally refused as ${fail.code}`;
  }
  const row = fail === undefined ? undefined : rowsOfCommand(history.byCommand, command)[0];
  return row === undefined ? undefined : `was finally refused as ${fail?.code}, but is in the log: ${row.stream} seq ${row.seq}`;
}
