/** Messages that wait for their time or for a word of approval, and messages that go by themselves. */
import type { Stage } from '../stage.js';
import { nextEvent, nextFact } from '../wait.js';

export async function waiting({ story, alice, bob, carol }: Stage): Promise<void> {
  story.chapter('Waiting and disappearing');
  const group = await alice.conversations.create({ name: 'Stage', members: ['ext:bob', 'ext:carol'] });
  const his = bob.conversations.open(group.id);
  const conversation_id = group.id;

  // Disappearing: by its own time, or by the timer of a conversation. It is begun here, and seen at the end.
  const expired = nextEvent(his, 'deleted', ({ fact }) => fact.type === 'message.expired');
  const secret = await group.send({ text: 'The cake is behind the curtain.', expiresInS: 1 }).sent;
  const notes = await alice.conversations.create({ name: 'Notes', members: ['ext:bob'] });
  const read = bob.conversations.open(notes.id);
  const gone = nextEvent(read, 'deleted', ({ fact }) => fact.type === 'message.expired');
  await alice.command('conversations.settings', { conversation_id: notes.id, message_timer: { after: 'read', seconds: 1 } });
  const note = await notes.send('Read me, and I am gone.').sent;
  read.markRead(note);

  // Scheduled: the server sends it at its time, once.
  const atMs = Date.now() + 1_000;
  const coming = nextEvent(his, 'message', ({ text }) => text === 'Doors open!');
  await alice.command('scheduled.create', { conversation_id, send_at_ms: atMs, text: 'Doors open!' });
  const later = await alice.command('scheduled.create', { conversation_id, send_at_ms: atMs + 3_600_000, text: 'Last round.' });
  const planned = async () => (await alice.call('scheduled.list', { user_id: 'me' })).items;
  story.saw('a message of Alice waits for its time', (await planned()).some(({ id, text }) => id === later.id && text === 'Last round.'));
  await alice.command('scheduled.cancel', { scheduled_id: later.id });
  story.saw('she cancels it', (await planned()).every(({ id }) => id !== later.id));

  // Held: messages of members wait until a moderator has seen them.
  await alice.command('conversations.settings', { conversation_id, approval: { timeout_s: 600 } });
  const good = await his.send('My song is called Tides.').sent;
  const bad = await his.send('Buy my record!!!').sent;
  story.saw('what Bob sends waits: it has no place in the conversation yet', good.held?.reason === 'approval' && good.seq === 0, good);
  const { items: queue } = await alice.call('held.list', { conversation_id });
  story.saw('Alice sees both, Carol none of them', queue.length === 2 && (await carol.call('held.list', { conversation_id })).items.length === 0, queue);
  const released = nextEvent(carol.conversations.open(group.id), 'message', ({ senderId }) => senderId === bob.userId);
  await alice.command('held.approve', { conversation_id, held_id: good.held?.id ?? '' });
  story.saw('she lets one in; Carol gets it, from Bob', (await released).text === 'My song is called Tides.');
  const rejected = nextFact(bob, 'message.rejected');
  await alice.command('held.reject', { conversation_id, held_id: bad.held?.id ?? '', reason: 'No advertising.' });
  story.saw('she turns the other away, and he is told why', (await rejected).body['reason'] === 'No advertising.');
  await alice.command('conversations.settings', { conversation_id, approval: null });

  // What was begun above.
  const sent = await coming;
  story.saw('another one comes at its time', sent.createdMs >= atMs && sent.senderId === alice.userId, sent);
  story.saw('a message of one second goes by itself', (await expired).messageId === secret.id);
  const { items: [fact] } = await bob.call('facts.list', { conversation_id, after_seq: secret.seq - 1, limit: 1 });
  story.saw('and its text has left the log', fact?.redacted === true && !JSON.stringify(fact.body).includes('cake'), fact);
  story.saw('with the timer of a group it goes once Bob has read it', (await gone).messageId === note.id);
}
