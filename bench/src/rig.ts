/** A subject and its load, as processes. */
import { cpuUs, memoryBytes } from '@talaria/probe/harness';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.js';
import { sleep, wallMs } from './clock.js';
import { directoryBytes } from './directory-bytes.js';
import type { LoadAnswer, LoadOrder, MeasureOrder, ResultOf } from './load.js';
import type { Places, ServiceName, Services, Stored } from './services.js';
import { steadyPort } from './steady-port.js';
import type { Home, Stage, Started, SubjectAnswer, SubjectName, SubjectOrder, Target } from './subject.js';
import { programs } from './subjects/programs.js';

export interface Measured<Order extends MeasureOrder> {
  readonly result: ResultOf<Order>;
  /** While it counted. */
  readonly server_cpu_us: number;
  readonly load_cpu_us: number;
  /** Of what runs beside the server. */
  readonly services_cpu_us: ReturnType<Services['cpuUs']>;
}

/** Runs something with a rig, and ends the rig's processes whatever comes of it. */
export async function withRig<T>(subject: SubjectName, services: Services, use: (rig: Rig) => Promise<T>): Promise<T> {
  const rig = new Rig(subject, services);
  const clear = (): void => {
    rig.kill();
    rig.removeData();
  };
  process.once('exit', clear);
  try {
    const found = await use(rig);
    await rig.stop();
    return found;
  } finally {
    rig.kill();
    await rig.ended();
    process.off('exit', clear);
    clear();
  }
}

export class Rig {
  /** The server's data, which outlive its processes, and go with the rig. */
  private readonly directory: string;
  private server: Child<SubjectOrder, SubjectAnswer>;
  /** More nodes of the same cluster. */
  private readonly others: Child<SubjectOrder, SubjectAnswer>[] = [];
  /** The processes that serve, as far as they are not the children themselves. */
  private readonly serving = new Map<Child<SubjectOrder, SubjectAnswer>, number>();
  private load: Child<LoadOrder, LoadAnswer>;
  private prepared: { readonly target: Target; readonly home: Home } | undefined;
  /** Of server processes that were killed. */
  private spentUs = 0;

  constructor(readonly subject: SubjectName, private readonly services: Services) {
    this.directory = mkdtempSync(join(process.env['TALARIA_BENCH_DIRECTORY'] ?? tmpdir(), `${subject}-bench-`));
    this.server = this.newServer();
    this.load = this.newLoad();
  }

  /** Where clients connect. */
  get target(): Target {
    return this.left().target;
  }

  /** Directory of the server's data. */
  get data(): string {
    return this.directory;
  }

  /** @param nodes more than one for a subject that can be a cluster */
  async prepare(stage: Stage, nodes = 1): Promise<void> {
    const services = await this.services.placesOf(programs[this.subject].needs);
    const home = { directory: this.directory, port: await steadyPort(), services };
    this.server.tell({ kind: 'prepare', stage, home });
    const { target, pid } = await this.server.next('ready');
    this.serving.set(this.server, pid);
    const ports = [...target.ports];
    for (let node = 2; node <= nodes; node += 1) ports.push(await this.addNode(target, join(this.directory, `node-${node}`), services));
    this.prepared = { target: { ...target, ports }, home };
  }

  /** After a stop: a new server process on the same data, and a new load program. @returns how long the server took until it was ready, without its process */
  async startAgain(): Promise<number> {
    const { start_ms } = await this.serverAgain();
    this.load = this.newLoad();
    return start_ms;
  }

  /** Kills the server and starts another in its place; its clients are left to themselves. @returns when the one was killed and the other ready, by `wallMs` */
  async restartServer(): Promise<{ readonly killed_at_ms: number; readonly ready_at_ms: number }> {
    this.spentUs += cpuUs(this.server.pid);
    const killed_at_ms = wallMs();
    this.server.kill();
    await this.server.end();
    const { ready_at_ms } = await this.serverAgain();
    return { killed_at_ms, ready_at_ms };
  }

  /** Size of the server's data on disk. After a stop there is nothing beside them. */
  dataBytes(): number {
    return directoryBytes(this.directory);
  }

  /** What the subject's Postgres has of it. */
  stored(): Promise<Stored> {
    return this.services.stored(this.left().home.services.postgres!);
  }

  async connect(from: number, to: number): Promise<void> {
    this.load.tell({ kind: 'connect', target: this.target, from, to });
    await this.load.next('connected');
  }

  /** The same with clients that cost the load program little. */
  async connectBursts(from: number, to: number): Promise<void> {
    this.load.tell({ kind: 'connect_bursts', target: this.target, from, to });
    await this.load.next('connected');
  }

  /** Ends all connections at once, as when a network is gone. */
  async hangUp(): Promise<void> {
    this.load.tell({ kind: 'hang_up' });
    await this.load.next('hung_up');
  }

  /** CPU time of the server so far, of all its nodes. */
  serverCpuUs(): number {
    return this.cpu().server;
  }

  /** @param meanwhile what is done to the server while it is measured */
  async measure<Order extends MeasureOrder>(order: Order, meanwhile?: () => Promise<void>): Promise<Measured<Order>> {
    this.load.tell(order);
    await this.load.next('begins');
    const before = this.cpu();
    const [{ result }] = await Promise.all([this.load.next('ended'), meanwhile?.()]);
    const after = this.cpu();
    const beside = Object.entries(after.services).map(([name, us]) => [name, us - (before.services[name as ServiceName] ?? 0)] as const);
    return { result: result as ResultOf<Order>, server_cpu_us: after.server - before.server, load_cpu_us: after.load - before.load, services_cpu_us: Object.fromEntries(beside) };
  }

  /** The server's memory after it has thrown away what it does not need. */
  async serverMemory(): Promise<number> {
    for (let round = 0; round < 3; round += 1) {
      this.server.tell({ kind: 'collect_garbage' });
      await this.server.next('collected');
      await sleep(300);
    }
    return memoryBytes(this.server.pid);
  }

  /** The server's memory as it is. */
  memoryNow(): number {
    return memoryBytes(this.server.pid);
  }

  async stop(): Promise<void> {
    this.load.tell({ kind: 'close' });
    await this.load.next('closed');
    for (const server of [this.server, ...this.others]) server.tell({ kind: 'stop' });
    await this.ended();
  }

  /** Waits for the end of all processes. */
  async ended(): Promise<void> {
    await Promise.all([this.load, this.server, ...this.others].map((child) => child.end()));
  }

  kill(): void {
    for (const child of [this.load, this.server, ...this.others]) child.kill();
  }

  removeData(): void {
    // A process that is just being killed may still write.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  private left(): { readonly target: Target; readonly home: Home } {
    if (!this.prepared) throw new Error('prepare first');
    return this.prepared;
  }

  /** A new server process on the data and the port of the one before. */
  private async serverAgain(): Promise<Started> {
    this.server = this.newServer();
    this.server.tell({ kind: 'start_again', ...this.left() });
    return (await this.server.next('ready')).started;
  }

  /** One more node on what the first one has prepared. @returns its port */
  private async addNode(target: Target, directory: string, services: Places): Promise<number> {
    mkdirSync(directory);
    const node = this.newServer();
    this.others.push(node);
    const port = await steadyPort();
    node.tell({ kind: 'start_again', target, home: { directory, port, services } });
    await node.next('ready');
    return port;
  }

  private newServer(): Child<SubjectOrder, SubjectAnswer> {
    const { file, args } = programs[this.subject];
    return new Child(new URL(`./subjects/${file}`, import.meta.url), args);
  }

  private newLoad(): Child<LoadOrder, LoadAnswer> {
    return new Child(new URL('./load.js', import.meta.url));
  }

  private cpu(): { server: number; load: number; services: ReturnType<Services['cpuUs']> } {
    const servers = [this.server, ...this.others].map((child) => cpuUs(this.serving.get(child) ?? child.pid));
    return { server: servers.reduce((sum, us) => sum + us, this.spentUs), load: cpuUs(this.load.pid), services: this.services.cpuUs() };
  }
}
