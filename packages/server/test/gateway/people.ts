import type { TestUser } from './pair.js';
import type { App, World } from './world.js';

export const createPeople = (world: World, app: App, names: readonly string[]): Promise<TestUser[]> => Promise.all(names.map((name) => world.user(app, name)));

/** @returns the id of the conversation */
export async function createGroup(world: World, owner: TestUser, members: readonly TestUser[]): Promise<string> {
  return (await world.op(owner.caller, 'conversations.create', { kind: 'group', member_ids: members.map(({ id }) => id) })).conversation_id;
}
