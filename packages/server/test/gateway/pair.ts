import type { App, World } from './world.js';

export type TestUser = Awaited<ReturnType<World['user']>>;

/** Two users and the group that the first of them made for both. */
export interface Pair {
  readonly app: App;
  readonly alice: TestUser;
  readonly bob: TestUser;
  readonly group: string;
}

export async function createPair(world: World): Promise<Pair> {
  const app = await world.app();
  const [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
  const { conversation_id: group } = await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id] });
  return { app, alice, bob, group };
}
