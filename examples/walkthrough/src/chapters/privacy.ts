/** Whom one does not want to hear of, and what others need not know. */
import type { Stage } from '../stage.js';
import { eventually, nextFact } from '../wait.js';

export async function privacy({ story, alice, bob, carol, dave }: Stage): Promise<void> {
  story.chapter('Blocks and privacy');

  // A block ends direct contact, both ways, and does not say whose it is.
  const direct = await carol.conversations.create({ kind: 'direct', members: ['ext:dave'] });
  const closed = nextFact(dave, 'contact.closed');
  await carol.command('blocks.add', { user_id: 'me', blocked_user_id: 'ext:dave' });
  story.saw('Carol blocks Dave; what closes does not say who wanted it', (await closed).actor === '' && Object.keys((await closed).body).length === 0, (await closed).body);
  await story.refused('he cannot write to her', 'blocked', dave.conversations.open(direct.id).send('Carol?').sent);
  await story.refused('nor she to him', 'blocked', carol.conversations.open(direct.id).send('Dave?').sent);
  const { items: blocked } = await carol.call('blocks.list', { user_id: 'me' });
  story.saw('only she sees whom she has blocked', blocked[0]?.user_id === dave.userId && (await dave.call('blocks.list', { user_id: 'me' })).items.length === 0);
  // In groups both go on; whoever blocks chooses whether they are shown what the other says there.
  const group = await alice.conversations.create({ name: 'Reading group', members: ['ext:carol', 'ext:dave'] });
  await dave.conversations.open(group.id).send('Hear me, Carol.').sent;
  const shown = async () => (await carol.call('messages.list', { conversation_id: group.id })).items.length;
  const before = await shown();
  await carol.command('privacy.set', { user_id: 'me', hide_blocked: true });
  story.saw('in a group she hides what he says', before === 1 && await shown() === 0);
  await carol.command('blocks.remove', { user_id: 'me', blocked_user_id: 'ext:dave' });
  const back = await dave.conversations.open(direct.id).send('Sorry.').sent;
  story.saw('she lets him in again, and sees him', back.seq > 0 && await shown() === 1);

  // Receipts that are not shared.
  await bob.command('privacy.set', { user_id: 'me', receipts: false });
  story.saw('Bob shares no receipts', !(await bob.call('privacy.get', { user_id: 'me' })).receipts);
  const secret = await alice.conversations.create({ name: 'Private', members: ['ext:bob'] });
  const message = await secret.send('Have you read this?').sent;
  bob.conversations.open(secret.id).markRead(message);
  const mine = await eventually(() => bob.call('conversations.get', { conversation_id: secret.id }), ({ membership }) => membership?.unread === 0);
  const { items: who } = await alice.call('receipts.get', { message_id: message.id });
  story.saw('he has read it; Alice sees that he has got it', mine.membership?.unread === 0 && who?.[0]?.delivered === true && !who[0].read, who);
}
