/** Marks of a client, on a real server. */
import { afterEach, expect, it } from 'vitest';
import { setStage, until, type Stage } from './stage.js';

let stage: Stage;
afterEach(() => stage.stop());

it('[CNT3] a read that moved nothing is not said again after a reconnect: what was put back as unread stays so', async () => {
  stage = await setStage();
  const [alice, bob] = [stage.client('alice'), stage.client('bob')];
  await Promise.all([alice.ready(), bob.ready()]);
  const room = await alice.conversations.create({ name: 'room', members: ['ext:bob'] });
  const sent = await room.send('hello').sent;
  const his = bob.conversations.open(room.id);
  const unread = async (): Promise<number | undefined> => (await bob.call('conversations.get', { conversation_id: room.id })).membership?.unread;
  his.markRead(sent);
  while (await unread() !== 0);
  // The conversation is opened once more.
  his.markRead(sent);
  await his.markUnread(sent);
  expect(await unread()).toBe(1);
  stage.proxy.cut();
  await until(() => bob.status.state !== 'connected');
  await until(() => bob.status.state === 'connected');
  // Behind what the client says first.
  await bob.command('privacy.set', { user_id: 'me', typing: true });
  await his.send('behind it').sent;
  expect(await unread()).toBe(1);
  his.markRead(sent);
  while (await unread() !== 0);
});
