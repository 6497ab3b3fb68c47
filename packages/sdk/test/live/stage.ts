/** Clients on a real server, whose own clocks the test moves. */
import type { Client } from '../../src/client.js';
import { live, type Live } from '../../src/live/index.js';
import { nodeSocket, setStage, type Stage } from '../client/stage.js';
import { manualRuntime, type ManualRuntime } from '../manual-runtime.js';

export interface Person {
  readonly client: Client;
  readonly live: Live;
  readonly runtime: ManualRuntime;
  readonly id: string;
}

export interface LiveStage extends Stage {
  /** A connected user. */
  person(externalId: string): Promise<Person>;
}

export async function setLiveStage(): Promise<LiveStage> {
  const stage = await setStage();
  return {
    ...stage,
    async person(externalId) {
      const runtime: ManualRuntime = { ...manualRuntime(), openSocket: nodeSocket };
      const client = stage.client(externalId, { runtime });
      await client.ready();
      return { client, live: live(client), runtime, id: client.userId };
    },
  };
}
