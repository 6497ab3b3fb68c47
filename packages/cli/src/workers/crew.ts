/** Keeps a number of workers alive until they are told to stop. Knows processes as ports only. */
import type { Log } from '@talaria/server';
import type { ErrorReport } from '../errors.js';
import type { Listening, ToWorker } from './messages.js';
import { restartDelayMs } from './restart-delay.js';

export interface WorkerProcess {
  readonly pid: number;
  send(message: ToWorker): void;
  kill(): void;
}

export interface WorkerEvents {
  listening(message: Listening): void;
  failed(report: ErrorReport): void;
  /** Once, and last. The code is null when a signal ended it. */
  ended(code: number | null, signal: string | null): void;
}

export interface CrewParts {
  readonly workers: number;
  fork(events: WorkerEvents): WorkerProcess;
  /** What a worker is told to begin with. @param first whether none has ever listened */
  start(worker: number, first: boolean): ToWorker;
  after(ms: number, callback: () => void): () => void;
  monotonic(): number;
  /** From 0 up to but without 1. */
  fraction(): number;
  readonly log: Log;
}

export interface LivingWorker extends Listening {
  readonly worker: number;
  readonly pid: number;
}

export interface Crew {
  /** Those that listen now. */
  list(): readonly LivingWorker[];
  /** CLU4: resolves when all have ended. @returns 0 when all did so in order, else 1 */
  drain(): Promise<0 | 1>;
  stop(): Promise<void>;
}

/** One that has listened for so long has not failed. */
const PROVEN_MS = 30_000;
/** Behind this, whoever was told to stop at once is killed. */
const KILL_MS = 2_000;

type Slot =
  | { readonly kind: 'starting'; readonly process: WorkerProcess }
  | { readonly kind: 'listening'; readonly process: WorkerProcess; readonly sinceMs: number; readonly as: Listening }
  | { readonly kind: 'waiting'; readonly cancel: () => void }
  | { readonly kind: 'ended' };

/**
 * Starts one worker, which makes what is made once, and then the others. Whoever dies later is started again, after a time that
 * grows with each failure in a row.
 *
 * @throws StartFailed when one of them does not get to listen; the others have been stopped then
 */
export async function startCrew(parts: CrewParts): Promise<Crew> {
  const crew = new StartingCrew(parts);
  try {
    await crew.first(1);
    await Promise.all(Array.from({ length: parts.workers - 1 }, (_, at) => crew.first(at + 2)));
    return crew;
  } catch (error) {
    await crew.stop();
    throw error;
  }
}

/** A worker did not start. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';

  constructor(readonly report: ErrorReport) {
    super(report.message);
  }
}

class StartingCrew implements Crew {
  private readonly slots = new Map<number, Slot>();
  private readonly failures = new Map<number, number>();
  private state: 'running' | 'draining' | 'stopping' = 'running';
  private code: 0 | 1 = 0;
  private readonly idle: (() => void)[] = [];

  constructor(private readonly parts: CrewParts) {}

  first(worker: number): Promise<void> {
    return new Promise((resolve, reject) => this.fork(worker, worker === 1, { resolve, reject }));
  }

  list(): readonly LivingWorker[] {
    return [...this.slots].sort(([left], [right]) => left - right)
      .flatMap(([worker, slot]) => (slot.kind === 'listening' ? [{ ...slot.as, worker, pid: slot.process.pid }] : []));
  }

  async drain(): Promise<0 | 1> {
    this.state = 'draining';
    this.tellAll('drain');
    await this.allEnded();
    return this.code;
  }

  async stop(): Promise<void> {
    this.state = 'stopping';
    this.tellAll('stop');
    const cancel = this.parts.after(KILL_MS, () => {
      for (const slot of this.slots.values()) if (slot.kind === 'starting' || slot.kind === 'listening') slot.process.kill();
    });
    await this.allEnded();
    cancel();
  }

  /** @param begun how the first start is told of; a later one has nobody who waits */
  private fork(worker: number, first: boolean, begun?: { resolve(): void; reject(error: Error): void }): void {
    const { parts } = this;
    let report: ErrorReport | undefined;
    let waiting = begun;
    const process = parts.fork({
      listening: (as) => {
        if (this.state === 'running') this.slots.set(worker, { kind: 'listening', process, sinceMs: parts.monotonic(), as });
        waiting?.resolve();
        waiting = undefined;
      },
      failed: (told) => {
        report = told;
      },
      ended: (code, signal) => {
        const failed = report ?? { code: 'start_failed', message: `worker ${worker} ended before it listened (${signal ?? code})`, remediation: 'Run talaria doctor.', exit: 1 as const };
        if (waiting) {
          this.settle(worker, { kind: 'ended' });
          waiting.reject(new StartFailed(failed));
        } else this.ended(worker, code, signal, report);
      },
    });
    this.slots.set(worker, { kind: 'starting', process });
    process.send(parts.start(worker, first));
  }

  private ended(worker: number, code: number | null, signal: string | null, report: ErrorReport | undefined): void {
    const { parts } = this;
    if (this.state !== 'running') {
      if (code !== 0) this.code = 1;
      if (code !== 0) parts.log.warn('worker.ended', { worker, code, signal });
      this.settle(worker, { kind: 'ended' });
      return;
    }
    const before = this.slots.get(worker);
    const proven = before?.kind === 'listening' && parts.monotonic() - before.sinceMs >= PROVEN_MS;
    const failures = proven ? 1 : (this.failures.get(worker) ?? 0) + 1;
    this.failures.set(worker, failures);
    const delayMs = restartDelayMs(failures, parts.fraction());
    parts.log.warn('worker.ended', { worker, code, signal, reason: report?.message, again_in_ms: delayMs });
    this.slots.set(worker, { kind: 'waiting', cancel: parts.after(delayMs, () => this.fork(worker, false)) });
  }

  private tellAll(kind: 'drain' | 'stop'): void {
    for (const [worker, slot] of this.slots) {
      if (slot.kind === 'waiting') {
        slot.cancel();
        this.settle(worker, { kind: 'ended' });
      } else if (slot.kind !== 'ended') slot.process.send({ kind });
    }
  }

  private settle(worker: number, slot: Slot): void {
    this.slots.set(worker, slot);
    if (this.over()) for (const resolve of this.idle.splice(0)) resolve();
  }

  private over(): boolean {
    return [...this.slots.values()].every(({ kind }) => kind === 'ended');
  }

  private allEnded(): Promise<void> {
    return this.over() ? Promise.resolve() : new Promise((resolve) => void this.idle.push(resolve));
  }
}
