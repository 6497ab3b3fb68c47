// Notes an input as the real one does, and dies of it: of memory, or of an error, as the seed says.
import { writeFileSync } from 'node:fs';

process.once('message', ({ seed, note }) => {
  writeFileSync(note, '1000008 17'.padEnd(32));
  if (seed === 6) setImmediate(() => { throw new Error('nobody caught this'); });
  else {
    const kept = [];
    for (;;) kept.push(Array.from({ length: 1_000_000 }, (_, at) => at + 0.5));
  }
});
