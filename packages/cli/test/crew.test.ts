/** What keeps workers alive, without processes and on a clock that the test moves. */
import { describe, expect, it } from 'vitest';
import { startCrew, StartFailed, type Crew, type CrewParts, type WorkerEvents } from '../src/workers/crew.js';
import type { ToWorker } from '../src/workers/messages.js';
import { restartDelayMs } from '../src/workers/restart-delay.js';

interface Fake {
  readonly events: WorkerEvents;
  readonly told: ToWorker[];
  killed: boolean;
}

const listening = { kind: 'listening', url: 'u', transport: 'uws', node: 'n', adminKey: undefined, dashboardLink: undefined } as const;
const report = { code: 'port_in_use', message: 'port 1 is in use', remediation: '', exit: 1 } as const;

/** @param listens what becomes of a worker that is told to start */
function stage(workers: number, listens: (fake: Fake, worker: number) => void = (fake) => fake.events.listening(listening)) {
  const forks: Fake[] = [];
  const lines: { event: string; [field: string]: unknown }[] = [];
  let nowMs = 0;
  const timers: { atMs: number; callback: () => void; over: boolean }[] = [];
  const log = {
    debug: () => undefined, info: () => undefined, error: () => undefined, with: () => log,
    warn: (event: string, fields = {}) => void lines.push({ event, ...fields }),
  };
  const parts: CrewParts = {
    workers, log,
    fork(events) {
      const fake: Fake = { events, told: [], killed: false };
      forks.push(fake);
      return {
        pid: forks.length,
        send(message) {
          fake.told.push(message);
          if (message.kind === 'start') queueMicrotask(() => listens(fake, message.worker));
        },
        kill: () => void (fake.killed = true),
      };
    },
    start: (worker, first) => ({ kind: 'start', worker, values: {} as never, entries: [], adminKey: first ? { another: false } : undefined }),
    after(ms, callback) {
      const timer = { atMs: nowMs + ms, callback, over: false };
      timers.push(timer);
      return () => void (timer.over = true);
    },
    monotonic: () => nowMs, fraction: () => 0.5,
  };
  const advance = async (ms: number): Promise<void> => {
    nowMs += ms;
    for (const timer of timers) {
      if (timer.over || timer.atMs > nowMs) continue;
      timer.over = true;
      timer.callback();
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { parts, forks, lines, advance };
}

const numbers = (crew: Crew): readonly number[] => crew.list().map(({ worker }) => worker);

describe('a crew', () => {
  it('starts the first alone, which makes what is made once, and then the others', async () => {
    const release: (() => void)[] = [];
    const { parts, forks } = stage(3, (fake) => void release.push(() => fake.events.listening(listening)));
    const crew = startCrew(parts);
    await new Promise((resolve) => setImmediate(resolve));
    expect(forks).toHaveLength(1);
    expect(forks[0]!.told).toMatchObject([{ kind: 'start', worker: 1, adminKey: { another: false } }]);
    release[0]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(forks.map(({ told }) => told[0])).toMatchObject([{ worker: 1 }, { worker: 2, adminKey: undefined }, { worker: 3, adminKey: undefined }]);
    for (const each of release.slice(1)) each();
    expect(numbers(await crew)).toEqual([1, 2, 3]);
  });

  it('tells why one did not start, and stops the others first', async () => {
    const { parts, forks } = stage(2, (fake, worker) => {
      if (worker === 1) fake.events.listening(listening);
      else {
        fake.events.failed(report);
        fake.events.ended(1, null);
        setImmediate(() => forks[0]!.events.ended(1, null));
      }
    });
    const failed = startCrew(parts);
    await expect(failed).rejects.toBeInstanceOf(StartFailed);
    await expect(failed).rejects.toMatchObject({ report });
    expect(forks[0]!.told.at(-1)).toEqual({ kind: 'stop' });
  });

  it('starts whoever dies again, later with each failure in a row, and at first again when one has lasted', async () => {
    const { parts, forks, lines, advance } = stage(2);
    const crew = await startCrew(parts);
    const delays: unknown[] = [];
    for (let death = 0; death < 8; death += 1) {
      forks.at(-1)!.events.ended(null, 'SIGKILL');
      const delayMs = Number(lines.at(-1)!['again_in_ms']);
      delays.push(delayMs);
      expect(numbers(crew)).toEqual([1]);
      await advance(delayMs - 1);
      expect(numbers(crew)).toEqual([1]);
      await advance(1);
      expect(numbers(crew)).toEqual([1, 2]);
      expect(forks.at(-1)!.told).toMatchObject([{ kind: 'start', worker: 2, adminKey: undefined }]);
    }
    expect(delays).toEqual([188, 375, 750, 1_500, 3_000, 6_000, 7_500, 7_500]);
    await advance(30_000);
    forks.at(-1)!.events.ended(0, null);
    expect(lines.at(-1)).toMatchObject({ event: 'worker.ended', worker: 2, again_in_ms: 188 });
  });

  it('[CLU4] drains all, waits for nobody who is not there, and tells by its code whether all went in order', async () => {
    for (const code of [0, 1] as const) {
      const { parts, forks, advance } = stage(3);
      const crew = await startCrew(parts);
      forks[1]!.events.ended(null, 'SIGKILL');
      const drained = crew.drain();
      expect([forks[0]!.told.at(-1), forks[2]!.told.at(-1)]).toEqual([{ kind: 'drain' }, { kind: 'drain' }]);
      forks[0]!.events.ended(0, null);
      forks[2]!.events.ended(code, null);
      expect(await drained).toBe(code);
      await advance(60_000);
      expect(forks).toHaveLength(3);
    }
  });

  it('kills whoever does not stop at once', async () => {
    const { parts, forks, advance } = stage(2);
    const crew = await startCrew(parts);
    const stopped = crew.stop();
    forks[0]!.events.ended(1, null);
    await advance(2_000);
    expect(forks.map(({ killed }) => killed)).toEqual([false, true]);
    forks[1]!.events.ended(null, 'SIGKILL');
    await stopped;
  });
});

it('a worker waits for half of a bound up to all of it, at most 10 s', () => {
  expect([1, 2, 3].map((failures) => restartDelayMs(failures, 0))).toEqual([125, 250, 500]);
  expect(restartDelayMs(1_000, 0.999999)).toBe(10_000);
});
