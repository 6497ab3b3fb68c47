/** What a conversation chooses for all, and what each member chooses for themselves. */
import { connectAdmin } from '@talaria/sdk/admin';
import type { Stage } from '../stage.js';
import { nextEvent } from '../wait.js';

export async function settings({ story, url, key, alice, bob, carol, enter }: Stage): Promise<void> {
  story.chapter('Settings and preferences');
  const group = await alice.conversations.create({ name: 'Crew', members: ['ext:bob', 'ext:carol'] });
  const conversation_id = group.id;
  const hers = carol.conversations.open(group.id);

  // Frozen: only moderators and above write.
  await alice.command('conversations.settings', { conversation_id, frozen: true });
  await story.refused('in a frozen group Carol does not write', 'frozen', hers.send('Hello?').sent);
  const notice = nextEvent(hers, 'message');
  await group.send('Quiet, please.').sent;
  story.saw('its owner does', (await notice).text === 'Quiet, please.');

  // Slow mode: one message of a member in so many seconds. The outbox of the SDK waits and tries again by itself.
  await alice.command('conversations.settings', { conversation_id, frozen: false, slow_mode_s: 600 });
  await hers.send('First.').sent;
  const strict = connectAdmin({ url, key, retries: 0 });
  const refusal = await story.refused('in slow mode a second message comes too early', 'slow_mode', strict.messages.send({ conversation_id, text: 'Second.', as_user_id: 'ext:carol' }));
  story.saw('the refusal says when to come back', refusal.retryable && refusal.retryAfterMs > 0 && refusal.retryAfterMs <= 600_000, refusal.retryAfterMs);
  await alice.command('conversations.settings', { conversation_id, slow_mode_s: 1 });
  const second = await hers.send('Second.').sent;
  const third = await hers.send('Third.').sent;
  story.saw('the outbox waits for that moment, and sends it', third.timeMs - second.timeMs >= 1_000, { second, third });
  await alice.command('conversations.settings', { conversation_id, slow_mode_s: 0 });

  // What Bob chooses for himself is a fact of his own stream: his other devices see it, and nobody else does.
  const tablet = await enter('bob', 'tablet');
  const inbox = async (filter: { readonly archived?: 'only' | 'included'; readonly include_hidden?: boolean; readonly pinned?: boolean; readonly muted?: boolean; readonly sort?: 'pinned' } = {}) => {
    const { items } = await tablet.call('inbox.list', { user_id: 'me', ...filter });
    return items.map(({ id }) => id);
  };
  const until = Date.now() + 3_600_000;
  await bob.command('conversations.preferences', { conversation_id, muted_until_ms: until, pinned: true });
  const { membership } = await tablet.call('conversations.get', { conversation_id });
  story.saw('Bob mutes the group for an hour; his tablet shows it', membership?.muted_until_ms === until && (await inbox({ muted: true })).includes(group.id), membership);
  const newer = await bob.conversations.create({ name: 'Something newer', members: ['ext:carol'] });
  story.saw('what he has pinned stands first, though something newer came', (await inbox())[0] === newer.id && (await inbox({ sort: 'pinned' }))[0] === group.id);
  await bob.command('conversations.preferences', { conversation_id, archived: true });
  story.saw('what he archives leaves the inbox', !(await inbox()).includes(group.id) && (await inbox({ archived: 'only' })).includes(group.id));
  await bob.command('conversations.preferences', { conversation_id, archived: false, hidden: true, muted_until_ms: null });
  story.saw('what he hides is gone', !(await inbox()).includes(group.id) && (await inbox({ include_hidden: true })).includes(group.id));
  await group.send('Bob, are you there?').sent;
  story.saw('until something new comes', (await inbox()).includes(group.id));
  await tablet.close();
}
