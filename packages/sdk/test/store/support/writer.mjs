// Writes transactions to a file store until it is killed, and says which of them were answered. Usage: writer.mjs PATH FIRST
import { writeSync } from 'node:fs';
import { fileStore } from '@talaria/sdk';

const [path, first] = process.argv.slice(2);
const store = fileStore(path, { slack_bytes: 20_000 });
await store.load('meta');

const filler = 'x'.repeat(200);
const WINDOW = 8;

/** Each transaction is two rows, and takes an earlier pair away, so that the file has something to compact. */
async function run(lane) {
  for (let number = Number(first) + lane; ; number += WINDOW) {
    const changes = [
      { table: 'outbox', key: String(number), value: `${number} ${filler}` },
      { table: 'cursors', key: String(number), value: `${number} ${filler}` },
    ];
    const old = number - 20 * WINDOW;
    if (old >= Number(first)) changes.push({ table: 'outbox', key: String(old), value: null }, { table: 'cursors', key: String(old), value: null });
    await store.write(changes);
    writeSync(1, `${number}\n`);
  }
}

await Promise.all(Array.from({ length: WINDOW }, (_, lane) => run(lane)));
