import type { History } from '../history.js';
import { isUserStream, type LogRow } from '../streams.js';
import type { Violation } from '../violation.js';

/**
 * H2: no `client_id` is twice in the log (SND2). A command writes to one conversation, and to the streams of the
 * users that it names; where it writes several facts to one stream, they differ in type or subject (a conversation
 * made with its members). The same fact again, or another conversation, is a command that was carried out twice.
 */
export function h2(history: History): Violation[] {
  const violations: Violation[] = [];
  for (const log of history.streams.values()) {
    for (const row of log.again) violations.push(repeated(row, `${row.stream} seq ${row.seq} is in the log twice`));
  }
  for (const rows of history.byCommand.values()) {
    if (rows.length > 1) violations.push(...repeatsAmong(rows.filter((row) => !isAgain(history, row))));
  }
  return violations;
}

function repeatsAmong(rows: readonly LogRow[]): Violation[] {
  const violations: Violation[] = [];
  const facts = new Map<string, LogRow>();
  const conversations = new Map<string, LogRow>();
  for (const row of rows) {
    const key = [row.actor, row.stream, row.type, row.user ?? ''].join('\n');
    const elsewhere = isUserStream(row.stream) ? undefined : conversations.get(row.actor);
    const first = facts.get(key) ?? (elsewhere?.stream === row.stream ? undefined : elsewhere);
    facts.set(key, row);
    if (!isUserStream(row.stream)) conversations.set(row.actor, row);
    if (first === undefined) continue;
    const text = `${row.client_id} is in the log twice: ${first.stream} seq ${first.seq} and ${row.stream} seq ${row.seq}`;
    violations.push(repeated(row, text));
  }
  return violations;
}

function isAgain(history: History, row: LogRow): boolean {
  const log = history.streams.get(row.stream);
  return log !== undefined && log.again.length > 0 && log.again.includes(row);
}

function repeated(row: LogRow, text: string): Violation {
  return { rule: 'H2', text, stream: row.stream, seq: row.seq, effect: 'repeated' };
}
