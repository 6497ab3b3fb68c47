/** Calls: who rings, who answers on which device, and when it is over. No media: those go from browser to browser. */
import { createCalls, type Call } from '@talaria/sdk/calls';
import type { Stage } from '../stage.js';
import { next } from '../wait.js';

export async function calls({ story, backend, alice, bob, carol, enter }: Stage): Promise<void> {
  story.chapter('Calls');
  const phone = await enter('bob', 'phone');
  const chat = await alice.conversations.create({ kind: 'direct', members: ['ext:bob'] });
  const [hers, desk, pocket] = [createCalls(alice), createCalls(bob), createCalls(phone)];
  const rings = (calling: typeof desk): Promise<Call> => next('call', (listener) => calling.onIncoming(listener), () => true);
  const stops = (call: Call): Promise<string> => next('stop', (listener) => call.on('stop', listener), () => true);
  const ends = (call: Call): Promise<Call['state']> => next('end', (listener) => call.on('ended', listener), () => true);

  const both = Promise.all([rings(desk), rings(pocket)]);
  const call = await hers.start(chat, { kind: 'audio', data: { about: 'dinner' } });
  const [onDesk, onPhone] = await both;
  story.saw('Alice calls, and both devices of Bob ring', onDesk.id === call.id && onPhone.state.data['about'] === 'dinner', onPhone.state);
  await story.refused('one call is on at a time', 'call_in_progress', hers.start(chat, { kind: 'audio' }));
  const { items: active } = await bob.call('calls.active', { user_id: 'me' });
  story.saw('an app that he starts now would ring, too', active.some(({ id }) => id === call.id), active);

  const silent = stops(onDesk);
  await onPhone.accept();
  story.saw('he answers on the phone, and his laptop is silent', await silent === 'answered_elsewhere');
  await story.refused('the laptop comes too late', 'already_answered', onDesk.accept());
  const over = ends(call);
  await onPhone.leave();
  const { reason, duration_ms } = await over;
  story.saw('he hangs up; it is over for both, and has a duration', reason === 'hung_up' && duration_ms !== null && duration_ms >= 0, { reason, duration_ms });
  await story.refused('nobody answers what is over', 'call_ended', onDesk.accept());

  const again = Promise.all([rings(desk), rings(pocket)]);
  const second = await hers.start(chat, { kind: 'video' });
  const [there] = await again;
  const declined = ends(second);
  await there.decline();
  story.saw('he declines another one, on all of his devices', (await declined).reason === 'declined');
  const { items: past } = await alice.call('calls.list', { conversation_id: chat.id });
  story.saw('the conversation knows both', past.length === 2 && past[0]?.id === second.id && past[1]?.id === call.id, past);

  // In a group a call goes on while somebody is in it, and the backend may end it.
  const group = await alice.conversations.create({ name: 'Dinner', members: ['ext:carol'] });
  const meeting = await hers.start(group, { kind: 'video' });
  await carol.command('calls.answer', { call_id: meeting.id, device_id: 'kitchen' });
  await meeting.leave();
  const { state, participants } = await carol.call('calls.get', { call_id: meeting.id });
  story.saw('Carol waits alone in a group call that Alice has left', state === 'ongoing' && participants.length === 2, participants);
  await backend.calls.end({ call_id: meeting.id });
  story.saw('the backend ends it', (await carol.call('calls.get', { call_id: meeting.id })).ended_by === null);

  // Nobody is there: the server says so when it has rung long enough.
  const missed = await hers.start(group, { kind: 'audio', ringMs: 1_000 });
  story.saw('a call that nobody answers is missed, by itself', (await ends(missed)).reason === 'missed');
  for (const calling of [hers, desk, pocket]) calling.close();
  await phone.close();
}
