import { expect, test } from 'vitest';
import { historyOf, judgeHistory, type Entry, type HistoryFile, type Recorded } from '../src/index.js';
import { hashOf } from './server-model.js';

const MESSAGES = 20_000;
const CLIENTS = 8;

/** Many clients in one conversation: about 200,000 lines, where anything quadratic would take minutes, and outlast the test's time. */
test('[H3] [H5] [H6] a long history is judged', () => {
  const files = longHistory();
  expect(files.reduce((sum, file) => sum + file.entries.length, 0)).toBeGreaterThan(200_000);
  expect(judgeHistory(historyOf(files))).toMatchObject({ verdict: 'ok', sent: MESSAGES, seen: MESSAGES * CLIENTS });
});

function longHistory(): HistoryFile[] {
  let clock = 0;
  const files = new Map<string, Recorded[]>([['log', []]]);
  const write = (name: string, entry: Entry): void => {
    const entries = files.get(name) ?? [];
    files.set(name, entries);
    entries.push({ ...entry, at: (clock += 1), line: entries.length + 1 });
  };
  const names = Array.from({ length: CLIENTS }, (_, i) => `c${i}`);
  for (const [i, name] of names.entries()) {
    write(name, { k: 'client', client: name, app: 'a', user: `u_${i}`, outbox: name });
    write('log', { k: 'log', app: 'a', stream: 'c', seq: i + 1, event_id: `e${i + 1}`, type: 'member.joined', client_id: `j${i}`, actor: '', target_seq: 0, redacted: false, time_ms: i, user: `u_${i}` });
    write(name, { k: 'observe', observer: 'main', stream: 'c', after_seq: CLIENTS });
  }
  for (let i = 0; i < MESSAGES; i += 1) {
    const fact = { stream: 'c', seq: CLIENTS + 1 + i, event_id: `e${CLIENTS + 1 + i}`, type: 'message.created', client_id: `m${i}`, actor: `u_${i % CLIENTS}`, body: hashOf(`${i}`) };
    const sender = names[i % CLIENTS] as string;
    write(sender, { k: 'invoke', client_id: fact.client_id, op: 'message.send', stream: 'c', outbox: sender, body: fact.body });
    write('log', { k: 'log', app: 'a', ...fact, target_seq: 0, redacted: false, time_ms: i, ordinal: i + 1, sender_ordinal: Math.floor(i / CLIENTS) + 1 });
    write(sender, { k: 'ack', client_id: fact.client_id, stream: 'c', seq: fact.seq, event_id: fact.event_id, duplicate: false });
    for (const name of names) write(name, { k: 'fact', observer: 'main', ...fact });
    if (i % 100 === 0) write(sender, { k: 'unread', stream: 'c', user: fact.actor, count: Math.min(1_000, i + 1 - Math.floor(i / CLIENTS) - 1), at_seq: fact.seq });
  }
  return [...files].map(([name, entries]) => ({ name: `${name}.ndjson`, entries }));
}
