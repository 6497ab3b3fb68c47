/** A client process: takes orders from the demo that started it, and ends with it. */
import type { Order, Report } from './orders.js';
import { Participant } from './participant.js';

const PROGRESS_MS = 100;

let participant: Participant | undefined;

const report = (message: Report): void => void process.send?.(message);

async function obey(order: Order): Promise<void> {
  if (order.kind === 'start') {
    participant = new Participant(order.setup);
    await participant.start();
    report({ kind: 'ready' });
    return;
  }
  if (participant === undefined) throw new Error(`${order.kind} before start`);
  switch (order.kind) {
    case 'allow': participant.allow(order.pieces); return;
    case 'say': participant.say(order.text); return;
    case 'ask': report({ kind: 'state', id: order.id, state: participant.state }); return;
    case 'finish': report({ kind: 'finished', end: await participant.finish(order.headSeq) }); return;
  }
}

process.on('message', (order: Order) => {
  obey(order).catch((error: unknown) => report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }));
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the demo says when this process ends.
process.on('SIGINT', () => undefined);

setInterval(() => {
  if (participant !== undefined && process.connected) report({ kind: 'progress', state: participant.state });
}, PROGRESS_MS);
