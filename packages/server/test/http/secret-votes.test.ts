/** What was chosen in an anonymous poll, wherever somebody's own view of a message is read in their name. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startWorld, type World } from '../gateway/world.js';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

it.each([true, false])('a backend that reads what is a user\'s own reads what they chose unless the poll is anonymous: %s', async (anonymous) => {
  const app = await world.app();
  const [alice, bob] = [await world.user(app, 'alice'), await world.user(app, 'bob')];
  const { conversation_id } = await world.op(alice.caller, 'conversations.create', { member_ids: [bob.id], name: 'lunch' });
  const asked = await world.op(alice.caller, 'messages.send', { conversation_id, poll: { question: '?', options: ['a', 'b'], anonymous } });
  const { id: message_id } = asked;
  await world.op(bob.caller, 'polls.vote', { message_id, options: ['2'] });
  await world.op(bob.caller, 'bookmarks.add', { message_id });
  await world.op(bob.caller, 'threads.follow', { message_id });
  await world.op(alice.caller, 'messages.send', { conversation_id, text: 'well?', thread_id: message_id });
  const read = async (caller: typeof bob.caller) => {
    const bookmarks = await world.op(caller, 'bookmarks.list', { user_id: bob.id });
    const threads = await world.op(caller, 'threads.list', { user_id: bob.id });
    const inbox = await world.op(caller, 'inbox.list', { user_id: bob.id });
    const named = await world.op(caller, 'search.conversations', { user_id: bob.id, q: 'lunch' });
    return [bookmarks.items[0]?.message, threads.items[0]?.message, inbox.items[0]?.last_message, named.items[0]?.last_message].map((message) => ({ own: message?.poll?.own, voters: message?.poll?.voters }));
  };
  expect(await read(bob.caller)).toEqual(Array(4).fill({ own: ['2'], voters: 1 }));
  expect(await read(app.backend)).toEqual(Array(4).fill({ own: anonymous ? [] : ['2'], voters: 1 }));
});
