// A database thread like the product's own, on a stage: its clock goes one second forward each time it is asked, some
// commands go wrong (staged-rules.mjs), and it can be told to die, by a file beside the database.
import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { decide } from '../../dist/domain/decide.js';
import { decideMark } from '../../dist/domain/receipts/apply-mark.js';
import { runWorker } from '../../dist/storage/sqlite/worker.js';
import { stagedClock, stagedRules } from './staged-rules.mjs';

const orders = `${workerData.path}.die`;
const clock = stagedClock();
Date.now = clock.now;

/** Each order is carried out once: the thread that is started next finds no file. */
function die(when) {
  if (!existsSync(orders) || readFileSync(orders, 'utf8') !== when) return;
  unlinkSync(orders);
  process.exit(1);
}

const rules = stagedRules({ decide, decideMark }, clock);
const port = {
  on: (event, listener) => parentPort.on(event, (request) => {
    if (request.kind === 'call') die('before call');
    listener(request);
  }),
  postMessage(response) {
    if (response.kind === 'batch') die('after commit');
    parentPort.postMessage(response);
  },
  close: () => parentPort.close(),
};
runWorker(port, workerData, {
  decideMark: rules.decideMark,
  decide(work, command) {
    const outcome = rules.decide(work, command);
    die('before commit');
    return outcome;
  },
});
