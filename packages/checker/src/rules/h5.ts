import type { Command } from '../commands.js';
import type { History } from '../history.js';
import type { Violation } from '../violation.js';

/**
 * H5: the sends of one outbox in one conversation are committed in the order in which they were invoked (SND4).
 * A send without an outbox (HTTP) promises no order. A retry keeps the place of its first invoke.
 */
export function h5(history: History): Violation[] {
  const violations: Violation[] = [];
  const last = new Map<string, Command>();
  for (const command of sends(history)) {
    const ack = command.acks[0];
    if (ack === undefined) continue;
    const outbox = command.invoke?.outbox ?? '';
    const key = [command.app, command.user, outbox, ack.stream].join('\n');
    // Each is compared with the one before it, so that one send out of place is one violation, not many.
    const before = last.get(key);
    const seqBefore = before?.acks[0]?.seq ?? 0;
    last.set(key, command);
    if (before === undefined || ack.seq > seqBefore) continue;
    const text = `outbox ${outbox} in ${ack.stream}: ${command.client_id} has seq ${ack.seq}, but ${before.client_id}, invoked before it, has ${seqBefore}`;
    violations.push({ rule: 'H5', text, client: command.client, stream: ack.stream, seq: ack.seq, effect: 'reordered' });
  }
  return violations;
}

function sends(history: History): Command[] {
  return history.commands
    .filter(({ invoke, acks }) => invoke?.op === 'message.send' && invoke.outbox !== '' && acks.length > 0)
    // The sort is stable, and one file's times never go back, so equal times keep their order within a file.
    .toSorted((a, b) => (a.invoke?.at ?? 0) - (b.invoke?.at ?? 0));
}
