/** Runs a server and its users as processes, kills the server in the middle, and leaves histories for the checker. */
import { openHistory } from '@talaria/checker';
import type { OperationId, OperationOutput } from '@talaria/protocol/operations';
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Caller } from '../../packages/server/dist/domain/caller.js';
import { textOf } from './body.js';
import type { ClientMessage, ClientOptions, ClientOrder } from './client-process.js';
import type { OperationRequest, ServerMessage } from './server-process.js';

const ADMIN: Caller = { kind: 'admin', keyId: 'k_00000000000000000000000000' };
const here = (file: string): URL => new URL(file, import.meta.url);
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The server's process, started again on the same directory and port after each kill. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private readonly pending = new Map<number, { resolve: (output: unknown) => void; reject: (error: Error) => void }>();
  private nextId = 1;
  port = 0;

  constructor(private readonly data: string) {}

  async start(): Promise<void> {
    const child = fork(here('./server-process.js'), [this.data, String(this.port)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child = child;
    this.port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
      child.on('message', (message: ServerMessage) => {
        if (message.kind === 'listening') resolve(message.port);
        else this.settle(message);
      });
    });
  }

  /** An operation as some caller; commands get a client id. */
  op<Id extends OperationId>(caller: Caller, id: Id, input: Record<string, unknown>): Promise<OperationOutput<Id>> {
    const request: OperationRequest = { id: this.nextId++, caller, op: id, input };
    return new Promise((resolve, reject) => {
      this.pending.set(request.id, { resolve: (output) => resolve(output as OperationOutput<Id>), reject });
      this.child?.send(request);
    });
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await ended;
  }

  private settle(message: Extract<ServerMessage, { kind: 'answer' }>): void {
    const waiting = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.output);
    else waiting?.reject(new Error(message.error));
  }
}

/** A user's process. */
export class ClientProcess {
  private readonly child: ChildProcess;
  private waiting: { readonly resolve: (message: ClientMessage) => void; readonly reject: (error: Error) => void }[] = [];

  constructor(options: ClientOptions) {
    this.child = fork(here('./client-process.js'), [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child.on('message', (message: ClientMessage) => {
      for (const waiter of this.waiting.splice(0)) waiter.resolve(message);
    });
    this.child.once('exit', (code) => {
      for (const waiter of this.waiting.splice(0)) waiter.reject(new Error(`a client ended with ${code}`));
    });
  }

  /** Waits for the next message, after having said something. */
  ask(order?: ClientOrder): Promise<ClientMessage> {
    const answer = new Promise<ClientMessage>((resolve, reject) => void this.waiting.push({ resolve, reject }));
    if (order) this.child.send(order);
    return answer;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

export interface RunOptions {
  readonly data: string;
  readonly histories: string;
  readonly clients: number;
  readonly conversations: number;
  readonly kills: number;
  readonly every_ms: number;
  /** Messages acked between two kills, over all clients. */
  readonly acked_between: number;
}

export interface RunResult {
  readonly acked: number;
  readonly in_flight_at_kills: readonly number[];
}

/** @returns what was acked, and how many commands each kill hit */
export async function run(options: RunOptions): Promise<RunResult> {
  const server = new ServerProcess(options.data);
  const clients: ClientProcess[] = [];
  const faults = openHistory(options.histories, 'faults');
  try {
    await server.start();
    const setting = await makeSetting(server, options);
    clients.push(...setting.clients.map((client) => new ClientProcess({
      ...client, url: `http://127.0.0.1:${server.port}`, app: setting.publicKey, appId: setting.app, histories: options.histories, every_ms: options.every_ms,
    })));
    await Promise.all(clients.map((client) => client.ask()));
    const counts = async () => (await Promise.all(clients.map((client) => client.ask({ kind: 'count' }))))
      .map((message) => (message.kind === 'count' ? message : { acked: 0, unanswered: 0 }));
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
    const hits: number[] = [];
    for (let kill = 0; kill < options.kills; kill += 1) {
      const target = sum((await counts()).map((count) => count.acked)) + options.acked_between;
      while (sum((await counts()).map((count) => count.acked)) < target) await changeMembers(server, setting);
      await server.kill();
      const unanswered = sum((await counts()).map((count) => count.unanswered));
      faults.write({ k: 'fault', name: 'server_killed', in_flight: unanswered });
      hits.push(unanswered);
      await server.start();
    }
    await Promise.all(clients.map((client) => client.ask({ kind: 'stop' })));
    const acked = sum((await counts()).map((count) => count.acked));
    const heads = await dumpLog(server, setting, options.histories);
    await Promise.all(clients.map((client, at) => client.ask({ kind: 'finish', upTo: heads.visibleTo(setting.clients[at]!.userId) })));
    return { acked, in_flight_at_kills: hits };
  } finally {
    for (const client of clients) client.kill();
    await server.kill();
    faults.close();
  }
}

interface Setting {
  readonly app: string;
  readonly publicKey: string;
  readonly backend: Caller;
  readonly conversations: readonly string[];
  readonly clients: readonly { readonly name: string; readonly token: string; readonly userId: string; readonly conversations: readonly string[] }[];
}

async function makeSetting(server: ServerProcess, options: RunOptions): Promise<Setting> {
  const tenant = await server.op(ADMIN, 'tenants.create', { name: 'e2e' });
  const app = await server.op(ADMIN, 'apps.create', { tenant_id: tenant.id, name: 'e2e' });
  const key = await server.op(ADMIN, 'keys.create', { app_id: app.id });
  const backend: Caller = { kind: 'backend', app: app.id, keyId: key.id, scopes: key.scopes };
  const users = await Promise.all(Array.from({ length: options.clients }, (_, at) => server.op(backend, 'auth.token', { external_id: `user-${at}`, expires_in_s: 3_600 })));
  const conversations: string[] = [];
  for (let at = 0; at < options.conversations; at += 1) {
    const members = users.filter((_, user) => (user + at) % 2 === 0 || user === at).map((user) => user.user_id);
    conversations.push((await server.op(backend, 'conversations.create', { name: `c${at}`, member_ids: members, history: at % 2 === 0 ? 'from_join' : 'all' })).conversation_id);
  }
  return {
    app: app.id, publicKey: app.public_key, backend, conversations,
    clients: users.map((user, at) => ({
      name: `user-${at}`, token: user.token, userId: user.user_id, conversations: conversations.filter((_, conversation) => (at + conversation) % 2 === 0 || at === conversation),
    })),
  };
}

/** Somebody leaves a conversation and comes back, while all are sending. */
async function changeMembers(server: ServerProcess, setting: Setting): Promise<void> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
  const conversation = pick(setting.conversations);
  const { items } = await server.op(setting.backend, 'members.list', { conversation_id: conversation, limit: 200 });
  if (items.length < 3) return;
  const { user_id: user } = pick(items);
  await server.op(setting.backend, 'members.remove', { conversation_id: conversation, user_id: user });
  await new Promise<void>((resolve) => void setTimeout(resolve, 20));
  await server.op(setting.backend, 'members.add', { conversation_id: conversation, member_ids: [user] });
}

/** Writes the whole log down, and finds up to where each user may see each conversation. */
async function dumpLog(server: ServerProcess, setting: Setting, directory: string) {
  const log = openHistory(directory, 'log');
  const ends = new Map<string, Map<string, number>>();
  for (const conversation of setting.conversations) {
    const visible = new Map<string, number>();
    const active = new Set<string>();
    let history: 'from_join' | 'all' = 'from_join';
    let after = 0;
    for (;;) {
      const page = await server.op(setting.backend, 'facts.list', { conversation_id: conversation, after_seq: after, limit: 200 });
      for (const fact of page.items) {
        const user = typeof fact.body['user_id'] === 'string' ? fact.body['user_id'] : undefined;
        if (fact.type === 'member.joined' && user !== undefined) active.add(user);
        for (const member of active) visible.set(member, fact.seq);
        if (fact.type === 'member.left' && user !== undefined) active.delete(user);
        if (fact.type === 'conversation.created') history = fact.body['history'] === 'all' ? 'all' : 'from_join';
        log.write({
          k: 'log', app: setting.app, stream: conversation, seq: fact.seq, event_id: fact.event_id, type: fact.type, client_id: fact.client_id ?? '', actor: fact.actor ?? '',
          target_seq: fact.target_seq ?? 0, redacted: fact.redacted, time_ms: fact.time_ms,
          ...(fact.type === 'message.created' && !fact.redacted ? { body: hash(textOf(fact.body)), ordinal: Number(fact.body['ordinal']), sender_ordinal: Number(fact.body['sender_ordinal']) } : {}),
          ...(user === undefined ? {} : { user }), ...(fact.type === 'conversation.created' ? { history } : {}),
        });
      }
      after = page.to_seq;
      if (page.to_seq >= page.head_seq) break;
    }
    ends.set(conversation, visible);
  }
  log.close();
  return {
    visibleTo: (user: string): Record<string, number> =>
      Object.fromEntries([...ends].flatMap(([conversation, visible]) => (visible.has(user) ? [[conversation, visible.get(user)!]] : []))),
  };
}
