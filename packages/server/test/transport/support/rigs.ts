import { afterEach } from 'vitest';
import type { StartTransport } from '../../../src/gateway/transport-port.js';
import { RawClient } from './raw-client.js';
import { startRig, type Rig, type RigOptions } from './rig.js';
import { Client } from './ws-client.js';

export interface Rigs {
  start(options?: RigOptions): Promise<Rig>;
  /** A WebSocket of the `ws` package, open. */
  connect(rig: Rig, subprotocols?: readonly string[]): Promise<Client>;
  /** A bare TCP connection. */
  raw(rig: Rig): RawClient;
}

/** Rigs and clients that are ended after the test that made them. */
export function useRigs(start: StartTransport): Rigs {
  const rigs: Rig[] = [];
  const clients: { end(): void }[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end();
    for (const rig of rigs.splice(0)) await rig.transport.close();
  });
  return {
    async start(options) {
      const rig = await startRig(start, options);
      rigs.push(rig);
      return rig;
    },
    async connect(rig, subprotocols = []) {
      const client = new Client(`ws://127.0.0.1:${rig.port}/`, subprotocols);
      clients.push(client);
      await client.opened;
      return client;
    },
    raw(rig) {
      const client = new RawClient(rig.port);
      clients.push(client);
      return client;
    },
  };
}
