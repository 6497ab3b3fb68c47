/** Reads that go to a replica while it is not too far behind, and else to the database itself. */
import { ProtocolError } from '@talaria/protocol';
import type { Clock } from '../runtime/clock.js';
import { errorFields, type Log } from '../runtime/log.js';
import { LAGGING_READS, type LaggingReads, type Storage } from './port.js';
import { ReplicaLag } from './replica-lag.js';

/** How the replica is reached. Every call ends within a few seconds, whatever the replica does. */
export interface ReplicaPort {
  readonly reads: LaggingReads;
  /** Writes this node's beat to the database itself. */
  beat(beat: number): Promise<void>;
  /** This node's last beat in the replica; null when it has none. @throws ForeignReplicaError when it is none of this database */
  seen(): Promise<number | null>;
  stop(): Promise<void>;
}

/** What the address names is no replica of the database. */
export class ForeignReplicaError extends Error {
  override readonly name = 'ForeignReplicaError';
}

/** The storage for one request that may lag. */
export interface LaggingStorage {
  readonly storage: Storage;
  /** How old what was read is at most, in ms; null when the database itself has answered everything. */
  lagMs(): number | null;
}

export interface Replica {
  readonly counts: { readonly replica: number; readonly primary: number };
  /** How far it is behind, at most, in ms; Infinity while nothing is known. */
  lagMs(): number;
  /** For one request. */
  open(): LaggingStorage;
  stop(): Promise<void>;
}

export interface ReplicaOptions {
  readonly storage: Storage;
  readonly port: ReplicaPort;
  /** Whether the app's rows stand, or may stand, in another database than the one whose replica it is. */
  readonly ofTenant?: (app: string) => boolean;
  /** What is further behind is not asked. */
  readonly lag_max_ms: number;
  readonly clock: Clock;
  readonly log: Log;
}

type State = 'unknown' | 'used' | 'lagging' | 'unreachable' | 'foreign';

/** Between two looks at the replica. */
export const LOOK_MS = 500;
/** Beats that take a moment to arrive: it is not said to lag before. */
const FIRST_BEATS = 4;

/** Begins to watch the replica at once. */
export function watchReplica({ storage, port, ofTenant = () => false, lag_max_ms, clock, log }: ReplicaOptions): Replica {
  const lag = new ReplicaLag(() => clock.monotonic());
  const counts = { replica: 0, primary: 0 };
  let state: State = 'unknown';
  let beats = 0;
  let looking = false;
  let beating = false;
  let stopped = false;

  function become(next: State, error?: unknown): void {
    if (next === state || stopped) return;
    state = next;
    const fields = { lag_ms: Number.isFinite(lag.lagMs) ? Math.ceil(lag.lagMs) : null, lag_max_ms, ...(error === undefined ? {} : errorFields(error)) };
    if (next === 'used') log.info('replica.used', fields);
    else if (next === 'foreign') log.error('replica.foreign', fields);
    else log.warn(`replica.${next}`, fields);
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const seen = await port.seen();
      if (seen !== null) lag.seen(seen);
      if (lag.lagMs <= lag_max_ms) become('used');
      else if (state !== 'unknown' || beats >= FIRST_BEATS) become('lagging');
    } catch (error) {
      become(error instanceof ForeignReplicaError ? 'foreign' : 'unreachable', error);
    } finally {
      looking = false;
    }
  }

  /** A beat that is not written is missed: the lag grows. */
  async function beat(): Promise<void> {
    if (beating) return;
    beating = true;
    beats += 1;
    lag.send(beats);
    await port.beat(beats).catch((error: unknown) => log.debug('replica.no_beat', errorFields(error)));
    beating = false;
  }

  async function tick(): Promise<void> {
    await Promise.all([look(), beat()]);
  }

  function elsewhere(name: (typeof LAGGING_READS)[number], first: unknown): boolean {
    if (name === 'tenants' || name === 'apps') return false;
    return ofTenant(typeof first === 'string' ? first : (first as { readonly app: string }).app);
  }
  const usable = (): boolean => state === 'used' && lag.lagMs <= lag_max_ms;

  function open(): LaggingStorage {
    let oldestMs: number | null = null;
    const through = (name: (typeof LAGGING_READS)[number]) => async (...args: never[]): Promise<unknown> => {
      if (usable() && !elsewhere(name, args[0])) {
        const lagMs = lag.lagMs;
        try {
          const answer = await (port.reads[name] as (...all: never[]) => Promise<unknown>)(...args);
          counts.replica += 1;
          oldestMs = Math.max(oldestMs ?? 0, lagMs);
          return answer;
        } catch (error) {
          // The next look tells whether it is there again. What is wrong with the question, the database says too.
          if (!(error instanceof ProtocolError)) become('unreachable', error);
        }
      }
      counts.primary += 1;
      return (storage[name] as (...all: never[]) => Promise<unknown>)(...args);
    };
    return { storage: { ...storage, ...Object.fromEntries(LAGGING_READS.map((name) => [name, through(name)])) }, lagMs: () => oldestMs };
  }

  const cancel = clock.every(LOOK_MS, () => void tick());
  void tick();
  return {
    counts, open,
    lagMs: () => lag.lagMs,
    async stop() {
      stopped = true;
      cancel();
      await port.stop();
    },
  };
}
