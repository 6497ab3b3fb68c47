/** A subject and its load, as processes. */
import { Child } from './child.js';
import type { LoadAnswer, LoadOrder, MeasureOrder } from './load.js';
import type { LoadResult } from './meter.js';
import { cpuUs, memoryBytes } from './process-use.js';
import type { Stage, SubjectAnswer, SubjectName, SubjectOrder, Target } from './subject.js';

const programs: Readonly<Record<SubjectName, readonly [file: string, ...args: string[]]>> = {
  talaria: ['./subjects/talaria.js'], 'raw-uws': ['./subjects/raw-uws.js'], socketio: ['./subjects/socketio.js'],
  'socketio-csr': ['./subjects/socketio.js', '--csr'], 'socketio-sqlite': ['./subjects/socketio.js', '--sqlite'],
};

export interface Measured {
  readonly result: LoadResult;
  /** While it counted. */
  readonly server_cpu_us: number;
  readonly load_cpu_us: number;
}

/** Runs something with a rig, and ends the rig's processes whatever comes of it. */
export async function withRig<T>(subject: SubjectName, use: (rig: Rig) => Promise<T>): Promise<T> {
  const rig = new Rig(subject);
  try {
    const found = await use(rig);
    await rig.stop();
    return found;
  } finally {
    rig.kill();
  }
}

export class Rig {
  private readonly server: Child<SubjectOrder, SubjectAnswer>;
  private readonly load: Child<LoadOrder, LoadAnswer>;
  private target: Target | undefined;

  constructor(readonly subject: SubjectName) {
    const [file, ...args] = programs[subject];
    this.server = new Child(new URL(file, import.meta.url), args);
    this.load = new Child(new URL('./load.js', import.meta.url));
  }

  async prepare(stage: Stage): Promise<void> {
    this.server.tell({ kind: 'prepare', stage });
    this.target = (await this.server.next('ready')).target;
  }

  async connect(from: number, to: number): Promise<void> {
    if (!this.target) throw new Error('prepare first');
    this.load.tell({ kind: 'connect', target: this.target, from, to });
    await this.load.next('connected');
  }

  async measure(order: MeasureOrder): Promise<Measured> {
    this.load.tell(order);
    await this.load.next('begins');
    const before = this.cpu();
    const { result } = await this.load.next('ended');
    const after = this.cpu();
    return { result, server_cpu_us: after.server - before.server, load_cpu_us: after.load - before.load };
  }

  /** The server's memory after it has thrown away what it does not need. */
  async serverMemory(): Promise<number> {
    for (let round = 0; round < 3; round += 1) {
      this.server.tell({ kind: 'collect_garbage' });
      await this.server.next('collected');
      await new Promise<void>((resolve) => void setTimeout(resolve, 300));
    }
    return memoryBytes(this.server.pid);
  }

  async stop(): Promise<void> {
    this.load.tell({ kind: 'close' });
    await this.load.next('closed');
    this.server.tell({ kind: 'stop' });
    await Promise.all([this.load.end(), this.server.end()]);
  }

  kill(): void {
    this.load.kill();
    this.server.kill();
  }

  private cpu(): { server: number; load: number } {
    return { server: cpuUs(this.server.pid), load: cpuUs(this.load.pid) };
  }
}
