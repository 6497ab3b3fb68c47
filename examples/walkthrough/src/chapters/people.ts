/** Who is there: profiles, your own ids, and presence. */
import type { Stage } from '../stage.js';
import { eventually, nextFact } from '../wait.js';

export async function people({ story, backend, alice, bob, enter }: Stage): Promise<void> {
  story.chapter('People');

  // A user changes their own profile. It is a fact of their own stream, so all of their devices hear of it.
  const told = nextFact(alice, 'user.updated');
  await alice.command('users.update', { user_id: 'me', name: 'Alice Moreau', avatar_url: 'https://example.com/alice.png', data: { team: 'kitchen', shifts: [1, 3] } });
  const me = await bob.call('users.get', { user_id: 'ext:alice' });
  story.saw('Bob sees the name and the picture that Alice has given herself', me.name === 'Alice Moreau' && me.avatar_url === 'https://example.com/alice.png', me);
  // `data` has the type that data.ts says.
  story.saw('her data is as she wrote it', me.data.team === 'kitchen' && me.data.shifts?.[1] === 3, me.data);
  story.saw('her devices were told', (await told).body['name'] === 'Alice Moreau', (await told).body);
  await story.refused('nobody changes the profile of somebody else', 'forbidden', bob.command('users.update', { user_id: 'ext:alice', name: 'Mallory' }));

  // Your ids are as good as Talaria's, with `ext:` before them.
  const erin = await backend.users.create({ external_id: 'erin', name: 'Erin Okafor' });
  const again = await backend.users.create({ external_id: 'erin' });
  story.saw('who is made twice is one user', again.id === erin.id && again.name === 'Erin Okafor', again);
  const { items: several } = await alice.call('users.batch', { user_ids: ['ext:bob', erin.id, 'ext:nobody'] });
  story.saw('several users are asked for at once; who is none is left out', several.length === 2 && several[1]?.id === erin.id, several);
  const first = await backend.users.list({ limit: 3 });
  const rest = await backend.users.list({ limit: 200, ...(first.next !== null && { after: first.next }) });
  story.saw('a backend pages through all users', first.items.length === 3 && [...first.items, ...rest.items].some(({ id }) => id === erin.id));

  // Presence. A user is told of those with whom they share a conversation.
  await alice.conversations.create({ kind: 'direct', members: ['ext:bob'] });
  const { items: seen } = await alice.call('users.presence', { user_ids: ['ext:bob', 'ext:erin'] });
  story.saw('Alice sees that Bob is there, and nothing of Erin, a stranger', seen.length === 1 && seen[0]?.online === true, seen);
  const phone = await enter('erin', 'phone');
  const { items: [here] } = await backend.users.presence({ user_ids: ['ext:erin'] });
  story.saw('the backend sees Erin on one device', here?.online === true && here.devices === 1, here);
  await phone.close();
  const { items: [gone] } = await eventually(() => backend.users.presence({ user_ids: ['ext:erin'] }), ({ items: [one] }) => one?.online === false && one.last_seen_ms !== null);
  story.saw('two seconds after she has left she is away, and was last seen now', gone?.online === false && gone.last_seen_ms !== null, gone);
}
