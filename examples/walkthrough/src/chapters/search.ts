/** Messages by their words, and people and conversations by their names. */
import type { OperationInput } from '@talaria/sdk';
import type { Stage } from '../stage.js';
import { eventually } from '../wait.js';

export async function search({ story, alice, bob, carol }: Stage): Promise<void> {
  story.chapter('Search');
  const group = await alice.conversations.create({ name: 'Lighthouse tour', members: ['ext:bob'] });
  const other = await alice.conversations.create({ name: 'Museum', members: ['ext:bob'] });
  await group.send({ text: 'The lighthouse keeper opens at nine', data: { ticket: 12 } }).sent;
  await bob.conversations.open(group.id).send('Keeper of the lighthouse: https://example.com/keeper').sent;
  const last = await other.send('The museum has a model of the lighthouse').sent;

  // The index follows the log within about a second.
  const find = async (question: OperationInput<'search.messages'>) => (await bob.call('search.messages', question)).items;
  const all = await eventually(() => find({ q: 'lighthouse' }), (items) => items.length === 3);
  story.saw('all words count, the newest message comes first', all.length === 3 && all[0]?.message.id === last.id, all);
  const [hit] = await find({ q: 'keep', prefix: true, has: ['data.ticket'] });
  const { from = 0, to = 0 } = hit?.highlights[0] ?? {};
  story.saw('the beginning of a word will do; the place is shown', hit?.message.text.slice(from, to) === 'keeper', hit);
  const texts = async (question: OperationInput<'search.messages'>): Promise<number> => (await find(question)).length;
  story.saw('a phrase stands in this order', await texts({ phrase: 'lighthouse keeper' }) === 1 && await texts({ phrase: 'keeper lighthouse' }) === 0);
  story.saw('of one sender', await texts({ q: 'lighthouse', from_user_ids: ['me'] }) === 1);
  story.saw('in one conversation', await texts({ q: 'lighthouse', conversation_ids: [other.id] }) === 1);
  story.saw('with a link', await texts({ q: 'lighthouse', has: ['link'] }) === 1);
  // Two messages may be of the same millisecond.
  const moment = last.timeMs;
  const early = all.filter(({ message }) => message.created_ms < moment).length;
  story.saw('before and after a moment', await texts({ q: 'lighthouse', before_ms: moment }) === early && await texts({ q: 'lighthouse', after_ms: moment }) === 3 - early, early);
  story.saw('Carol, who is in neither, finds nothing', (await carol.call('search.messages', { q: 'lighthouse' })).items.length === 0);
  const { items: words } = await bob.call('search.suggest', { q: 'the light' });
  story.saw('half a word is completed', words[0]?.word === 'lighthouse', words);
  const { items: places } = await bob.call('search.conversations', { q: 'tour' });
  story.saw('conversations are found by name', places.length === 1 && places[0]?.id === group.id, places);
  const { items: names } = await bob.call('search.users', { q: 'mor' });
  story.saw('and so are people', names.length === 1 && names[0]?.id === alice.userId, names);
}
