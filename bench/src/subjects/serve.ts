/** The frame of a server process: prepares when it is told to, and says where it listens. */
import type { Stage, SubjectAnswer, SubjectOrder, Target } from '../subject.js';

export interface Served {
  readonly target: Target;
  stop(): Promise<void>;
}

export function serve(start: (stage: Stage) => Promise<Served>): void {
  let served: Served | undefined;
  const tell = (answer: SubjectAnswer): void => void process.send?.(answer);
  const obey = async (order: SubjectOrder): Promise<void> => {
    switch (order.kind) {
      case 'prepare':
        served = await start(order.stage);
        tell({ kind: 'ready', target: served.target });
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
