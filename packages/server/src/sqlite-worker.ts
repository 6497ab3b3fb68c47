/** The database threads' own main: gives the SQLite driver the rules of the domain. */
import { parentPort, workerData } from 'node:worker_threads';
import { decide } from './domain/decide.js';
import { decideMark } from './domain/receipts/apply-mark.js';
import type { WorkerOptions } from './storage/sqlite/messages.js';
import { runWorker } from './storage/sqlite/worker.js';

if (!parentPort) throw new Error('this file runs as a worker thread');
runWorker(parentPort, workerData as WorkerOptions, { decide, decideMark });
