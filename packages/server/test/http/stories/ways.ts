import { expect } from 'vitest';
import type { Cast, Tell } from './tell.js';

/** Settings and preferences, ways in and out, what waits, and what users keep to themselves. */
export async function tellOfWays(tell: Tell, { her, backend, group, alice, bob }: Cast): Promise<void> {
  const asBob = { as_user_id: 'ext:bob' };
  const asCarol = { as_user_id: 'ext:carol' };

  // Settings and preferences.
  await tell(her, 'conversations.settings', { conversation_id: group, slow_mode_s: 0, join: 'on_request', roles: { press: { like: 'reader', may: ['message.send'] } } });
  await tell(her, 'conversations.preferences', { conversation_id: group, pinned: true, muted_until_ms: 4_000_000_000_000 });
  expect(await tell(her, 'conversations.get', { conversation_id: group })).toMatchObject({
    settings: { join: 'on_request', roles: { press: { like: 'reader' } } }, membership: { pinned_ms: expect.any(Number) as number, muted_until_ms: 4_000_000_000_000, archived_ms: null, hidden: false },
  });

  // Ways in.
  await tell(her, 'invitations.create', { conversation_id: group, user_ids: ['ext:carol'], role: 'press' });
  expect((await tell(her, 'invitations.list', { conversation_id: group })).items).toMatchObject([{ role: 'press', invited_by: alice }]);
  expect((await tell(backend, 'invitations.mine', { user_id: 'ext:carol' })).items).toMatchObject([{ conversation_id: group, name: 'great plans' }]);
  await tell(backend, 'invitations.decline', { conversation_id: group, ...asCarol });
  await tell(her, 'invitations.create', { conversation_id: group, user_ids: ['ext:carol'] });
  await tell(her, 'invitations.revoke', { conversation_id: group, user_id: 'ext:carol' });
  await tell(her, 'invitations.create', { conversation_id: group, user_ids: ['ext:carol'] });
  await tell(backend, 'invitations.accept', { conversation_id: group, ...asCarol });
  const away = () => tell(backend, 'members.remove', { conversation_id: group, user_id: 'ext:carol' });
  await away();
  const link = await tell(her, 'links.create', { conversation_id: group, uses_max: 1, expires_in_s: 3_600 });
  expect(await tell(backend, 'links.get', { code: link.code })).toMatchObject({ conversation_id: group, member_count: 2 });
  expect((await tell(backend, 'links.join', { code: link.code, ...asCarol })).joined).toBe(true);
  expect((await tell(her, 'links.list', { conversation_id: group })).items).toMatchObject([{ id: link.id, code: link.code, uses: 1, uses_max: 1 }]);
  await tell(her, 'links.revoke', { link_id: link.id });
  await away();
  expect((await tell(backend, 'requests.create', { conversation_id: group, text: 'again?', ...asCarol })).joined).toBe(false);
  expect((await tell(her, 'requests.list', { conversation_id: group })).items).toMatchObject([{ text: 'again?', role: null }]);
  await tell(her, 'requests.deny', { conversation_id: group, user_id: 'ext:carol' });
  await tell(backend, 'requests.create', { conversation_id: group, ...asCarol });
  expect((await tell(backend, 'requests.mine', { user_id: 'ext:carol' })).items).toEqual([{ conversation_id: group, created_ms: expect.any(Number) as number }]);
  await tell(backend, 'requests.withdraw', { conversation_id: group, ...asCarol });
  expect((await tell(backend, 'requests.mine', { user_id: 'ext:carol' })).items).toEqual([]);
  const door = await tell(her, 'links.create', { conversation_id: group, role: 'press', approval: true });
  expect((await tell(backend, 'links.join', { code: door.code, ...asCarol })).joined).toBe(false);
  expect((await tell(her, 'requests.list', { conversation_id: group })).items).toMatchObject([{ text: '', role: 'press' }]);
  await tell(her, 'requests.deny', { conversation_id: group, user_id: 'ext:carol' });
  await tell(backend, 'requests.create', { conversation_id: group, ...asCarol });
  await tell(her, 'requests.approve', { conversation_id: group, user_id: 'ext:carol' });

  // What waits: for approval, and for its time.
  await tell(her, 'conversations.settings', { conversation_id: group, approval: { timeout_s: 60 } });
  const held = await tell(backend, 'messages.send', { conversation_id: group, text: 'may I say so?', ...asBob });
  expect(held.held).toEqual({ id: held.id, reason: 'approval' });
  expect((await tell(her, 'held.list', { conversation_id: group })).items).toMatchObject([{ id: held.id, sender_id: bob, text: 'may I say so?' }]);
  const released = await tell(backend, 'held.approve', { conversation_id: group, held_id: held.id });
  expect(await tell(her, 'messages.get', { message_id: released.id })).toMatchObject({ text: 'may I say so?', sender_id: bob });
  const rude = await tell(backend, 'messages.send', { conversation_id: group, text: 'rude', ...asBob });
  await tell(her, 'held.reject', { conversation_id: group, held_id: rude.id, reason: 'be kind' });
  const hasty = await tell(backend, 'messages.send', { conversation_id: group, text: 'hasty', ...asBob });
  await tell(backend, 'held.reject', { conversation_id: group, held_id: hasty.id, ...asBob });
  expect((await tell(her, 'held.list', { conversation_id: group })).items).toEqual([]);
  await tell(her, 'conversations.settings', { conversation_id: group, approval: null });
  const later = await tell(her, 'scheduled.create', { conversation_id: group, text: 'happy new year', send_at_ms: 4_000_000_000_000 });
  expect((await tell(her, 'scheduled.list', { user_id: 'me' })).items).toMatchObject([{ id: later.id, text: 'happy new year', send_at_ms: 4_000_000_000_000 }]);
  await tell(her, 'scheduled.cancel', { scheduled_id: later.id });

  // Handed over, and back.
  await tell(her, 'conversations.transfer', { conversation_id: group, user_id: 'ext:bob' });
  await tell(backend, 'conversations.transfer', { conversation_id: group, user_id: 'ext:alice', ...asBob });

  // Of oneself.
  await tell(her, 'privacy.set', { user_id: 'me', receipts: false });
  expect(await tell(her, 'privacy.get', { user_id: 'me' })).toEqual({ last_seen: true, receipts: false, typing: true, hide_blocked: false });
  await tell(her, 'blocks.add', { user_id: 'me', blocked_user_id: 'ext:carol' });
  expect((await tell(her, 'blocks.list', { user_id: 'me' })).items).toHaveLength(1);
  await tell(her, 'blocks.remove', { user_id: 'me', blocked_user_id: 'ext:carol' });
  await tell(backend, 'users.deactivate', { user_id: 'ext:carol' });
  await tell(backend, 'users.reactivate', { user_id: 'ext:carol' });
}
