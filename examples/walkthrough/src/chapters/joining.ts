/** Ways into a conversation beside being added: invitations, links, requests. */
import type { Stage } from '../stage.js';
import { nextFact } from '../wait.js';

export async function joining({ story, backend, alice, bob, carol, dave }: Stage): Promise<void> {
  story.chapter('Joining');
  const choir = await alice.conversations.create({ name: 'Choir', members: ['ext:bob'] });
  const conversation_id = choir.id;
  const membersOf = async (): Promise<number> => (await alice.call('conversations.get', { conversation_id })).member_count;

  // Invitations: nobody is in before they say yes.
  const received = nextFact(carol, 'invitation.received');
  await alice.command('invitations.create', { conversation_id, user_ids: ['ext:carol', 'ext:dave', 'ext:erin'], expires_in_s: 3_600 });
  story.saw('Carol is told that she is invited to the choir', (await received).body['name'] === 'Choir');
  const { items: mine } = await carol.call('invitations.mine', { user_id: 'me' });
  story.saw('she sees who asks, and for how long', mine[0]?.invited_by === alice.userId && mine[0].expires_ms !== null, mine);
  await story.refused('before she accepts she reads nothing', 'not_found', carol.call('messages.list', { conversation_id }));
  const accepted = await carol.command('invitations.accept', { conversation_id });
  story.saw('she accepts, and is a member', accepted.seq > 0 && await membersOf() === 3);
  await dave.command('invitations.decline', { conversation_id });
  await alice.command('invitations.revoke', { conversation_id, user_id: 'ext:erin' });
  const { items: open } = await alice.call('invitations.list', { conversation_id });
  story.saw('Dave declines, Erin is uninvited: nobody is asked any more', open.length === 0 && await membersOf() === 3, open);

  // Links: whoever has the code may join, as long and as often as it says.
  const link = await alice.command('links.create', { conversation_id, uses_max: 1, expires_in_s: 86_400 });
  const look = await dave.call('links.get', { code: link.code });
  story.saw('Dave looks where a link leads', look.name === 'Choir' && look.member_count === 3 && !look.approval, look);
  const joined = await dave.command('links.join', { code: link.code });
  story.saw('he joins by it', joined.joined && await membersOf() === 4, joined);
  await story.refused('it was good for one', 'not_found', backend.links.join({ code: link.code, as_user_id: 'ext:erin' }));
  const { items: [used] } = await alice.call('links.list', { conversation_id });
  story.saw('its maker sees that it was used', used?.uses === 1 && used.uses_max === 1, used);
  await alice.command('links.revoke', { link_id: link.id });
  story.saw('a link that is revoked is gone; who came by it stays', (await alice.call('links.list', { conversation_id })).items.length === 0 && await membersOf() === 4);

  // A link that only lets one ask.
  const door = await alice.command('links.create', { conversation_id, approval: true });
  const asked = await backend.links.join({ code: door.code, as_user_id: 'ext:erin' });
  story.saw('by a link with approval one asks, and waits', !asked.joined && await membersOf() === 4, asked);
  await alice.command('requests.approve', { conversation_id, user_id: 'ext:erin' });
  story.saw('Alice lets Erin in', await membersOf() === 5);

  // Requests: of conversations that take them, or that are open to everybody.
  const band = await bob.conversations.create({ name: 'Band', members: ['ext:carol'] });
  await story.refused('a group that takes no requests does not show itself', 'not_found', dave.command('requests.create', { conversation_id: band.id }));
  await bob.command('conversations.settings', { conversation_id: band.id, join: 'on_request' });
  const request = await dave.command('requests.create', { conversation_id: band.id, text: 'I play the drums.' });
  const { items: requests } = await bob.call('requests.list', { conversation_id: band.id });
  story.saw('Dave asks to join the band', !request.joined && requests[0]?.text === 'I play the drums.', requests);
  const answered = nextFact(dave, 'join.answered');
  await bob.command('requests.deny', { conversation_id: band.id, user_id: 'ext:dave' });
  story.saw('Bob says no, and Dave is told', (await answered).body['accepted'] === false);
  await dave.command('requests.create', { conversation_id: band.id, text: 'Once more?' });
  const { items: own } = await dave.call('requests.mine', { user_id: 'me' });
  story.saw('he asks again, and sees where he waits', own.length === 1 && own[0]?.conversation_id === band.id, own);
  await dave.command('requests.withdraw', { conversation_id: band.id });
  const { items: left } = await bob.call('requests.list', { conversation_id: band.id });
  story.saw('he thinks better of it: nobody asks any more', left.length === 0, left);
  await bob.command('conversations.settings', { conversation_id: band.id, join: 'open' });
  const walkedIn = await dave.command('requests.create', { conversation_id: band.id });
  story.saw('the band opens its doors, and he walks in', walkedIn.joined, walkedIn);
}
