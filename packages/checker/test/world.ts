import type { Entry, FloorEntry, HistoryFile, HistoryPolicy, LogEntry, Recorded } from '../src/index.js';
import { append, hashOf, headOf, isMember, mark, markUnread, maySee, modelStream, readThread, redact, unreadOf, unreadRepliesOf, type Draft, type ModelStream } from './server-model.js';

/** How a message is sent: at once, or so that it waits (VIS3). */
export const WAYS = ['plain', 'silent', 'reply', 'reply in main', 'held', 'scheduled'] as const;

/** A step of a run. Numbers are taken modulo what there is to choose from. */
export type Op =
  | { op: 'send'; client: number; conversation: number; way: (typeof WAYS)[number] }
  | { op: 'commit' | 'answer' | 'lose' | 'refuse'; client: number }
  | { op: 'restart'; client: number; again: boolean }
  | { op: 'drain'; client: number; facts: number }
  | { op: 'subscribe' | 'read' | 'unread'; client: number; conversation: number }
  | { op: 'join' | 'leave'; conversation: number; user: number }
  | { op: 'delete' | 'edit' | 'expire'; conversation: number; message: number }
  | { op: 'hide' | 'follow' | 'unfollow' | 'read thread' | 'unread replies'; client: number; conversation: number; message: number }
  | { op: 'mark unread'; client: number; conversation: number; message: number }
  | { op: 'release'; conversation: number; approve: boolean }
  | { op: 'policy'; conversation: number; history: HistoryPolicy }
  | { op: 'retain'; conversation: number; keep: number }
  | { op: 'fault'; in_flight: number };

export interface Setup {
  apps: number;
  users: number;
  devices: number;
  conversations: number;
  history: HistoryPolicy;
}

interface Pending {
  client_id: string;
  log: ModelStream;
  body: string;
  way: (typeof WAYS)[number];
  row: LogEntry | undefined;
  duplicate: boolean;
}

interface Observer {
  name: string;
  log: ModelStream;
  cursor: number;
  last: number;
}

interface Client {
  name: string;
  app: string;
  user: string;
  lines: Recorded[];
  pending: Pending[];
  observers: Observer[];
  made: number;
}

interface Run {
  setup: Setup;
  clock: number;
  clients: Client[];
  backends: Client[];
  streams: ModelStream[];
  conversations: ModelStream[];
  /** Messages that wait, in the order in which they came. */
  waiting: { own: ModelStream; log: ModelStream; row: LogEntry; body: string }[];
}

/** The files that the clients and the server of a correct run leave. */
export function runWorld(setup: Setup, ops: readonly Op[]): HistoryFile[] {
  const run = begin(setup);
  for (const op of ops) step(run, op);
  finish(run);
  const files = [...run.clients, ...run.backends].map(({ name, lines }) => ({ name: `${name}.ndjson`, entries: lines }));
  return [...files, { name: 'log.ndjson', entries: logLines(run) }];
}

function begin(setup: Setup): Run {
  const run: Run = { setup, clock: 0, clients: [], backends: [], streams: [], conversations: [], waiting: [] };
  for (let a = 0; a < setup.apps; a += 1) {
    const app = `app${a}`;
    const backend = newClient(run, app, '', `a${a}-backend`);
    run.backends.push(backend);
    write(run, backend, { k: 'canary', app, text_hash: hashOf(`canary ${app}`) });
    for (let c = 0; c < setup.conversations; c += 1) found(run, backend, `c_${a}_${c}`);
    for (let u = 0; u < setup.users; u += 1) {
      const own = modelStream(app, `u_${a}_${u}`, 'from_join');
      run.streams.push(own);
      for (let d = 0; d < setup.devices; d += 1) run.clients.push(newClient(run, app, own.stream, `a${a}-u${u}-d${d}`));
    }
  }
  for (const log of run.conversations) change(run, log, { type: 'member.joined', user: usersOf(run, log)[0] ?? '' }, 'member.add');
  for (const client of run.clients) {
    for (const log of run.streams.filter(({ app, stream }) => app === client.app && (stream === client.user || !stream.startsWith('u_')))) observe(run, client, 'main', log, 0);
  }
  return run;
}

function found(run: Run, backend: Client, stream: string): void {
  const log = modelStream(backend.app, stream, run.setup.history);
  run.streams.push(log);
  run.conversations.push(log);
  change(run, log, { type: 'conversation.created', history: run.setup.history }, 'conversation.create');
}

function step(run: Run, op: Op): void {
  if ('client' in op) return clientStep(run, pick(run.clients, op.client), op);
  if (op.op === 'fault') return write(run, pick(run.backends, 0), { k: 'fault', name: 'F1', in_flight: op.in_flight });
  const log = pick(run.conversations, op.conversation);
  if (op.op === 'policy') change(run, log, { type: 'conversation.updated', history: op.history }, 'conversation.update');
  else if (op.op === 'retain') log.floor = Math.max(log.floor, headOf(log) - op.keep);
  else if (op.op === 'release') release(run, log, op.approve);
  else if ('user' in op) member(run, log, op.op, pick(usersOf(run, log), op.user));
  else target(run, log, op.op, op.message);
}

function clientStep(run: Run, client: Client, op: Extract<Op, { client: number }>): void {
  const app = run.conversations.filter((log) => log.app === client.app);
  switch (op.op) {
    case 'send': return send(run, client, pick(app, op.conversation), op.way);
    case 'commit': return commit(run, client);
    case 'answer': return answer(run, client);
    case 'lose': return lose(run, client);
    case 'refuse': return refuse(run, client);
    case 'restart': return restart(run, client, op.again);
    case 'drain': return drain(run, client, op.facts);
    case 'subscribe': {
      const log = pick(app, op.conversation);
      return observe(run, client, `sub${(client.made += 1)}`, log, headOf(log));
    }
    case 'read': return read(run, client, pick(app, op.conversation));
    case 'unread': return unread(run, client, pick(app, op.conversation));
    case 'mark unread': return unreadAgain(run, client, pick(app, op.conversation), op.message);
    case 'hide':
    case 'follow':
    case 'unfollow':
    case 'read thread':
    case 'unread replies': return ofThread(run, client, pick(app, op.conversation), op.op, op.message);
  }
}

function send(run: Run, client: Client, log: ModelStream, way: Pending['way']): void {
  if (!isMember(log, client.user)) return;
  const client_id = `${client.name}-${(client.made += 1)}`;
  const body = hashOf(client.made % 7 === 0 ? `canary ${client.app}` : client_id);
  client.pending.push({ client_id, log, body, way, row: undefined, duplicate: false });
  write(run, client, { k: 'invoke', client_id, op: way === 'scheduled' ? 'scheduled.create' : 'message.send', stream: log.stream, outbox: client.name, body });
}

function commit(run: Run, client: Client): void {
  const next = client.pending.find(({ row }) => row === undefined);
  if (next === undefined) return;
  const { client_id, body, way, log } = next;
  if (!isMember(log, client.user)) return;
  const draft = { client_id, actor: client.user, body };
  if (way === 'held' || way === 'scheduled') {
    const own = ownOf(run, client.user);
    next.row = append(own, { ...draft, type: `message.${way}`, conversation: log.stream });
    run.waiting.push({ own, log, row: next.row, body });
    return;
  }
  const thread = way.startsWith('reply') ? rootsOf(log)[client.made % ROOTS]?.seq : undefined;
  next.row = append(log, { ...draft, type: 'message.created', countable: way === 'plain' || (way === 'reply in main') || (way === 'reply' && thread === undefined), ...(thread === undefined ? {} : { thread }) });
  if (thread !== undefined && log.follows.has(`${client.user} ${thread}`)) readThread(log, client.user, thread);
}

const ownOf = (run: Run, user: string): ModelStream => run.streams.find(({ stream }) => stream === user) as ModelStream;
/** Messages that a thread may begin with; the first of them have one. */
const ROOTS = 2;
const rootsOf = (log: ModelStream): LogEntry[] => log.rows.filter((row) => row.type === 'message.created' && row.thread === undefined && !row.redacted && row.seq >= log.floor);

/** A message that waits gets its seq, under its sender's own command; or is turned away. A scheduled one comes by itself. */
function release(run: Run, log: ModelStream, approve: boolean): void {
  const at = run.waiting.findIndex((one) => one.log === log);
  const [next] = at === -1 ? [] : run.waiting.splice(at, 1);
  if (next === undefined) return;
  const { own, row, body } = next;
  const held = row.type === 'message.held';
  const sends = isMember(log, row.actor) && (approve || !held);
  const backend = run.backends.find(({ app }) => app === log.app) as Client;
  const client_id = held ? `${backend.name}-${(backend.made += 1)}` : `due scheduled ${own.stream} ${row.seq}`;
  const op = approve ? 'held.approve' : 'held.reject';
  if (held) write(run, backend, { k: 'invoke', client_id, op, stream: log.stream, outbox: '' });
  const sent = sends ? append(log, { type: 'message.created', client_id: row.client_id, actor: row.actor, body, countable: true }) : undefined;
  const type = !held ? 'message.unscheduled' : sends ? 'message.released' : 'message.rejected';
  const told = append(own, { type, client_id, actor: '', conversation: log.stream });
  row.redacted = true;
  delete row.body;
  const place = sent ?? told;
  if (held) write(run, backend, { k: 'ack', client_id, stream: place.stream, seq: place.seq, event_id: place.event_id, duplicate: false });
}

/** CNT3 */
function unreadAgain(run: Run, client: Client, log: ModelStream, message: number): void {
  const messages = log.rows.filter((row) => row.type === 'message.created' && row.seq >= log.floor && row.seq > (log.stays.get(client.user)?.at(-1)?.from ?? 0));
  if (!isMember(log, client.user) || messages.length === 0) return;
  own(run, client, 'marks.unread', { type: 'conversation.unread_set', conversation: log.stream, mark_seq: markUnread(log, client.user, pick(messages, message).seq) });
}

function ofThread(run: Run, client: Client, log: ModelStream, op: 'hide' | 'follow' | 'unfollow' | 'read thread' | 'unread replies', message: number): void {
  const roots = rootsOf(log).filter(({ seq }) => maySee(log, client.user, seq));
  if (!isMember(log, client.user) || roots.length === 0) return;
  const { seq: thread } = pick(roots.slice(0, ROOTS), message);
  const follow = `${client.user} ${thread}`;
  const about = { conversation: log.stream, thread };
  if (op === 'hide') own(run, client, 'messages.hide', { type: 'message.hidden', conversation: log.stream });
  else if (op === 'follow') {
    if (!log.follows.has(follow)) own(run, client, 'threads.follow', { type: 'thread.followed', ...about, mark_seq: readThread(log, client.user, thread) });
  } else if (!log.follows.has(follow)) return;
  else if (op === 'read thread') own(run, client, 'threads.read', { type: 'thread.read', ...about, mark_seq: readThread(log, client.user, thread) });
  else if (op === 'unfollow') {
    log.follows.delete(follow);
    own(run, client, 'threads.unfollow', { type: 'thread.unfollowed', ...about });
  } else {
    const count = unreadRepliesOf(log, client.user, thread);
    if (count !== undefined) write(run, client, { k: 'unread', stream: log.stream, user: client.user, count, at_seq: headOf(log), thread, own_seq: headOf(ownOf(run, client.user)) });
  }
}

/** A command that concerns its user alone, carried out at once. */
function own(run: Run, client: Client, op: string, draft: Omit<Draft, 'client_id' | 'actor'>): void {
  const client_id = `${client.name}-${(client.made += 1)}`;
  write(run, client, { k: 'invoke', client_id, op, stream: draft.conversation ?? '', outbox: client.name });
  const { stream, seq, event_id } = append(ownOf(run, client.user), { ...draft, client_id, actor: client.user });
  write(run, client, { k: 'ack', client_id, stream, seq, event_id, duplicate: false });
}

function answer(run: Run, client: Client): void {
  const next = client.pending[0];
  if (next?.row === undefined) return;
  client.pending.shift();
  const { stream, seq, event_id } = next.row;
  write(run, client, { k: 'ack', client_id: next.client_id, stream, seq, event_id, duplicate: next.duplicate });
}

function lose(run: Run, client: Client): void {
  for (const pending of client.pending) {
    pending.duplicate = pending.row !== undefined;
    write(run, client, { k: 'unknown', client_id: pending.client_id, reason: 'connection lost\nafter the send' });
  }
}

function refuse(run: Run, client: Client): void {
  const index = client.pending.findIndex(({ row }) => row === undefined);
  const [next] = index === -1 ? [] : client.pending.splice(index, 1);
  if (next !== undefined) write(run, client, { k: 'fail', client_id: next.client_id, code: 'not_a_member' });
}

function restart(run: Run, client: Client, again: boolean): void {
  lose(run, client);
  write(run, client, { k: 'restart' });
  write(run, client, { k: 'client', client: client.name, app: client.app, user: client.user, outbox: client.name });
  // A subscription dies with its process; a consumer goes on from its cursor, or from one fact before it (ORD2).
  client.observers = client.observers.filter(({ name }) => name === 'main');
  for (const observer of client.observers) {
    if (again && observer.last > 0 && observer.last === observer.cursor && maySee(observer.log, client.user, observer.last) && observer.last >= observer.log.floor) observer.cursor -= 1;
    write(run, client, { k: 'observe', observer: observer.name, stream: observer.log.stream, after_seq: observer.cursor });
  }
}

function observe(run: Run, client: Client, name: string, log: ModelStream, cursor: number): void {
  client.observers.push({ name, log, cursor, last: 0 });
  write(run, client, { k: 'observe', observer: name, stream: log.stream, after_seq: cursor });
}

function drain(run: Run, client: Client, facts: number): void {
  for (const observer of client.observers) {
    for (let left = facts; left > 0 && deliver(run, client, observer); left -= 1);
  }
}

/** The next fact that the observer's user may see, and before it the ranges that it is told it does not get. */
function deliver(run: Run, client: Client, observer: Observer): boolean {
  const { log, cursor, name } = observer;
  const row = log.rows.find(({ seq }) => seq > cursor && seq >= log.floor && maySee(log, client.user, seq));
  if (row === undefined) return false;
  const retained = Math.min(Math.max(log.floor - 1, cursor), row.seq - 1);
  const range = (from_seq: number, to_seq: number, cause: 'retention' | 'membership'): void => {
    if (from_seq <= to_seq) write(run, client, { k: 'range', observer: name, stream: log.stream, from_seq, to_seq, cause });
  };
  range(cursor + 1, retained, 'retention');
  range(retained + 1, row.seq - 1, 'membership');
  const { seq, event_id, type, client_id, actor, target_seq, redacted, body } = row;
  write(run, client, { k: 'fact', observer: name, stream: log.stream, seq, event_id, type, client_id, actor, target_seq, redacted, ...(body === undefined ? {} : { body }) });
  observer.cursor = observer.last = seq;
  return true;
}

function read(run: Run, client: Client, log: ModelStream): void {
  if (!isMember(log, client.user)) return;
  const { read_seq } = mark(log, client.user, headOf(log));
  for (const other of run.clients) {
    if (isMember(log, other.user)) write(run, other, { k: 'mark', stream: log.stream, user: client.user, delivered_seq: read_seq, read_seq });
  }
}

function unread(run: Run, client: Client, log: ModelStream): void {
  if (!isMember(log, client.user)) return;
  write(run, client, { k: 'unread', stream: log.stream, user: client.user, count: unreadOf(log, client.user), at_seq: headOf(log) });
}

function member(run: Run, log: ModelStream, op: 'join' | 'leave', user: string): void {
  if (isMember(log, user) === (op === 'join')) return;
  // A command that was taken before the removal is refused after it: here it is committed first.
  if (op === 'leave') for (const client of run.clients.filter((one) => one.user === user)) while (client.pending.some(({ row, log: to }) => row === undefined && to === log)) commit(run, client);
  const client_id = change(run, log, { type: op === 'join' ? 'member.joined' : 'member.left', user }, op === 'join' ? 'member.add' : 'member.remove');
  const own = run.streams.find(({ stream }) => stream === user);
  if (own !== undefined) append(own, { type: op === 'join' ? 'user.added' : 'user.removed', client_id, actor: '' });
}

function target(run: Run, log: ModelStream, op: 'delete' | 'edit' | 'expire', message: number): void {
  const messages = log.rows.filter((row) => row.type === 'message.created' && !row.redacted && row.seq >= log.floor);
  if (messages.length === 0) return;
  // The newest: the first of them have threads.
  const { seq } = pick(messages.toReversed(), message);
  if (op === 'expire') redact(log, seq, { type: 'message.expired', client_id: `due expiry ${log.stream} ${seq}`, actor: '' });
  else if (op === 'delete') change(run, log, { type: 'message.deleted', target_seq: seq }, 'message.delete');
  else change(run, log, { type: 'message.updated', target_seq: seq, body: hashOf(`edit of ${seq} at ${headOf(log)}`) }, 'message.edit');
}

/** A command of the backend: invoked, committed and acked in one go. */
function change(run: Run, log: ModelStream, draft: { type: string; user?: string; target_seq?: number; body?: string; history?: HistoryPolicy }, op: string): string {
  const backend = run.backends.find(({ app }) => app === log.app) as Client;
  const client_id = `${backend.name}-${(backend.made += 1)}`;
  write(run, backend, { k: 'invoke', client_id, op, stream: op === 'conversation.create' ? '' : log.stream, outbox: '' });
  const full = { ...draft, client_id, actor: '' };
  const row = op === 'message.delete' ? redact(log, draft.target_seq ?? 0, full) : append(log, full);
  write(run, backend, { k: 'ack', client_id, stream: log.stream, seq: row.seq, event_id: row.event_id, duplicate: false });
  return client_id;
}

function finish(run: Run): void {
  for (const client of run.clients) {
    while (client.pending.length > 0) {
      commit(run, client);
      if (client.pending[0]?.row === undefined) refuse(run, client);
      answer(run, client);
    }
  }
  for (const client of run.clients) {
    drain(run, client, Number.POSITIVE_INFINITY);
    for (const { name, log } of client.observers) write(run, client, { k: 'end', observer: name, stream: log.stream, seq: headOf(log) });
  }
}

function logLines(run: Run): Recorded[] {
  const rows = run.streams.flatMap(({ rows: all, floor }) => all.filter(({ seq }) => seq >= floor));
  const floors = run.streams.filter(({ floor }) => floor > 1).map(({ stream, floor }): FloorEntry => ({ k: 'floor', stream, floor_seq: floor }));
  return [...rows, ...floors].map((entry, index) => ({ ...entry, at: index, line: index + 1 }));
}

function newClient(run: Run, app: string, user: string, name: string): Client {
  const client: Client = { name, app, user, lines: [], pending: [], observers: [], made: 0 };
  write(run, client, { k: 'client', client: name, app, user, outbox: name });
  return client;
}

function write(run: Run, client: Client, entry: Entry): void {
  client.lines.push({ ...entry, at: (run.clock += 1), line: client.lines.length + 1 });
}

const usersOf = (run: Run, log: ModelStream): string[] => Array.from({ length: run.setup.users }, (_, u) => `u_${log.app.slice(3)}_${u}`);

function pick<T>(items: readonly T[], index: number): T {
  return items[index % items.length] as T;
}

