/** The frame of a server process: prepares when it is told to, and says where it listens. */
import { wallMs } from '../clock.js';
import type { Home, Stage, SubjectAnswer, SubjectOrder, Target } from '../subject.js';

export interface Served {
  readonly target: Target;
  /** From the call that starts the server until it is ready; left out where nobody asks. */
  readonly start_ms?: number;
  /** Of the process that serves, when it is not this one. */
  readonly pid?: number;
  stop(): Promise<void>;
}

export interface Program {
  start(stage: Stage, home: Home): Promise<Served>;
  /** Starts on what an earlier process has left; for subjects that can. */
  startAgain?(target: Target, home: Home): Promise<Served>;
}

export function serve({ start, startAgain }: Program): void {
  let served: Served | undefined;
  const tell = (answer: SubjectAnswer): void => void process.send?.(answer);
  const ready = (now: Served): void => {
    served = now;
    tell({ kind: 'ready', target: now.target, started: { start_ms: now.start_ms ?? 0, ready_at_ms: wallMs() }, pid: now.pid ?? process.pid });
  };
  const obey = async (order: SubjectOrder): Promise<void> => {
    switch (order.kind) {
      case 'prepare': ready(await start(order.stage, order.home)); return;
      case 'start_again':
        if (!startAgain) throw new Error('this subject does not start again');
        ready(await startAgain(order.target, order.home));
        return;
      case 'collect_garbage':
        globalThis.gc?.();
        tell({ kind: 'collected' });
        return;
      case 'stop':
        await served?.stop();
        process.disconnect();
    }
  };
  // Whoever gives the orders has gone.
  process.once('disconnect', () => process.exit());
  process.on('message', (order: SubjectOrder) => {
    obey(order).catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  });
}

/** Rooms by client, from clients by room. */
export function followsOf({ clients, rooms }: Stage): number[][] {
  const follows: number[][] = Array.from({ length: clients }, () => []);
  for (const [room, members] of rooms.entries()) for (const member of members) follows[member]!.push(room);
  return follows;
}
