/** A node's process: the real server, on a simulated disk, clock, bus and network. */
import { errorInfo, ProtocolError } from '@talaria/protocol';
import { createServerCodec } from '@talaria/protocol/codec';
import {
  assemble, createLocalBus, createMaintenance, createMetrics, defaultFeedBounds, defaultGatewayBounds, serveMemory, silentLog,
  type AppendOutcome, type BatchOutcome, type Bus, type Clock, type Command, type CommitBatch, type HttpRequest, type HttpResponse, type MemoryStore, type RunningServer, type Storage,
} from '@talaria/server/internals';
import type { BusHub } from './bus-hub.js';
import type { Dice } from './dice.js';
import type { Disk } from './disk.js';
import { Life } from './life.js';
import type { Mutation } from './mutation.js';
import type { Network } from './network.js';
import { createNodeTransport, type NodePort } from './node-port.js';
import type { Scheduler } from './scheduler.js';
import type { Watch } from './watch.js';

/** Where a process can be made to die while it does something. */
export type Failpoint = 'before_commit' | 'after_commit' | 'before_announce' | 'before_ack';

export interface NodeParts {
  /** Its number in the cluster. */
  readonly at: number;
  /** Undefined for the only node: its bus is a call. */
  readonly hub: BusHub | undefined;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly disk: Disk;
  readonly network: Network;
  readonly mutation: Mutation;
  readonly watch: Watch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const LOST_NODE_MS = 2_000;
const START_AGAIN_MS = 300;
const UNAVAILABLE: BatchOutcome = { ok: false, refusal: { code: 'unavailable', message: 'The database does not answer.', retryAfterMs: 100 } };
const OFF = { per_s: 0, burst: 1 };
const SECRET = new Uint8Array(32).fill(7);
/** Small bounds, so that a short run comes to all of them. */
const GATEWAY = {
  ...defaultGatewayBounds, heartbeat_ms: 5_000, high_water_bytes: 4_096, low_water_bytes: 1_024, catch_up_page: 6, catch_up_chars: 2_048, catch_up_page_far: 12, catch_up_chars_far: 4_096,
};
const FEED = { ...defaultFeedBounds, ring: { facts_max: 12, bytes_max: 65_536 }, idle_ms: 4_000, recent_max: 24, page: 7, sweep_page: 9 };

export class SimNode {
  private life: Life | undefined;
  private port: NodePort | undefined;
  private server: RunningServer | undefined;
  private storage: Storage | undefined;
  private bus: Bus | undefined;
  private armed: Failpoint | undefined;
  private boots = 0;
  /** How much of what is said on the bus is lost, comes twice, or comes late, of a hundred. */
  busTroublePct = 0;
  /** A commit takes so long, in ms, and now and then longer. */
  private stallUntilMs = 0;
  /** Until then the database does not answer this node, or answers without having been asked to the end. */
  private failsUntilMs = 0;
  /** Transactions that have begun and not ended. */
  private readonly open = new Map<number, MemoryStore>();

  constructor(private readonly parts: NodeParts) {}

  get up(): boolean {
    return this.server !== undefined;
  }

  get running(): RunningServer {
    if (!this.server) throw new Error('the node is down');
    return this.server;
  }

  /** A process that cannot reach its database ends, and is started again. */
  async start(): Promise<void> {
    while (!this.up) {
      try {
        await this.boot();
      } catch {
        this.crash();
        await this.parts.scheduler.sleep(START_AGAIN_MS, 'starts again');
      }
    }
  }

  private async boot(): Promise<void> {
    const { at, hub, scheduler, dice, disk, network, mutation } = this.parts;
    const life = new Life(scheduler, `node ${at === 0 ? '' : `${at}.`}${this.boots += 1}`);
    this.life = life;
    const storage = this.slow(life, serveMemory(disk.store, { around: (commit) => this.commit(life, commit) }));
    this.storage = mutation.storage?.(storage) ?? storage;
    const bus = this.unreliable(life, hub?.join(at, life) ?? createLocalBus());
    this.bus = mutation.bus?.(bus) ?? bus;
    const server = await life.keep(assemble({
      storage: this.storage, bus: this.bus, codecs: [createServerCodec()],
      startTransport: createNodeTransport(life, this, mutation, (port) => {
        if (!life.alive) return;
        this.port = port ?? this.port;
        network.leadTo(at, port);
      }),
      clock: this.clock(life), random: dice, log: silentLog(), metrics: createMetrics(), secret: SECRET, host: '127.0.0.1', port: 0, trustProxy: [],
      passwordHash: { hash: () => Promise.reject(new Error('nobody has a password here')), verify: () => Promise.resolve(false) },
      issuerFetch: () => Promise.reject(new Error('nobody is asked for keys here')),
      limitRates: { user: OFF, conversation: OFF, app: OFF }, addressRate: OFF, version: 'simulated', search: false, gatewayBounds: GATEWAY, feedBounds: FEED,
    }));
    this.server = server;
  }

  /** The process dies here and now. */
  crash(): void {
    if (!this.life?.alive) return;
    const { at, dice, disk, network, mutation } = this.parts;
    this.life.end();
    this.server = undefined;
    this.armed = undefined;
    // The database notices only after a while that a node has died.
    for (const [transaction, store] of this.open) this.parts.scheduler.after(dice.between(0, LOST_NODE_MS), 'ends what a lost node began', () => store.end(transaction));
    this.open.clear();
    network.leadTo(at, undefined);
    this.port?.die(() => dice.chance(0.7));
    this.port = undefined;
    mutation.crashed?.(disk);
  }

  /** The process will die when it comes to that place. */
  arm(failpoint: Failpoint): void {
    this.armed = failpoint;
  }

  /** CLU4: as SIGTERM does. */
  async drain(window_ms: number): Promise<void> {
    const { life, server } = this;
    if (!server || !life) return;
    await life.keep(server.drain(window_ms));
    life.end();
    this.server = undefined;
    this.port = undefined;
    this.parts.network.leadTo(this.parts.at, undefined);
  }

  /** Commits wait until then. */
  stallDisk(ms: number): void {
    this.stallUntilMs = this.parts.scheduler.nowMs + ms;
  }

  /** The database fails this node for a while. */
  failStore(ms: number): void {
    this.failsUntilMs = this.parts.scheduler.nowMs + ms;
  }

  private get fails(): boolean {
    return this.failsUntilMs > this.parts.scheduler.nowMs;
  }

  /** What the maintenance worker does now and then. */
  async maintain(): Promise<void> {
    if (!this.storage || !this.bus || !this.life?.alive) return;
    await this.life.keep(createMaintenance(this.storage, this.bus, this.clock(this.life), silentLog()).turn());
  }

  /** An ack is about to leave. @returns whether the process died of it */
  acking(): boolean {
    return this.dieAt('before_ack');
  }

  http(request: Omit<HttpRequest, 'address'>): Promise<HttpResponse> | undefined {
    return this.life?.alive && this.port && this.server ? this.life.keep(this.port.http(request)) : undefined;
  }

  private dieAt(place: Failpoint): boolean {
    if (this.armed !== place) return false;
    this.crash();
    return true;
  }

  private clock(life: Life): Clock {
    const { scheduler, now } = this.parts;
    return {
      now, monotonic: () => scheduler.nowMs,
      after: (ms, callback) => life.after(ms, 'timer', callback),
      every: (ms, callback) => life.every(ms, 'tick', callback),
    };
  }

  private commit(life: Life, commit: CommitBatch): CommitBatch {
    const { scheduler, dice, disk, mutation } = this.parts;
    return async (batch) => {
      const facts = batch.some(({ kind }) => kind === 'command');
      const { store } = disk;
      const transaction = this.parts.hub && this.begin(store);
      await life.sleep(Math.max(dice.between(0, 3), this.stallUntilMs - scheduler.nowMs), 'begin');
      if (facts && this.dieAt('before_commit')) return life.keep(new Promise(() => undefined));
      // Whether it was committed, only the keys tell: the answer is the same.
      const [lost, unknown] = this.fails ? [true, dice.chance(0.5)] : [false, false];
      mutation.committing?.(disk);
      const outcomes = lost && !unknown ? [] : await commit(batch, transaction);
      if (transaction !== undefined) this.endOf(transaction, store);
      if (lost) return batch.map(() => UNAVAILABLE);
      if (facts && this.dieAt('after_commit')) return life.keep(new Promise(() => undefined));
      await life.sleep(dice.between(0, 12), 'committed');
      return outcomes;
    };
  }

  private endOf(transaction: number, store: MemoryStore): void {
    store.end(transaction);
    this.open.delete(transaction);
  }

  /** A database that nodes share: a transaction has its place from when it begins, and is open until it ends. */
  private begin(store: MemoryStore): number {
    const transaction = store.begin();
    if (this.parts.mutation.looseHorizon) store.end(transaction);
    this.open.set(transaction, store);
    return transaction;
  }

  /** Reads take their time, before they look and after. */
  private slow(life: Life, storage: Storage): Storage {
    const { dice } = this.parts;
    // When users were last connected, and what operators are told, is of no rule, and changes nothing of when other things happen.
    const at_once = new Set(['append', 'mark', 'addSeen', 'full', 'ready', 'consumers', 'bytes', 'commits', 'driver', 'stop']);
    const slowly = (call: (...args: unknown[]) => Promise<unknown>) => async (...args: unknown[]): Promise<unknown> => {
      await life.sleep(dice.between(0, 2), 'read');
      if (this.fails) throw new ProtocolError('unavailable');
      const value = await life.keep(call(...args));
      await life.sleep(dice.between(0, 4), 'has read');
      return value;
    };
    const calls = Object.entries(storage).map(([name, call]) => [name, at_once.has(name) ? call : slowly(call as (...args: unknown[]) => Promise<unknown>)] as const);
    return { ...Object.fromEntries<unknown>(calls) as unknown as Storage, append: (command, lane) => this.noted(command, storage.append(command, lane)) };
  }

  private async noted(command: Command, appending: Promise<AppendOutcome>): Promise<AppendOutcome> {
    const outcome = await appending;
    if (!outcome.ok && !errorInfo(outcome.refusal.code).retryable) this.parts.watch.refusedFinally(command.clientId);
    return outcome;
  }

  /** CLU2: the bus only wakes up. */
  private unreliable(life: Life, bus: Bus): Bus {
    const { dice } = this.parts;
    return {
      ...bus,
      publish: (message) => {
        if (!life.alive || (message.kind === 'facts' && this.dieAt('before_announce'))) return;
        const trouble = message.kind === 'facts' || message.kind === 'mark' || message.kind === 'signal';
        if (!trouble || !dice.chance(this.busTroublePct / 100)) {
          bus.publish(message);
          return;
        }
        const kind = dice.below(3);
        if (kind === 1) bus.publish(message);
        if (kind >= 1) life.after(dice.between(0, 800), 'late news', () => bus.publish(message));
      },
    };
  }
}
