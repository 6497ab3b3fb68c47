/** The server's process: the real server, on a simulated disk, clock and network. */
import { errorInfo } from '@talaria/protocol';
import { createServerCodec } from '@talaria/protocol/codec';
import {
  assemble, createLocalBus, createMaintenance, createMetrics, defaultFeedBounds, defaultGatewayBounds, serveMemory, silentLog,
  type AppendOutcome, type Bus, type Clock, type Command, type CommitBatch, type HttpRequest, type HttpResponse, type RunningServer, type Storage,
} from '@talaria/server/internals';
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
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly disk: Disk;
  readonly network: Network;
  readonly mutation: Mutation;
  readonly watch: Watch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const OFF = { per_s: 0, burst: 1 };
const SECRET = new Uint8Array(32).fill(7);
/** Small bounds, so that a short run comes to all of them. */
const GATEWAY = {
  ...defaultGatewayBounds, heartbeat_ms: 5_000, high_water_bytes: 4_096, low_water_bytes: 1_024, catch_up_page: 6, catch_up_chars: 2_048, catch_up_page_far: 12, catch_up_chars_far: 4_096,
};
const FEED = { ...defaultFeedBounds, ring: { facts_max: 12, bytes_max: 65_536 }, idle_ms: 4_000, recent_max: 24, page: 7 };

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

  constructor(private readonly parts: NodeParts) {}

  get up(): boolean {
    return this.server !== undefined;
  }

  get running(): RunningServer {
    if (!this.server) throw new Error('the node is down');
    return this.server;
  }

  async start(): Promise<void> {
    const { scheduler, dice, disk, network, mutation } = this.parts;
    const life = new Life(scheduler, `node ${this.boots += 1}`);
    this.life = life;
    const storage = this.slow(life, serveMemory(disk.store, { around: (commit) => this.commit(life, commit) }));
    this.storage = mutation.storage?.(storage) ?? storage;
    const bus = this.unreliable(life, createLocalBus());
    this.bus = mutation.bus?.(bus) ?? bus;
    const server = await life.keep(assemble({
      storage: this.storage, bus: this.bus, codecs: [createServerCodec()],
      startTransport: createNodeTransport(life, mutation, (port) => {
        if (!life.alive) return;
        this.port = port ?? this.port;
        network.leadTo(port);
      }),
      clock: this.clock(life), random: dice, log: silentLog(), metrics: createMetrics(), secret: SECRET, host: '127.0.0.1', port: 0, trustProxy: [],
      limitRates: { user: OFF, conversation: OFF, app: OFF }, addressRate: OFF, version: 'simulated', gatewayBounds: GATEWAY, feedBounds: FEED,
    }));
    this.server = server;
  }

  /** The process dies here and now. */
  crash(): void {
    if (!this.life?.alive) return;
    const { dice, disk, network, mutation } = this.parts;
    this.life.end();
    this.server = undefined;
    this.armed = undefined;
    network.leadTo(undefined);
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
    this.parts.network.leadTo(undefined);
  }

  /** Commits wait until then. */
  stallDisk(ms: number): void {
    this.stallUntilMs = this.parts.scheduler.nowMs + ms;
  }

  /** What the maintenance worker does now and then. */
  async maintain(): Promise<void> {
    if (!this.storage || !this.bus || !this.life?.alive) return;
    await this.life.keep(createMaintenance(this.storage, this.bus, this.clock(this.life), silentLog()).round());
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
      await life.sleep(Math.max(dice.between(0, 3), this.stallUntilMs - scheduler.nowMs), 'begin');
      if (facts && this.dieAt('before_commit')) return life.keep(new Promise(() => undefined));
      mutation.committing?.(disk);
      const outcomes = await commit(batch);
      if (facts && this.dieAt('after_commit')) return life.keep(new Promise(() => undefined));
      await life.sleep(dice.between(0, 12), 'committed');
      return outcomes;
    };
  }

  /** Reads take their time, before they look and after. */
  private slow(life: Life, storage: Storage): Storage {
    const { dice } = this.parts;
    const at_once = new Set(['append', 'mark', 'full', 'ready', 'driver', 'stop']);
    const slowly = (call: (...args: unknown[]) => Promise<unknown>) => async (...args: unknown[]): Promise<unknown> => {
      await life.sleep(dice.between(0, 2), 'read');
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
