/** The frame of a server process: prepares when it is told to, and says where it listens. */
import type { Stage, SubjectAnswer, SubjectOrder, Target } from '../subject.js';

export interface Served {
  readonly target: Target;
  /** From the call that starts the server until it is ready; 0 where nobody asks. */
  readonly start_ms?: number;
  stop(): Promise<void>;
}

/** @param again starts on what an earlier process has left in the directory, for subjects that can */
export function serve(start: (stage: Stage, directory: string) => Promise<Served>, again?: (target: Target, directory: string) => Promise<Served>): void {
  let served: Served | undefined;
  const tell = (answer: SubjectAnswer): void => void process.send?.(answer);
  const ready = ({ target, start_ms = 0 }: Served): void => tell({ kind: 'ready', target, start_ms });
  const obey = async (order: SubjectOrder): Promise<void> => {
    switch (order.kind) {
      case 'prepare':
        served = await start(order.stage, order.directory);
        ready(served);
        return;
      case 'start_again':
        if (!again) throw new Error('this subject does not start again');
        served = await again(order.target, order.directory);
        ready(served);
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
