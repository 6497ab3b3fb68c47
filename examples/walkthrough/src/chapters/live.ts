/** What is so at this moment, and is stored nowhere: who is there, who is typing, signals. */
import { live, type PresenceChange, type Typing } from '@talaria/sdk/live';
import type { Stage } from '../stage.js';
import { next } from '../wait.js';

export async function livePart({ story, backend, alice, bob, enter }: Stage): Promise<void> {
  story.chapter('Presence, typing, signals');
  const group = await alice.conversations.create({ name: 'Backstage', members: ['ext:bob', 'ext:carol'] });
  const his = bob.conversations.open(group.id);
  await his.history();
  const [hers, bobs] = [live(alice), live(bob)];

  // Presence of those whom Alice sees on her screen.
  const people = hers.watch([bob.userId]);
  const becomes = (state: string) => next(`state ${state} of Bob`, (listener: (change: PresenceChange) => void) => people.on(listener), ({ presence }) => presence?.state === state);
  await becomes('online');
  story.saw('Alice watches Bob: he is online', people.get(bob.userId)?.devices === 1, people.get(bob.userId));
  const away = becomes('away');
  bobs.setAway(true);
  await away;
  story.saw('his app is in the background: he is away', people.get(bob.userId)?.state === 'away');
  const back = becomes('online');
  const tablet = await enter('bob', 'tablet');
  story.saw('he takes his tablet: online, on two devices', (await back).presence?.devices === 2);
  await tablet.close();
  bobs.setAway(false);

  // Typing ends by itself, by a message, or because one has stopped.
  const [hersTyping, bobsTyping] = [hers.typing(group), bobs.typing(his)];
  const shows = (users: readonly string[], typing: Typing = hersTyping) =>
    next('typing', (listener: (users: readonly string[]) => void) => typing.on(listener), (now) => now.join() === users.join());
  const begins = shows([bob.userId]);
  bobsTyping.start();
  story.saw('Alice sees that Bob is typing', (await begins).length === 1);
  const ends = shows([]);
  await his.send('I am at the door').sent;
  story.saw('his message ends it', (await ends).length === 0);

  // Signals of one's own: to a conversation, to a user, and of a backend.
  const pointed = next('signal', (listener: (event: { type: string; data: object }) => void) => his.on('signal', listener), ({ type }) => type === 'pointer');
  group.signal('pointer', { x: 3, y: 4 });
  story.saw('a signal of one\'s own to a conversation', JSON.stringify((await pointed).data) === '{"x":3,"y":4}');
  const waved = next('signal', (listener: (signal: { userId: string; type: string }) => void) => bobs.onSignal(listener), ({ type }) => type === 'wave');
  hers.signal(bob.userId, 'wave');
  story.saw('and to a user: Alice waves at Bob', (await waved).userId === alice.userId);
  const told = next('signal', (listener: (signal: { type: string }) => void) => bobs.onSignal(listener), ({ type }) => type === 'order_ready');
  await backend.signals.send({ user_id: 'ext:bob', type: 'order_ready', data: { order: 1_234 } });
  story.saw('a backend sends one, too', (await told).type === 'order_ready');
  hers.close();
  bobs.close();
}
