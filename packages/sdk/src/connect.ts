import { Client } from './client.js';
import { Core } from './core.js';
import type { ConnectOptions } from './options.js';
import { defaultRuntime, type Runtime } from './runtime.js';

/** How an entry opens a socket when the app brings no runtime. */
export type OpenSocket = Runtime['openSocket'];

/** @returns a client that connects, and stays connected, by itself */
export function connectWith(openSocket: OpenSocket, options: ConnectOptions): Client {
  const core = new Core(options, options.runtime ?? defaultRuntime(openSocket));
  const client = new Client(core);
  void core.start();
  return client;
}
