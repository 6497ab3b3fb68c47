import type { ClientHistory, ClientLine } from '../clients.js';
import type { History } from '../history.js';
import { isForeign } from '../streams.js';
import type { Violation } from '../violation.js';

/** Lines that tell a client something of a stream. Asking for a stream of another app (`observe`) leaks nothing. */
type Told = Extract<ClientLine, { stream: string; k: 'fact' | 'ack' | 'mark' | 'unread' | 'range' }>;

/** H8: nothing crosses apps: no stream, and no content that was declared to be of one app only (ISO1). */
export function h8(history: History): Violation[] {
  return [...history.clients.flatMap((client) => toldOther(history, client)), ...logOther(history)];
}

function toldOther(history: History, client: ClientHistory): Violation[] {
  const violations: Violation[] = [];
  for (const line of client.lines) {
    if (!isTold(line)) continue;
    const log = history.streams.get(line.stream);
    const body = line.k === 'fact' && line.body !== undefined ? history.canaries.get(line.body) : undefined;
    const owner = isForeign(log, client.app) ? log?.app : body;
    if (owner === undefined || owner === client.app) continue;
    const what = owner === body && !isForeign(log, client.app) ? `content of the app ${owner}` : `a ${line.k} of the app ${owner}`;
    const text = `${client.client} of the app ${client.app} got ${what}: ${line.stream}${'seq' in line ? ` seq ${line.seq}` : ''}`;
    violations.push({ rule: 'H8', text, client: client.client, stream: line.stream, ...('seq' in line ? { seq: line.seq } : {}) });
  }
  return violations;
}

function logOther(history: History): Violation[] {
  const violations: Violation[] = [];
  for (const row of history.rows) {
    const app = history.streams.get(row.stream)?.app;
    const body = row.body === undefined ? undefined : history.canaries.get(row.body);
    const stranger = app !== row.app ? `is in the apps ${app} and ${row.app}` : body !== undefined && body !== row.app ? `has content of the app ${body}` : undefined;
    if (stranger === undefined) continue;
    violations.push({ rule: 'H8', text: `the log of ${row.stream} seq ${row.seq} (app ${row.app}) ${stranger}`, stream: row.stream, seq: row.seq });
  }
  return violations;
}

function isTold(line: ClientLine): line is Told {
  return line.k === 'fact' || line.k === 'ack' || line.k === 'mark' || line.k === 'unread' || line.k === 'range';
}
