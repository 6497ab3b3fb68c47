/** The database threads' own main: gives the SQLite driver the rules of the domain. */
import { decide } from './domain/decide.js';
import { decideMark } from './domain/receipts/apply-mark.js';
import { openWorkerPort } from './storage/sqlite/worker-port.js';
import { runWorker } from './storage/sqlite/worker.js';

const { port, options } = openWorkerPort();
runWorker(port, options, { decide, decideMark });
