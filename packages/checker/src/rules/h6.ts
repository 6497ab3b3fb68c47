import { rowsOfCommand, wasSoAlready, type Command } from '../commands.js';
import type { History } from '../history.js';
import { isUserStream } from '../streams.js';
import type { Violation } from '../violation.js';

interface Placed {
  readonly command: Command;
  readonly at: number;
  readonly seq: number;
}

interface Timeline {
  /** When each command was first known to be committed. */
  readonly acked: Placed[];
  /** When each command was first invoked; it cannot have been committed before. */
  readonly invoked: Placed[];
}

/** H6: a command that was acked, to any client, before another was invoked has the smaller seq in that stream. */
export function h6(history: History): Violation[] {
  return [...timelines(history)].flatMap(([stream, timeline]) => judge(stream, timeline));
}

/** One pass over both lists by time, with the highest seq acked so far: no pair needs to be compared. */
function judge(stream: string, { acked, invoked }: Timeline): Violation[] {
  const violations: Violation[] = [];
  const acks = acked.toSorted((a, b) => a.at - b.at);
  let next = 0;
  let highest: Placed | undefined;
  for (const later of invoked.toSorted((a, b) => a.at - b.at)) {
    for (let ack = acks[next]; ack !== undefined && ack.at < later.at; ack = acks[++next]) {
      if (highest === undefined || ack.seq > highest.seq) highest = ack;
    }
    if (highest === undefined || later.seq > highest.seq) continue;
    const { command } = later;
    const text = `${stream}: ${highest.command.client_id} was acked with seq ${highest.seq} before ${command.client_id} was invoked, which has seq ${later.seq}`;
    violations.push({ rule: 'H6', text, client: command.client, stream, seq: later.seq, effect: 'reordered' });
  }
  return violations;
}

function timelines(history: History): Map<string, Timeline> {
  const found = new Map<string, Timeline>();
  for (const command of history.commands) {
    const place = placeOf(history, command);
    if (place === undefined) continue;
    let timeline = found.get(place.stream);
    if (timeline === undefined) found.set(place.stream, (timeline = { acked: [], invoked: [] }));
    const ack = command.acks[0];
    if (ack !== undefined) timeline.acked.push({ command, at: ack.at, seq: place.seq });
    if (command.invoke !== undefined) timeline.invoked.push({ command, at: command.invoke.at, seq: place.seq });
  }
  return found;
}

/** Where a command was committed: as its ack says, or as the log does where the ack was lost. */
function placeOf(history: History, command: Command): { stream: string; seq: number } | undefined {
  const ack = command.acks[0];
  // Its answer names the place of an earlier command.
  if (ack && wasSoAlready(command, history.streams.get(ack.stream)?.bySeq.get(ack.seq))) return undefined;
  return ack ?? rowsOfCommand(history.byCommand, command).find((row) => !isUserStream(row.stream));
}
