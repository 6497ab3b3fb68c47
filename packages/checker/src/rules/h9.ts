import type { ClientHistory } from '../clients.js';
import type { MarkEntry } from '../entries.js';
import type { History } from '../history.js';
import type { Violation } from '../violation.js';

/** H9: marks never go back (CNT3), as each client learned of them, over its restarts too. */
export function h9(history: History): Violation[] {
  return history.clients.flatMap(judge);
}

function judge(client: ClientHistory): Violation[] {
  const violations: Violation[] = [];
  const last = new Map<string, MarkEntry>();
  for (const line of client.lines) {
    if (line.k !== 'mark') continue;
    const key = `${line.stream}\n${line.user}`;
    const before = last.get(key);
    last.set(key, line);
    const back = before === undefined ? undefined : movedBack(before, line);
    if (back === undefined) continue;
    const text = `${client.client}: the ${back} mark of ${line.user} in ${line.stream} went back`;
    violations.push({ rule: 'H9', text, client: client.client, stream: line.stream, seq: line.read_seq });
  }
  return violations;
}

function movedBack(before: MarkEntry, mark: MarkEntry): string | undefined {
  if (mark.read_seq < before.read_seq) return `read (${before.read_seq} to ${mark.read_seq})`;
  if (mark.delivered_seq < before.delivered_seq) return `delivered (${before.delivered_seq} to ${mark.delivered_seq})`;
  return undefined;
}
