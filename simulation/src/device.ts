/** One app on one device: the real SDK, on a simulated network, disk and clock. */
import { Recorder, type ClientEntry } from '@talaria/checker';
import { createUuid7, parsePlaceId, uuidText } from '@talaria/protocol';
import type { OperationId, OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { connect, type Client, type Consumption, type Fact, type Skipped } from '@talaria/sdk';
import type { MemoryStore } from '@talaria/server/internals';
import type { Chronicle, ClientFile } from './chronicle.js';
import type { DeviceStore } from './device-store.js';
import { conversationOf, notedAs, type Input } from './deeds.js';
import type { Dice } from './dice.js';
import { Folds } from './folds.js';
import { Life } from './life.js';
import type { Mutation } from './mutation.js';
import type { Network } from './network.js';
import type { Scheduler } from './scheduler.js';
import type { Watch } from './watch.js';
import type { Wire } from './wire.js';

export interface DeviceParts {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly chronicle: Chronicle;
  readonly mutation: Mutation;
  readonly watch: Watch;
  readonly now: () => number;
}

export interface DeviceOwner {
  readonly name: string;
  readonly app: string;
  readonly publicKey: string;
  readonly user: string;
  /** `consumer` keeps cursors and sees everything; `view` looks from when it is opened, and may jump over what it missed. */
  readonly kind: 'consumer' | 'view';
  /** Conversations that the server sends of its own accord; of others it tells the heads. */
  readonly follow: number;
  readonly token: () => Promise<string>;
  /** Hears what came of an operation. */
  readonly told: (id: OperationId, output: Readonly<Record<string, unknown>>) => void;
}

/** As the SDK gives it: with the whole answer of an operation. */
interface Answered {
  readonly conversationId: string;
  readonly seq: number;
  readonly duplicate: boolean;
  readonly held: { readonly id: string } | undefined;
  readonly output?: Readonly<Record<string, unknown>>;
}

const OBSERVER = 'main';

export class Device {
  private life: Life | undefined;
  private client: Client | undefined;
  private consumption: Consumption | undefined;
  private wire: Wire | undefined;
  private wake: (() => void) | undefined;
  private readonly recorder: Recorder;
  private readonly file: ClientFile;
  private boots = 0;
  /** By observer and stream: how far it has seen. */
  private reached = new Map<string, number>();
  /** What the app shows: it keeps that over the death of its process. */
  folds: Folds;
  private readonly newUuid: () => Uint8Array;
  /** Sends that its store has, as the SDK says (SND7). */
  private readonly queued = new Set<string>();
  /** Its clock is wrong by so much. */
  private readonly skewMs: number;
  /** Why the SDK gave up. */
  problem: string | undefined;

  constructor(private readonly parts: DeviceParts, readonly owner: DeviceOwner, private readonly store: DeviceStore, private readonly dice: Dice) {
    const { name, app, user } = owner;
    const entry: ClientEntry = { k: 'client', client: name, app, user, outbox: name };
    this.file = parts.chronicle.client(entry);
    this.recorder = new Recorder(this.file.write, name);
    this.skewMs = Math.round(dice.between(-300_000, 300_000));
    this.newUuid = createUuid7({ now: parts.now, fill: (bytes) => dice.fill(bytes) });
    this.folds = new Folds(user, parts.mutation.forgetsFact);
  }

  get up(): boolean {
    return this.client !== undefined;
  }

  /** Its connection stands, and is not half open: its SDK may not know yet. */
  get connected(): boolean {
    return this.client?.status.state === 'connected' && this.wire?.open === true;
  }

  get pending(): number {
    return this.client?.pending ?? 0;
  }

  get unacked(): number {
    return this.recorder.unacked.length;
  }

  get idle(): boolean {
    return this.consumption?.idle ?? true;
  }

  get sdk(): Client {
    if (!this.client) throw new Error('the device is off');
    return this.client;
  }

  /** How far its observer has come in a stream; undefined when it has seen nothing of it. */
  reachedIn(stream: string): number | undefined {
    return this.reached.get(`${this.observer} ${stream}`);
  }

  start(): void {
    const { scheduler, network, mutation, now } = this.parts;
    const { owner, dice } = this;
    const life = new Life(scheduler, `${owner.name} ${this.boots += 1}`);
    this.life = life;
    if (this.boots > 1) {
      this.file.restart();
      this.forgetLost();
    }
    const store = this.store.open(life);
    const client = connect({
      url: 'http://node', app: owner.publicKey, follow: owner.follow, store: mutation.deviceStore?.(store) ?? store, token: () => life.keep(owner.token()),
      runtime: {
        now: () => now() + this.skewMs,
        after: (ms, callback) => life.after(ms, 'timer', callback),
        fill: (bytes) => dice.fill(bytes),
        fraction: () => dice.fraction(),
        openSocket: (url, protocols) => {
          const { socket, wire } = network.connect(url, protocols, owner.user);
          this.wire = wire;
          return socket;
        },
        onWake: (callback) => {
          this.wake = callback;
          return () => undefined;
        },
      },
    });
    this.client = client;
    this.listen(life, client);
    if (owner.kind === 'consumer') void this.consume(life, client);
    else {
      client.on('fact', (fact) => this.see(fact));
      client.on('skipped', (range) => this.skip(range));
    }
  }

  /** The app's process is killed. */
  kill(): void {
    this.life?.end();
    this.store.crash();
    this.wire?.clientDied();
    this.client = undefined;
    this.consumption = undefined;
    this.wake = undefined;
    this.recorder.lost('the process was killed');
  }

  /** The page comes to the front, or the network is said to be back. */
  wakeUp(): void {
    this.wake?.();
  }

  say(conversation: string, text: string): void {
    const message = this.sdk.conversations.open(conversation).send(text);
    this.recorder.invokeSend(message.clientId, conversation, text, {});
    // What is refused comes as an event.
    message.queued.then(() => this.queued.add(message.clientId), () => undefined);
    message.sent.catch(() => undefined);
  }

  /** Does a command of the operation table. */
  command(id: OperationId, input: Input): void {
    const clientId = uuidText(this.newUuid());
    this.recorder.invoke(clientId, notedAs(id), conversationOf(input));
    // Which commands there are, the table says; what is refused comes as an event.
    this.sdk.command(id as 'messages.send', input as OperationInput<'messages.send'>, { clientId }).catch(() => undefined);
  }

  /** Asks for what an operation reads. */
  async ask<Id extends OperationId>(id: Id, input: Input): Promise<OperationOutput<Id>> {
    const output = await this.sdk.call(id as 'messages.list', input as OperationInput<'messages.list'>) as OperationOutput<Id>;
    this.owner.told(id, output);
    return output;
  }

  /** Reads what it has not read. @param store as it stands, where nothing moves any more */
  async unread({ calls }: MemoryStore): Promise<void> {
    const { app, user } = this.owner;
    const { items } = await this.ask('inbox.list', { user_id: 'me', limit: 100, archived: 'included', include_hidden: true });
    for (const one of items) {
      const { marks } = await this.sdk.conversations.open(one.id).marks();
      for (const mark of marks) this.recorder.mark(mark);
    }
    for (const one of items) this.recorder.unread(one.id, user, one.membership?.unread ?? 0, one.head_seq);
    const own = calls.head(app, user)?.headSeq ?? 0;
    for (const { message, unread } of (await this.ask('threads.list', { user_id: 'me', limit: 100 })).items) {
      this.recorder.unreadReplies(message.conversation_id, user, message.seq, unread, calls.head(app, message.conversation_id)?.headSeq ?? 0, own);
    }
  }

  /** It has drained its streams up to these. */
  end(heads: ReadonlyMap<string, number>): void {
    for (const [stream, seq] of heads) if (this.reachedIn(stream) !== undefined) this.recorder.end(this.observer, stream, seq);
  }

  private get observer(): string {
    return this.owner.kind === 'consumer' ? OBSERVER : `view-${this.boots}`;
  }

  private listen(life: Life, client: Client): void {
    client.on('committed', ({ command, result }) => {
      if (life.alive) this.acked(command, result);
    });
    client.on('failed', ({ command, error }) => {
      if (life.alive) this.recorder.fail(command.clientId, error.code);
    });
    client.on('mark', (mark) => {
      if (life.alive) this.recorder.mark(mark);
    });
    client.on('resync', ({ stream }) => {
      if (life.alive) this.resync(stream);
    });
    client.on('error', (error) => {
      this.problem = `${error.code}: ${error.message}`;
    });
    let connected = false;
    let before = false;
    client.on('status', (status) => {
      if (!life.alive) return;
      if (connected && status.state !== 'connected') this.recorder.lost(status.state);
      connected = status.state === 'connected';
      if (status.state === 'closed') this.signedOut(life, status.reason);
      // Without a place in the old log there is nothing to begin anew, and nothing is told.
      if (connected && (this.reached.size === 0 || (this.owner.kind === 'view' && !before))) this.enter();
      before ||= connected;
    });
  }

  /** RES6: what the server will not have any more ends; the app signs its user in again. */
  private signedOut(life: Life, reason: string): void {
    if (reason !== 'revoked') this.problem = `closed: ${reason}`;
    else {
      life.after(this.dice.between(10, 500), 'signs in again', () => {
        this.kill();
        this.start();
      });
    }
  }

  private acked(command: { readonly clientId: string; readonly kind: string; readonly op?: string }, { conversationId, seq, duplicate, held, output }: Answered): void {
    // SND1: what waits has no seq in its conversation; it has one in the stream of its sender.
    const waits = held && parsePlaceId('held', 'user', held.id);
    const stream = waits?.stream ?? (typeof output?.['stream'] === 'string' ? output['stream'] : conversationId);
    this.recorder.ack(command.clientId, { conversationId, stream, seq: waits?.seq ?? seq, duplicate });
    if (command.op !== undefined && output) this.owner.told(command.op as OperationId, output);
  }

  private async consume(life: Life, client: Client): Promise<void> {
    const { dice } = this;
    this.consumption = await client.consume(OBSERVER, async (fact) => {
      const { era } = this.file;
      if (dice.chance(0.5)) await life.sleep(dice.between(0, 30), 'handler');
      if (dice.chance(0.02)) throw new Error('the handler fails now and then');
      // It began with a fact of the log before, and ends in the history of this one.
      if (era === this.file.era) this.see(fact);
    }, { from: 'start', attemptsMax: 50, onSkipped: (range) => this.skip(range) });
  }

  private see(fact: Fact): void {
    const joins = fact.type === 'member.joined' && fact.body['user_id'] === this.owner.user;
    this.begin(fact.stream, fact.seq - 1, joins);
    this.recorder.fact(this.observer, fact);
    this.folds.take(fact);
    this.parts.watch.folded.add(fact.type);
    this.reach(fact.stream, fact.seq);
  }

  private skip(range: Skipped): void {
    this.begin(range.stream, range.fromSeq - 1);
    this.recorder.skipped(this.observer, range);
    this.folds.skip(range);
    this.reach(range.stream, range.toSeq);
  }

  /** A consumer begins with the first fact, or where its user joins; who only looks, with what comes first. */
  private begin(stream: string, afterSeq: number, joins = false): void {
    if (this.reachedIn(stream) !== undefined) return;
    this.recorder.observe(this.observer, stream, this.owner.kind === 'consumer' && !joins ? 0 : afterSeq);
  }

  private reach(stream: string, seq: number): void {
    this.reached.set(`${this.observer} ${stream}`, Math.max(seq, this.reachedIn(stream) ?? 0));
  }

  /** RES5: the log is another one. */
  private resync(stream: string): void {
    if (stream === '') this.enter();
    else this.problem = `resync of ${stream}`;
  }

  /** What a node has sent before its store was replaced may still arrive: its log is the one of its time. */
  private enter(): void {
    const entered = this.file.enter(this.parts.chronicle.at(this.wire?.acceptedMs ?? 0), () => {
      for (const clientId of this.recorder.unacked) this.recorder.again(clientId);
    });
    if (!entered) return;
    this.reached = new Map();
    this.folds = new Folds(this.owner.user, this.parts.mutation.forgetsFact);
  }

  /** SND7: what no store had when the process died was never sent. */
  private forgetLost(): void {
    const kept = new Set(this.store.rows('outbox').map(([, value]) => (JSON.parse(value) as { clientId: string }).clientId));
    for (const clientId of this.recorder.unacked) {
      if (kept.has(clientId)) continue;
      if (this.queued.has(clientId)) this.parts.watch.breach('SND7', `${this.owner.name} had queued ${clientId}, and its store has it no more`);
      this.recorder.fail(clientId, 'never_queued');
    }
  }
}
