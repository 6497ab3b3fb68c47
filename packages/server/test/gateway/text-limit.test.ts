/** How long a text may be is the app's to say: everywhere, and for connections that are open, at once. */
import { createUuid7, messageId, uuidText } from '@talaria/protocol';
import { randomFillSync } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { createPair } from './pair.js';
import { admin, startWorld, type World } from './world.js';

let world: World;
afterEach(() => world.stop());

const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

it('[SND1] a text that is longer than the app allows is refused, however it comes, and connections are told the bound', async () => {
  world = await startWorld();
  const { app, alice, group } = await createPair(world);
  const client = await world.socket(app);
  expect((await client.hello(alice.token)).text_max).toBe(10_000);
  const first = await client.say(group, 'x'.repeat(300));
  await world.op(admin, 'apps.update', { app_id: app.id, text_max: 5 });

  let refusals = 0;
  const refused = async (up: (clientId: string) => void): Promise<void> => {
    up(uuidText(newUuid()));
    refusals += 1;
    expect((await client.next('refusal', refusals)).refusal).toMatchObject({ code: 'too_large', message: 'text must have at most 5 code points.' });
  };
  const call = (op: string, input: object) => (clientId: string): void => client.up({ call: { id: 1, op, client_id: clientId, json: JSON.stringify(input) } });
  await refused((clientId) => client.up({ send: { client_id: clientId, conversation_id: group, text: 'longer', data: '', silent: false } }));
  await refused(call('messages.send', { conversation_id: group, text: 'longer', mentions: { here: true } }));
  await refused(call('messages.edit', { message_id: messageId(group, first.seq), text: 'longer' }));
  await refused(call('scheduled.create', { conversation_id: group, text: 'longer', send_at_ms: Date.now() + 60_000 }));

  // Code points count, and what is no text of a message does not.
  await client.say(group, '👍👍👍👍👍');
  const again = await world.socket(app);
  expect((await again.hello(alice.token)).text_max).toBe(5);
});
