/** What a client is made of, wired together. The public classes are thin views of it. */
import { createUuid7, laneOf, uuidText, type DownFrame, type Head, type Presence, type UpInput, type Welcome } from '@talaria/protocol';
import { createClientCodec } from '@talaria/protocol/codec';
import { Calls } from './calls.js';
import { Connection, defaultConnectionBounds, socketUrl } from './connection/connection.js';
import type { ServerInfo, Status } from './connection/state.js';
import { Consumer, type ConsumerOptions, type CursorStore, type StepHandler } from './consume/consumer.js';
import type { Consumption } from './consume/consumption.js';
import { Emitter } from './emitter.js';
import { asStoreError, TalariaError } from './errors.js';
import { limits } from './limits.js';
import { MarkRegisters, type MarkEvent, type MarkPage, type VersionedMark } from './mark-registers.js';
import { Marks } from './marks.js';
import type { UserCommand } from './operations.js';
import type { ConnectOptions } from './options.js';
import { fits } from './outbox/check.js';
import type { Answered, Committed, OutboxCommand } from './outbox/entry.js';
import { defaultOutboxBounds, Outbox } from './outbox/outbox.js';
import type { Runtime } from './runtime.js';
import { memoryStore } from './store/memory.js';
import type { Store } from './store/port.js';
import { endOf, isSkipped, type Fact, type Skipped, type Step } from './streams/fact.js';
import { Tracker, type Position } from './streams/tracker.js';

export interface SignalEvent {
  /** The conversation; or the user's own stream, when it is for this user alone. */
  readonly stream: string;
  /** Who sent it; empty for the backend itself. */
  readonly userId: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly lifetimeMs: number;
}

/** What a client tells: `client.on(name, listener)`. */
export interface CoreEvents {
  status: Status;
  fact: Fact;
  skipped: Skipped;
  mark: MarkEvent;
  signal: SignalEvent;
  /** @internal for `@talaria/sdk/live` */
  presence: Presence;
  /** A conversation that is not followed has moved. */
  head: { readonly conversationId: string; readonly seq: number };
  /** The log is another one than before (a back-up was restored): views must be read anew (RES5). */
  resync: { readonly stream: string };
  /** A command was finally refused, by the server or by the outbox, which did not take it (SND6). */
  failed: { readonly command: OutboxCommand; readonly error: TalariaError };
  committed: { readonly command: OutboxCommand; readonly result: Committed };
  /** @internal for `@talaria/sdk/views`: what waits in the outbox for a conversation, or was refused there, has changed. */
  pending: string;
  /** Something went wrong that no promise reports. */
  error: TalariaError;
}

const VERSION = '0.1.0';
/** How long `close` waits for handlers that run. */
const HANDLERS_WAIT_MS = 5_000;

export class Core {
  readonly events = new Emitter<CoreEvents>();
  readonly runtime: Runtime;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly calls: Calls;
  readonly tracker: Tracker;
  status: Status = { state: 'connecting' };
  /** Whether it sends what the outbox holds. */
  private leads = false;
  /** The user has turned away from this device. */
  away = false;
  info: ServerInfo | undefined;
  private readonly connection: Connection;
  private readonly consumers = new Map<string, Consumer>();
  /** Names of consumers, from before their cursors are loaded. */
  private readonly consumerNames = new Set<string>();
  /** Consumers that were stopped, by name, until their handlers have ended. */
  private readonly leaving = new Map<string, Promise<void>>();
  private closing: Promise<void> | undefined;
  private readonly newUuid: () => Uint8Array;
  private deviceId = '';
  /** The user whose outbox the store holds. */
  private owner: string | undefined;
  /** The server's clock less ours: client ids carry the server's time, so that a wrong clock here does not spoil them. */
  private skewMs = 0;
  private firstHeads = true;
  /** Up to where observers have been shown each stream. */
  private readonly shown = new Map<string, number>();
  private readonly marks: Marks;
  private readonly registers: MarkRegisters;

  constructor(private readonly options: ConnectOptions, runtime: Runtime) {
    this.runtime = runtime;
    this.store = options.store ?? memoryStore();
    this.newUuid = createUuid7({ now: () => this.now(), fill: (bytes) => this.runtime.fill(bytes) });
    const send = (frame: UpInput): boolean => this.connection.send(frame);
    this.outbox = new Outbox(this.store, runtime, {
      send,
      refused: (command, error) => {
        this.store.shared?.settled(command.clientId, error);
        this.events.emit('failed', { command, error });
      },
      committed: (command, result) => {
        this.store.shared?.settled(command.clientId, result);
        this.events.emit('committed', { command, result });
      },
      changed: (stream) => this.events.emit('pending', stream),
    }, defaultOutboxBounds);
    this.marks = new Marks(send);
    this.registers = new MarkRegisters({
      list: (conversationId, after) => this.listMarks(conversationId, after),
      opened: (conversationId) => this.tracker.opened(conversationId),
      moved: (mark) => this.events.emit('mark', mark),
    });
    this.calls = new Calls(runtime, send, options.callTimeoutMs ?? 30_000);
    this.tracker = new Tracker({
      send,
      advance: (stream, steps, position) => this.advance(stream, steps, position),
      resync: (stream) => this.resync(stream),
      live: (stream, version) => this.registers.version(stream, version),
      head: (stream, position, following) => this.head(stream, position, following),
    }, runtime, { catchUpAll: () => this.consumers.size > 0 || options.catchUp === 'all', followsNew: options.follow !== 0 });
    this.connection = new Connection({
      url: socketUrl(options.url, options.app), codec: createClientCodec(), runtime, bounds: defaultConnectionBounds,
      token: (context) => (typeof options.token === 'string' ? Promise.resolve(options.token) : options.token(context)),
    }, {
      status: (status) => {
        this.status = status;
        // The server will not have this client any more: what waits will get no answer in this process.
        if (status.state === 'closed' && status.error) {
          this.outbox.end(status.error);
          this.calls.close();
        }
        this.events.emit('status', status);
      },
      hello: (token) => this.hello(token),
      welcome: (welcome) => this.welcome(welcome),
      frame: (frame) => this.receive(frame),
      lost: () => {
        this.outbox.disconnect();
        this.tracker.disconnect();
      },
    });
  }

  /** Loads what is stored, then connects. */
  async start(): Promise<void> {
    try {
      const meta = new Map(await this.store.load('meta'));
      this.deviceId = meta.get('device_id') ?? uuidText(this.newUuid());
      this.owner = meta.get('user_id');
      if (!meta.has('device_id')) await this.store.write([{ table: 'meta', key: 'device_id', value: this.deviceId }]);
      await this.outbox.load();
      this.share();
    } catch (cause) {
      const error = asStoreError('The store could not be read.', cause);
      this.outbox.end(error);
      this.connection.close(error.code, error);
      return;
    }
    if (this.status.state !== 'closed') this.connection.start();
  }

  /** SND8: where several clients have the store open, one of them sends. */
  private share(): void {
    const { outbox } = this;
    this.leads = !this.store.shared;
    this.store.shared?.join({
      lead: (leads) => {
        this.leads = leads;
        if (leads) this.connectOutbox();
        else outbox.disconnect();
      },
      adopt: (order, value) => outbox.adopt(order, value),
      settle: (clientId, answer) => outbox.settle(clientId, answer),
      abandon: (clientId) => outbox.abandon(clientId),
    });
  }

  private connectOutbox(): void {
    if (this.leads && this.connection.ready) this.outbox.connect(this.info!.in_flight_max);
  }

  /** The server's time. */
  now(): number {
    return this.runtime.now() + this.skewMs;
  }

  newClientId(): string {
    return uuidText(this.newUuid());
  }

  /** Does a command of the operation table, in its lane (SND4). @throws TalariaError */
  async command(op: UserCommand, input: object, clientId = this.newClientId()): Promise<Answered> {
    const { queued, committed } = this.outbox.add({ kind: 'call', clientId, stream: laneOf(input), op, json: JSON.stringify(input) });
    await queued;
    return committed;
  }

  /** ORD2. Resolves when the cursors are loaded; facts come from then on. @throws TalariaError already_exists, closed, store_failed, or the store's own */
  async consume(name: string, handler: StepHandler, options: ConsumerOptions, cursors?: CursorStore): Promise<Consumption> {
    if (this.consumerNames.has(name)) throw new TalariaError('already_exists', `There is a consumer ${name} already.`);
    this.consumerNames.add(name);
    let running: Consumer | undefined;
    let begun = false;
    let stopped = false;
    const end = (): void => {
      if (running) this.releaseConsumer(running);
      running = undefined;
    };
    const begin = async (): Promise<void> => {
      try {
        running = await this.startConsumer(name, handler, options, cursors);
      } catch (error) {
        if (!begun) throw error;
        if (!this.closing) this.events.emit('error', error as TalariaError);
      }
      if (stopped) end();
    };
    let leave: () => void = () => undefined;
    try {
      if (this.store.shared) leave = await this.store.shared.stand(`consumer ${name}`, begin, end);
      else await begin();
      begun = true;
    } catch (error) {
      this.consumerNames.delete(name);
      throw error;
    }
    return {
      stop: () => {
        stopped = true;
        end();
        this.consumerNames.delete(name);
        // Not before its last cursor is written.
        void (this.leaving.get(name) ?? Promise.resolve()).then(leave);
      },
      get idle() {
        return running?.idle ?? true;
      },
      get active() {
        return running !== undefined;
      },
    };
  }

  private async startConsumer(name: string, handler: StepHandler, options: ConsumerOptions, cursors: CursorStore | undefined): Promise<Consumer> {
    const consumer = new Consumer(name, handler, options, this.store, this.runtime, {
      failed: (stream, error) => this.events.emit('error', new TalariaError(error.code, `${error.message} Stream ${stream} has stopped.`, { cause: error, remediation: error.remediation })),
      overflow: (stream, position) => this.tracker.rewind(stream, position),
    }, cursors);
    // The one before may still be at its last fact; its cursor counts (ORD2).
    await this.leaving.get(name);
    const { epoch, positions } = await consumer.load().catch((cause: unknown) => {
      throw asStoreError('The cursors could not be read.', cause);
    });
    if (this.closing) throw new TalariaError('closed', 'The client was closed.');
    // Not before its cursors are known: it would begin anew, above them.
    this.consumers.set(name, consumer);
    this.placeConsumer(consumer, epoch, positions);
    return consumer;
  }

  /** @throws TalariaError */
  async listMarks(conversationId: string, after: number, limit?: number, signal?: AbortSignal): Promise<MarkPage> {
    const page = await this.calls.call<{ items: { user_id: string; delivered_seq: number; read_seq: number; version: number }[]; version: number; more: boolean }>(
      'marks.list', { conversation_id: conversationId, after_version: after, limit }, signal,
    );
    const marks = page.items.map((item) => ({ conversationId, userId: item.user_id, deliveredSeq: item.delivered_seq, readSeq: item.read_seq, version: item.version }));
    for (const mark of marks) this.registers.asked(mark);
    return { marks, version: page.version, more: page.more };
  }

  private placeConsumer(consumer: Consumer, epoch: string, positions: ReadonlyMap<string, Position>): void {
    if (epoch !== '' && this.tracker.storeEpoch === '') this.tracker.restoreEpoch(epoch);
    for (const [stream, position] of positions) {
      const current = this.tracker.position(stream);
      if (current && this.connection.ready && current.seq > position.seq) this.tracker.rewind(stream, position);
      else this.tracker.restore(stream, position);
    }
    for (const stream of this.tracker.streams) this.consumerHead(consumer, stream, this.tracker.position(stream)!);
  }

  /** Moves the user's marks forward: now, and again after a reconnect until the server has shown them. */
  mark(conversationId: string, deliveredSeq: number, readSeq: number): void {
    this.marks.move(conversationId, deliveredSeq, readSeq);
  }

  private releaseConsumer(consumer: Consumer): void {
    const { name } = consumer;
    if (this.consumers.get(name) !== consumer) return;
    this.consumers.delete(name);
    const left = consumer.close().finally(() => this.leaving.delete(name));
    this.leaving.set(name, left);
  }

  send(frame: UpInput): boolean {
    return this.connection.send(frame);
  }

  /** @throws TalariaError too_large: the server would end the connection */
  signal(stream: string, type: string, data: object, lifetimeMs: number): boolean {
    const json = JSON.stringify(data);
    if (!fits(json, limits.signal_bytes_max) || !fits(type, limits.signal_type_chars_max)) throw new TalariaError('too_large', 'The signal is too large.');
    return this.send({ signal: { stream, type, json, lifetime_ms: lifetimeMs } });
  }

  /** Ends the connection, then, when the handlers that run have ended or after 5 s, the store. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    for (const consumer of [...this.consumers.values()]) this.releaseConsumer(consumer);
    this.connection.close('closed by the app');
    this.outbox.close();
    this.calls.close();
    await this.handlersEnded();
    await this.store.close();
  }

  /** ORD2: a cursor must not be lost whose handler is done. A handler that hangs must not hold up the app for ever. */
  private handlersEnded(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.runtime.after(HANDLERS_WAIT_MS, resolve);
      void Promise.allSettled(this.leaving.values()).then(() => {
        cancel();
        resolve();
      });
    });
  }

  private hello(token: string): UpInput {
    const { sync_token: syncToken, cursors } = this.tracker.resume(limits.cursors_max);
    this.firstHeads = true;
    return {
      hello: {
        token, device_id: this.deviceId, agent: `talaria-sdk/${VERSION}`, sync_token: syncToken, cursors, follow_recent: this.options.follow ?? limits.follow_max, away: this.away,
      },
    };
  }

  /** @returns whether this connection is used */
  private welcome(welcome: Welcome): boolean {
    if (!this.sameOwner(welcome.user_id)) return false;
    this.info = welcome;
    this.skewMs = welcome.time_ms - this.runtime.now();
    if (!this.tracker.welcome(welcome)) this.resync('');
    this.connectOutbox();
    this.calls.connect();
    this.marks.connect();
    return true;
  }

  /** An outbox is never sent in another user's name. */
  private sameOwner(userId: string): boolean {
    if (this.owner === undefined) {
      this.owner = userId;
      this.store.write([{ table: 'meta', key: 'user_id', value: userId }]).catch((cause: unknown) => this.events.emit('error', asStoreError('The store could not be written.', cause)));
    }
    if (this.owner === userId) return true;
    this.connection.close('store_of_another_user', new TalariaError('store_of_another_user', 'This store belongs to another user.', { remediation: 'Give each user a store of their own.' }));
    return false;
  }

  private receive(frame: DownFrame): void {
    switch (frame.frame) {
      case 'ack': this.outbox.ack(frame.ack); return;
      case 'refusal': this.refused(frame.refusal); return;
      case 'reply': if (!this.outbox.reply(frame.reply.id, frame.reply.json)) this.calls.reply(frame.reply.id, frame.reply.json); return;
      case 'facts': this.tracker.facts(frame.facts); return;
      case 'heads':
        this.heads(frame.heads.heads, this.firstHeads);
        this.firstHeads = frame.heads.more && this.firstHeads;
        return;
      case 'mark':
        if (frame.mark.user_id === this.info?.user_id) this.marks.confirmed(frame.mark.conversation_id, frame.mark.delivered_seq, frame.mark.read_seq);
        this.registers.received(versionedMark(frame.mark));
        return;
      case 'signal': this.signalled(frame.signal); return;
      case 'presence': this.events.emit('presence', frame.presence); return;
      case 'ping':
        this.connection.send({ pong: { time_ms: frame.ping.time_ms } });
        this.heads(frame.ping.heads, false);
        this.tracker.beat();
        this.marks.again();
        if (frame.ping.sync_token && frame.ping.sync_token.length > 0) this.tracker.synced(frame.ping.sync_token);
        return;
      case 'truncated': this.tracker.truncated(frame.truncated); return;
      case 'following': this.tracker.following(frame.following); return;
      case 'welcome':
      case 'goaway':
      case 'refreshed':
    }
  }

  private heads(heads: readonly Head[], first: boolean): void {
    this.tracker.heads(heads, first);
    for (const { stream, marks_version: version } of heads) this.registers.version(stream, version);
  }

  private refused(refusal: Extract<DownFrame, { frame: 'refusal' }>['refusal']): void {
    if (refusal.client_id !== '' && this.outbox.refuse(refusal)) return;
    if (refusal.retryable && refusal.stream !== '') this.marks.later(refusal.stream);
    if (refusal.call_id !== 0) this.calls.refuse(refusal);
    else if (refusal.stream !== '') this.tracker.refused(refusal);
    // What the server could not do for the connection just now is its status, and the next attempt comes by itself.
    else if (refusal.code !== 'resync_required' && !refusal.retryable) {
      this.events.emit('error', new TalariaError(refusal.code as TalariaError['code'], refusal.message, { retryable: refusal.retryable, remediation: refusal.remediation, requestId: refusal.request_id }));
    }
  }

  private advance(stream: string, steps: readonly Step[], position: Position): void {
    for (const consumer of this.consumers.values()) consumer.take(this.tracker.storeEpoch, stream, steps, position);
    // A consumer may have asked for facts again that were shown already.
    const shown = this.shown.get(stream) ?? 0;
    this.shown.set(stream, Math.max(shown, position.seq));
    for (const step of steps) {
      if (endOf(step) <= shown) continue;
      if (isSkipped(step)) this.events.emit('skipped', step);
      else this.events.emit('fact', step);
    }
  }

  private head(stream: string, head: Position, following: boolean): void {
    for (const consumer of this.consumers.values()) this.consumerHead(consumer, stream, head);
    if (!following) {
      if (this.consumers.size > 0 && (this.tracker.position(stream)?.seq ?? 0) < head.seq) this.tracker.follow(stream, { once: true });
      this.events.emit('head', { conversationId: stream, seq: head.seq });
    }
  }

  /** A stream that a consumer has no cursor for: from here on, or from its first fact. */
  private consumerHead(consumer: Consumer, stream: string, head: Position): void {
    if (consumer.knows(stream)) return;
    if (consumer.options.from === 'start') {
      consumer.baseline(this.tracker.storeEpoch, stream, { seq: 0, check: 0 });
      this.tracker.rewind(stream, { seq: 0, check: 0 });
      return;
    }
    const position = this.tracker.position(stream) ?? head;
    consumer.baseline(this.tracker.storeEpoch, stream, position);
    this.tracker.restore(stream, position);
  }

  private resync(stream: string): void {
    for (const consumer of this.consumers.values()) void consumer.reset(stream).catch(() => undefined);
    this.marks.forget(stream);
    if (stream === '') this.shown.clear();
    else this.shown.delete(stream);
    this.registers.forget(stream);
    this.events.emit('resync', { stream });
    if (stream !== '') this.tracker.follow(stream);
  }

  private signalled(signal: Extract<DownFrame, { frame: 'signal' }>['signal']): void {
    if (signal.user_id === this.info?.user_id) return;
    this.events.emit('signal', {
      stream: signal.stream, userId: signal.user_id, type: signal.type, lifetimeMs: signal.lifetime_ms,
      data: signal.json === '' ? {} : JSON.parse(signal.json) as Record<string, unknown>,
    });
  }
}

function versionedMark(mark: Extract<DownFrame, { frame: 'mark' }>['mark']): VersionedMark {
  return { conversationId: mark.conversation_id, userId: mark.user_id, deliveredSeq: mark.delivered_seq, readSeq: mark.read_seq, version: mark.version };
}
