import { letsIn, wasSoAlready, type Command } from '../commands.js';
import type { AckEntry } from '../entries.js';
import type { History } from '../history.js';
import { isRetired } from '../streams.js';
import type { Violation } from '../violation.js';

/** H1: every acked command is in the log, at the place that its ack names, with the content that was sent (SND1). */
export function h1(history: History): Violation[] {
  return history.commands.flatMap((command) => {
    // Acks that differ from the first are H11's; one lost command counts once.
    const ack = command.acks[0];
    const problem = ack === undefined ? undefined : lostAck(history, command, ack);
    if (ack === undefined || problem === undefined) return [];
    const text = `${command.client}: ${command.client_id} was acked as ${ack.stream} seq ${ack.seq}, ${problem}`;
    return [{ rule: 'H1', text, client: command.client, stream: ack.stream, seq: ack.seq, effect: 'lost' } satisfies Violation];
  });
}

function lostAck(history: History, command: Command, ack: AckEntry): string | undefined {
  const log = history.streams.get(ack.stream);
  if (log === undefined) return 'a stream that the log does not have';
  const row = log.bySeq.get(ack.seq);
  if (row === undefined) return isRetired(log, ack.seq) ? undefined : 'which the log does not have';
  if (ack.event_id !== '' && row.event_id !== ack.event_id) return `event ${ack.event_id}, but the log has event ${row.event_id} there`;
  // An erasure may take the client_id with the actor (VIS4).
  const erased = row.redacted && row.client_id === '';
  if (row.client_id !== command.client_id && !erased && !wasSoAlready(command, row) && !letsIn(history.byCommand, command, row)) return `but the log has the command ${row.client_id} there`;
  const sent = command.invoke?.op === 'message.send' && !row.redacted ? command.invoke.body : undefined;
  if (sent !== undefined && row.body !== undefined && sent !== row.body) return 'but the log has other content there';
  return undefined;
}
