/** A server, a proxy before it, and clients in processes of their own that are at work all the while. */
import { openHistory, type HistoryWriter } from '@talaria/checker';
import { dumpLogs, Fleet, makeStage, until, type AppStage, type FleetState, type Heads } from '@talaria/probe';
import { startProxy, startServer, talariaBinary, type Proxy, type Scene, type ServerProcess, type Target } from '@talaria/probe/harness';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Backing, Way } from './backing.js';
import { sleep } from './clock.js';
import type { RigOptions } from './rig-options.js';
import type { Topology } from './topology.js';

/** Rate limits would hide what a fault does; a short heartbeat finds dead peers while one looks. */
const FLAGS = ['user', 'conversation', 'app', 'address'].flatMap((name) => [`--limit-${name}-per-s`, '0']);
const HEARTBEAT = ['--heartbeat-ms', '1000'];
/** What was on its way when the server was stopped arrives within this time. */
const SETTLE_MS = 150;
const HIT_MS = 20_000;
const BACK_MS = 120_000;
const LOOK_MS = 100;

export class Rig {
  /** Commands that were not acked at each fault. */
  readonly inFlight: number[] = [];
  stages: readonly AppStage[] = [];
  private faults: HistoryWriter;
  private readonly fleet: Fleet;
  private readonly nodes: (ServerProcess | undefined)[] = [];
  /** Which node is broken next. */
  private victim = 0;
  private mainProxy: Proxy | undefined;
  private otherProxy: Proxy | undefined;

  private constructor(readonly options: RigOptions, private data: string) {
    this.faults = openHistory(options.historyDir, 'faults');
    const { scene, durableClients } = options;
    this.fleet = new Fleet({ ...options, register: scene.register, storeDir: durableClients ? join(scene.directory, 'stores') : undefined });
  }

  /** Resolves when every client is connected. */
  static async open(options: RigOptions): Promise<Rig> {
    const rig = new Rig(options, options.data);
    await rig.enter();
    return rig;
  }

  /** The one that is broken, or that was last. */
  get server(): ServerProcess {
    const server = this.nodes[this.victim];
    if (server === undefined) throw new Error('there is no server');
    return server;
  }

  /** All that run. */
  get servers(): readonly ServerProcess[] {
    return this.nodes.filter((node) => node?.alive === true) as ServerProcess[];
  }

  get topology(): Topology {
    return this.options.backing ? 'cluster' : 'single';
  }

  get backing(): Backing {
    if (!this.options.backing) throw new Error('this is no cluster');
    return this.options.backing;
  }

  /** The number of the one that is broken, or that was last. */
  get broken(): number {
    return this.victim;
  }

  /** The way of the node that is broken to what all share. */
  get way(): Way {
    return this.backing.ways[this.victim]!;
  }

  get proxy(): Proxy {
    return this.mainProxy!;
  }

  /** Of the last process, where it has one. */
  get slowProxy(): Proxy {
    return this.otherProxy!;
  }

  /** The server's data directory as it is now. */
  get dataDirectory(): string {
    return this.data;
  }

  get scene(): Scene {
    return this.options.scene;
  }

  show(text: string): void {
    this.options.show(text);
  }

  work(): void {
    this.fleet.work();
  }

  pause(): void {
    this.fleet.pause();
  }

  /** All clients as they are now. */
  state(): Promise<FleetState> {
    return this.fleet.state();
  }

  statesByProcess(): Promise<FleetState[]> {
    return this.fleet.statesByProcess();
  }

  /**
   * Injects a fault while commands are on their way: the server is stopped, so that no more of them can be answered, they are
   * counted, and then it happens. A server that is to go on afterwards goes on. In a cluster all nodes are stopped for the
   * counting, and one of them, any one, while it happens.
   *
   * @param act the server is stopped while it runs @param node which one @throws Error when nothing is on its way for a long time
   */
  async inject(name: string, act: () => void | Promise<void>, node = Math.floor(Math.random() * this.nodes.length)): Promise<void> {
    this.victim = node;
    const server = this.server;
    let inFlight = 0;
    const hit = await until(async () => {
      for (const one of this.servers) one.freeze();
      await sleep(SETTLE_MS);
      inFlight = (await this.state()).pending;
      if (inFlight === 0) for (const one of this.servers) one.thaw();
      return inFlight > 0;
    }, HIT_MS);
    for (const one of this.servers) if (one !== server) one.thaw();
    if (!hit) throw new Error(`nothing was on its way when ${name} was to happen`);
    this.faults.write({ k: 'fault', name, in_flight: inFlight });
    this.inFlight.push(inFlight);
    await act();
    if (server.alive) server.thaw();
  }

  /** Kills the server; clients are refused until it is there again, or come to other nodes. */
  async kill(): Promise<void> {
    this.leadToOthers();
    await this.server.kill();
    if (this.nodes.length === 1) for (const proxy of this.proxies()) proxy.cut();
  }

  /** Tells the server to end in order (CLU4). Resolves when it has. */
  async terminate(): Promise<void> {
    this.leadToOthers();
    await this.server.terminate();
  }

  /** Kills all nodes; clients are refused until they are there again. */
  async killAll(): Promise<void> {
    this.leadTo([]);
    await Promise.all(this.servers.map((one) => one.kill()));
    for (const proxy of this.proxies()) proxy.cut();
  }

  /** Starts all nodes again. @throws Error with the last words of one */
  async restartAll(): Promise<void> {
    for (const at of this.nodes.keys()) this.nodes[at] = await this.openServer(at);
    this.leadToAll();
  }

  /** Starts a server in the place of the one before. @param data where its data are now @throws Error with its last words */
  async restart(data = this.data): Promise<void> {
    await this.openAlone(data);
    this.leadToAll();
  }

  /** Others go on while one is broken. @returns how many more commands were acked within that time */
  async othersGoOn(within_ms: number): Promise<number> {
    const before = (await this.state()).acked;
    await sleep(within_ms);
    return (await this.state()).acked - before;
  }

  /** Starts a server that no client is led to. @throws Error with its last words */
  async openAlone(data: string): Promise<void> {
    this.data = data;
    this.nodes[this.victim] = await this.openServer(this.victim);
  }

  /** Waits until every client is connected, and new commands are acked. @returns how long it took, in ms @throws Error when it does not come about */
  async goesOn(doing = 'waiting until all clients are back'): Promise<number> {
    const startedMs = performance.now();
    let before: number | undefined;
    const back = await until(async () => {
      const { connected, probes, acked, pending } = await this.state();
      this.show(`${doing}: ${connected} of ${probes} connected, ${acked} acked, ${pending} pending`);
      if (connected < probes) return false;
      before ??= acked;
      if (acked > before) return true;
      await sleep(LOOK_MS);
      return false;
    }, BACK_MS);
    if (!back) throw new Error(`gave up ${doing} after ${BACK_MS / 1_000} s`);
    return performance.now() - startedMs;
  }

  /** Nobody does anything more, and everything is answered. @throws Error when it does not come about */
  async quiet(): Promise<void> {
    this.pause();
    const answered = await until(async () => {
      const { pending } = await this.state();
      this.show(`waiting for the last answers: ${pending} pending`);
      if (pending > 0) await sleep(LOOK_MS);
      return pending === 0;
    }, BACK_MS);
    if (!answered) throw new Error(`commands were not answered within ${BACK_MS / 1_000} s`);
  }

  /** The clients go on in another history. Call it when all is quiet. */
  async turn(historyDir: string): Promise<void> {
    this.faults.close();
    this.faults = openHistory(historyDir, 'faults');
    await this.fleet.turn(historyDir);
  }

  /** Writes the log to a history, as it is now. @returns by the name of each client, up to where it is to see it */
  dumpLogs(historyDir: string): Promise<Record<string, Heads>> {
    return dumpLogs(this.server.url, this.stages, historyDir);
  }

  /** Everything is seen up to the end of the log, or is missing in the histories. @returns problems that clients report */
  async finish(historyDir: string): Promise<string[]> {
    const problems = await this.fleet.finish(await this.dumpLogs(historyDir));
    this.faults.close();
    return problems;
  }

  private async enter(): Promise<void> {
    const { options } = this;
    const { scene } = options;
    mkdirSync(options.historyDir, { recursive: true });
    this.show('starting the server');
    // The first alone: it makes the admin key.
    this.nodes[0] = await this.openServer(0);
    const { url, adminKey } = this.server;
    for (let at = 1; at < (options.backing?.ways.length ?? 1); at += 1) this.nodes[at] = await this.openServer(at);
    this.mainProxy = await startProxy(placeOf(this.server));
    scene.onClose(() => this.proxy.close());
    if (options.ownProxy) {
      this.otherProxy = await startProxy(placeOf(this.server));
      scene.onClose(() => this.slowProxy.close());
    }
    this.leadToAll();
    this.show(`making ${options.users + 2} users`);
    this.stages = [
      await makeStage({ url, adminKey, name: 'a', users: options.users, conversations: options.conversations }),
      await makeStage({ url, adminKey, name: 'b', users: 2, conversations: [[0, 1]] }),
    ];
    this.show(`connecting ${options.users + 2} clients`);
    const last = options.processes - 1;
    await this.fleet.connect(this.stages, (at) => `http://127.0.0.1:${(at === last && this.otherProxy ? this.otherProxy : this.proxy).port}`);
  }

  private openServer(at: number): Promise<ServerProcess> {
    const { scene, flags, env, backing } = this.options;
    const seats = [this.options.seat?.(at) ?? {}, backing?.ways[at]?.seat ?? {}];
    const through = seats.flatMap((seat) => seat.through ?? []);
    return startServer({
      binary: talariaBinary(import.meta.url), directory: scene.directory, data: at === 0 ? this.data : `${this.data}-${at + 1}`, register: scene.register,
      env: Object.assign({ ...env }, ...seats.map((seat) => seat.env), backing ? { TALARIA_SECRET: backing.secret } : {}) as NodeJS.ProcessEnv, through,
      // The last of a flag counts.
      flags: [...FLAGS, ...(flags.includes('--heartbeat-ms') ? [] : HEARTBEAT), ...flags, ...seats.flatMap((seat) => seat.flags ?? [])],
    });
  }

  private proxies(): Proxy[] {
    return [this.mainProxy, this.otherProxy].filter((proxy) => proxy !== undefined);
  }

  private leadToAll(): void {
    this.leadTo(this.servers);
  }

  private leadToOthers(): void {
    this.leadTo(this.servers.filter((one) => one !== this.server));
  }

  private leadTo(servers: readonly ServerProcess[]): void {
    for (const proxy of this.proxies()) proxy.leadTo(servers.length === 0 ? undefined : servers.map(placeOf), 'refuse');
  }
}

const placeOf = ({ host, port }: ServerProcess): Target => ({ host, port });
