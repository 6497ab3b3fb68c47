/** What concerns one user alone, on all of their devices: drafts and bookmarks. */
import type { Stage } from '../stage.js';
import { nextFact } from '../wait.js';

export async function own({ story, alice, bob, enter }: Stage): Promise<void> {
  story.chapter('Drafts and bookmarks');
  const group = await alice.conversations.create({ name: 'Speeches', members: ['ext:bob'] });
  const conversation_id = group.id;

  // A draft goes along from one device to the other.
  const phone = await enter('bob', 'phone');
  const set = nextFact(phone, 'draft.set');
  await bob.command('drafts.set', { conversation_id, text: 'Dear all, tonight we' });
  story.saw('what Bob types on his laptop stands on his phone', (await set).body['text'] === 'Dear all, tonight we');
  await phone.command('drafts.set', { conversation_id, text: 'Dear all, tonight we celebrate' });
  const { items: drafts } = await bob.call('drafts.list', { user_id: 'me' });
  story.saw('he goes on there, and the laptop has it', drafts.length === 1 && drafts[0]?.text === 'Dear all, tonight we celebrate', drafts);
  const cleared = nextFact(phone, 'draft.cleared');
  const speech = await bob.conversations.open(group.id).send('Dear all, tonight we celebrate').sent;
  await bob.command('drafts.set', { conversation_id, text: '' });
  await cleared;
  story.saw('it is sent, and the draft is gone from both', (await phone.call('drafts.list', { user_id: 'me' })).items.length === 0);
  await phone.close();

  // A bookmark is the user's own: the conversation learns nothing of it.
  const head = async (): Promise<number> => (await alice.call('conversations.get', { conversation_id })).head_seq;
  const before = await head();
  await alice.command('bookmarks.add', { message_id: speech.id, note: 'for the minutes' });
  const { items: [bookmark] } = await alice.call('bookmarks.list', { user_id: 'me' });
  story.saw('Alice bookmarks the speech, with a note', bookmark?.note === 'for the minutes' && bookmark.message?.id === speech.id, bookmark);
  story.saw('the conversation learns nothing of it', await head() === before);
  await alice.command('bookmarks.remove', { message_id: speech.id });
  story.saw('and removes it', (await alice.call('bookmarks.list', { user_id: 'me' })).items.length === 0);
}
