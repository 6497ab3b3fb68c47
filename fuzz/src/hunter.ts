/** The process that attacks one target. Its heap is bounded, so that an allocation without a bound ends it and is found. */
import { openSync, writeSync } from 'node:fs';
import { hunt } from './hunt.js';
import type { Answer, Order } from './messages.js';
import { targetOf } from './targets/all.js';

const NOTE_CHARS = 32;

function tell(answer: Answer): Promise<void> {
  return new Promise((resolve) => void process.send?.(answer, () => resolve()));
}

process.once('message', (order: Order) => {
  const note = openSync(order.note, 'w');
  const run = hunt(targetOf(order.target), {
    inputs: order.inputs, seed: order.seed, path: order.path,
    onInput: (seed, at) => void writeSync(note, `${seed} ${at}`.padEnd(NOTE_CHARS), 0),
    onProgress: (done) => void tell({ kind: 'progress', done }),
  });
  run.then((result) => tell({ kind: 'result', result })).then(() => process.exit(0), (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
    process.exit(1);
  });
});
// Whoever started it has gone, so nobody waits for the result.
process.once('disconnect', () => process.exit(1));
