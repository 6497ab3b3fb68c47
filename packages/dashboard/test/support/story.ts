/** An app with something in it: users, a group with a history, a direct conversation. */
import { connect, type Client } from '@talaria/sdk';
import type { Admin } from '@talaria/sdk/admin';
import type { Desk } from './desk.js';

export interface Story {
  readonly tenant: string;
  readonly app: string;
  readonly backend: Admin;
  readonly alice: string;
  readonly bob: string;
  readonly carol: string;
  readonly group: string;
  readonly direct: string;
  /** An edited message with reactions, and one that was deleted. */
  readonly edited: string;
  readonly deleted: string;
}

export const FIRST_TEXT = 'Shall we meet at noon?';
export const EDITED_TEXT = 'Shall we meet at one?';

export async function tellStory(desk: Desk, name = 'shop'): Promise<Story> {
  const { id: tenant } = await desk.admin.tenants.create({ name: `${name} Inc` });
  const { id: app } = await desk.admin.apps.create({ tenant_id: tenant, name });
  const backend = await desk.backend(app);
  const [alice, bob, carol] = await Promise.all((['Alice', 'Bob', 'Carol'] as const).map(async (one) => (await backend.users.create({ external_id: one.toLowerCase(), name: `${one} Example`, data: { plan: 'gold' } })).id)) as [string, string, string];
  const { conversation_id: group } = await backend.conversations.create({ name: 'Lunch plans', member_ids: [alice, bob, carol], as_user_id: alice });
  const { conversation_id: direct } = await backend.conversations.create({ kind: 'direct', member_ids: [alice, bob] });
  const send = async (text: string, as_user_id: string): Promise<string> => (await backend.messages.send({ conversation_id: group, text, as_user_id })).id;
  const edited = await send(FIRST_TEXT, alice);
  await send('Good for me', bob);
  const deleted = await send('A secret that was a mistake', carol);
  await backend.messages.edit({ message_id: edited, text: EDITED_TEXT, as_user_id: alice });
  await backend.reactions.add({ message_id: edited, reaction: '👍', as_user_id: bob });
  await backend.messages.delete({ message_id: deleted, as_user_id: carol });
  await backend.marks.set({ conversation_id: group, read_seq: 3, delivered_seq: 4, as_user_id: bob });
  await backend.blocks.add({ user_id: carol, blocked_user_id: bob, as_user_id: carol });
  return { tenant, app, backend, alice, bob, carol, group, direct, edited, deleted };
}

/** The device of a user, connected as an app has it. */
export async function connectUser(desk: Desk, story: Story, name: 'alice' | 'bob' | 'carol'): Promise<Client> {
  const [{ token }, { public_key }] = await Promise.all([story.backend.auth.token({ external_id: name }), desk.admin.apps.get({ app_id: story.app })]);
  const client = connect({ url: desk.server.url, app: public_key, token });
  await client.ready();
  return client;
}
