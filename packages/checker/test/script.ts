import { historyOf, judgeHistory, type Entry, type EntryKind, type EntryOf, type HistoryFile, type Recorded, type Verdict } from '../src/index.js';
import { hashOf } from './server-model.js';

/** A history written line by line; the lines of all files share one clock, which moves with each. */
export interface Script {
  /** Begins a client's file. The app is `a`, and the outbox the client's name. */
  client(client: string, user: string, app?: string): void;
  line(client: string, entry: Entry): void;
  /** The client invokes a send, and its ack comes at once; `seq` is where the log must have it. */
  sent(client: string, stream: string, seq: number): void;
  invoked(client: string, stream: string, id: string, outbox?: string): void;
  acked(client: string, stream: string, seq: number, id: string, duplicate?: boolean): void;
  observe(client: string, stream: string, after_seq: number, observer?: string): void;
  /** Sees the facts as the log has them; write the log first. */
  saw(client: string, stream: string, ...seqs: number[]): void;
  restart(client: string): void;
  /** A row of the log; it is a message of the command `m<seq>` unless the fields say otherwise. */
  row(stream: string, seq: number, fields?: Partial<EntryOf<'log'>>): void;
  log(entry: Entry): void;
  files(): HistoryFile[];
  verdict(): Verdict;
  /** `H3 text` of each violation. */
  violations(): string[];
}

export function script(): Script {
  const files = new Map<string, Recorded[]>([['log', []]]);
  const names = new Map<string, EntryOf<'client'>>();
  let clock = 0;
  const line = (name: string, entry: Entry): void => {
    const entries = files.get(name) ?? [];
    files.set(name, entries);
    entries.push({ ...entry, at: (clock += 1), line: entries.length + 1 });
  };
  const rows = (): EntryOf<'log'>[] => (files.get('log') ?? []).filter((entry) => isKind(entry, 'log'));
  const self: Script = {
    line,
    client(client, user, app = 'a') {
      const entry = { k: 'client', client, app, user, outbox: client } as const;
      names.set(client, entry);
      line(client, entry);
    },
    sent(client, stream, seq) {
      self.invoked(client, stream, `m${seq}`);
      self.acked(client, stream, seq, `m${seq}`);
    },
    invoked: (client, stream, client_id, outbox = client) => line(client, { k: 'invoke', client_id, op: 'message.send', stream, outbox, body: hashOf(client_id) }),
    acked: (client, stream, seq, client_id, duplicate = false) => line(client, { k: 'ack', client_id, stream, seq, event_id: `e_${stream}_${seq}`, duplicate }),
    observe: (client, stream, after_seq, observer = 'main') => line(client, { k: 'observe', observer, stream, after_seq }),
    saw(client, stream, ...seqs) {
      for (const seq of seqs) {
        const row = rows().find((one) => one.stream === stream && one.seq === seq);
        const { event_id, type, client_id, actor, target_seq, redacted, body } = row ?? { event_id: 'e', type: 't', client_id: '', actor: '', target_seq: 0, redacted: false, body: undefined };
        line(client, { k: 'fact', observer: 'main', stream, seq, event_id, type, client_id, actor, target_seq, redacted, body });
      }
    },
    restart(client) {
      line(client, { k: 'restart' });
      line(client, names.get(client) as Entry);
    },
    row(stream, seq, fields = {}) {
      const client_id = fields.client_id ?? `m${seq}`;
      const message = fields.type === undefined ? { body: hashOf(client_id) } : {};
      line('log', { k: 'log', app: 'a', stream, seq, event_id: `e_${stream}_${seq}`, type: 'message.created', client_id, actor: 'u_1', target_seq: 0, redacted: false, time_ms: seq, ...message, ...fields });
    },
    log: (entry) => line('log', entry),
    files: () => [...files].map(([name, entries]) => ({ name: `${name}.ndjson`, entries })),
    verdict: () => judgeHistory(historyOf(self.files())),
    violations: () => self.verdict().violations.map(({ rule, text }) => `${rule} ${text}`),
  };
  return self;
}

/** A conversation `c` of `u_1` and `u_2`, who join at 1 and 2, and messages of `u_1` from 3 to `head`. */
export function room(head: number): Script {
  const run = script();
  run.row('c', 1, { type: 'member.joined', user: 'u_1', actor: '', client_id: 'j1' });
  run.row('c', 2, { type: 'member.joined', user: 'u_2', actor: '', client_id: 'j2' });
  for (let seq = 3; seq <= head; seq += 1) run.row('c', seq, { ordinal: seq - 2, sender_ordinal: seq - 2 });
  run.client('one', 'u_1');
  return run;
}

function isKind<K extends EntryKind>(entry: Recorded, kind: K): entry is Recorded<EntryOf<K>> {
  return entry.k === kind;
}
