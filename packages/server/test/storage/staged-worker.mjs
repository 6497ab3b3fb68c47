// A database thread like the product's own, on a stage: its clock goes one second forward each time it is asked, some
// commands go wrong (staged-rules.mjs), and it can be told to die, by a file beside the database.
import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { decide } from '../../dist/domain/decide.js';
import { decideMark } from '../../dist/domain/receipts/apply-mark.js';
import { openWorkerPort } from '../../dist/storage/sqlite/worker-port.js';
import { runWorker } from '../../dist/storage/sqlite/worker.js';
import { stagedClock, stagedRules } from './staged-rules.mjs';

const { port, options } = openWorkerPort();
const orders = `${options.path}.die`;
const clock = stagedClock();
Date.now = clock.now;

/** Each order is carried out once: the thread that is started next finds no file. */
function die(when) {
  if (!existsSync(orders) || readFileSync(orders, 'utf8') !== when) return;
  unlinkSync(orders);
  process.exit(1);
}

const rules = stagedRules({ decide, decideMark }, clock);
const staged = {
  ...port,
  onRequest: (listener) => port.onRequest((request) => {
    if (request.kind === 'call') die('before call');
    listener(request);
  }),
  answer(response) {
    if (response.kind === 'batches') die('after commit');
    port.answer(response);
  },
};
runWorker(staged, options, {
  decideMark: rules.decideMark,
  decide(work, command) {
    const outcome = rules.decide(work, command);
    die('before commit');
    return outcome;
  },
});
