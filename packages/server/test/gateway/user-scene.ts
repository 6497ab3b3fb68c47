import type { Caller } from '../../src/domain/caller.js';
import type { App, World } from './world.js';

/** One user in one group, with tokens that hold and tokens that do not. */
export interface UserScene {
  readonly app: App;
  readonly backend: Caller;
  readonly group: string;
  /** The id of no conversation. */
  readonly absent: string;
  readonly tokens: Readonly<Record<'good' | 'bad' | 'foreign', string>>;
}

export async function createUserScene(world: World): Promise<UserScene> {
  const [app, other] = [await world.app(), await world.app()];
  const alice = await world.user(app, 'alice');
  const mallory = await world.user(other, 'alice');
  const group = await world.op(alice.caller, 'conversations.create', { member_ids: [alice.id] });
  return {
    app, backend: app.backend, group: group.conversation_id, absent: world.server.domain.ids.id('conversation'),
    tokens: { good: alice.token, bad: `${alice.token.slice(0, -4)}AAAA`, foreign: mallory.token },
  };
}
