import { limits, ProtocolError } from '@talaria/protocol';
import type { Command, Place, SetActive, SetBlock, SetPrivacy, UpdateUser } from '../../storage/command.js';
import type { EntryPlace } from '../../storage/entries.js';
import { hidesBlockedPlace } from '../../storage/hidden-senders.js';
import type { ConversationRow, EventRow, UserRow } from '../../storage/rows.js';
import type { UnitOfWork } from '../../storage/unit-of-work.js';
import { endByBlock } from '../calls/live-call.js';
import { directPair } from '../conversations/direct-pair.js';
import { settingsOf, type ConversationSettings } from '../conversations/settings.js';
import { privacyView, userSettingsOf, type UserSettings } from './settings.js';

export interface Block {
  readonly time_ms: number;
}

function subjectOf(work: UnitOfWork, command: { readonly app: string; readonly subject: string }): UserRow {
  const user = work.user(command.app, command.subject);
  if (!user) throw new ProtocolError('not_found', 'There is no such user.', { field: 'user_id' });
  return user;
}

/** Changes a profile: a fact of the user's own stream. */
export function applyUpdateUser(work: UnitOfWork, command: UpdateUser): EventRow {
  const user = subjectOf(work, command);
  const { avatar_url: before = '', ...others } = userSettingsOf(user);
  const avatarUrl = command.avatarUrl ?? before;
  user.name = command.name ?? user.name;
  user.data = command.data ?? user.data;
  user.settings = JSON.stringify(avatarUrl === '' ? others : { ...others, avatar_url: avatarUrl } satisfies UserSettings);
  return changed(work, command, user, 'user.updated', { name: user.name, avatar_url: avatarUrl || null, data: JSON.parse(user.data) as unknown });
}

/** What a user lets others see. */
export function applyPrivacy(work: UnitOfWork, command: SetPrivacy): EventRow {
  const user = subjectOf(work, command);
  const { avatar_url } = userSettingsOf(user);
  const { last_seen, receipts, typing, hide_blocked } = { ...privacyView(userSettingsOf(user)), ...command.change };
  const settings: UserSettings = {
    ...(avatar_url !== undefined && { avatar_url }), ...(!last_seen && { last_seen: false }), ...(!receipts && { receipts: false }), ...(!typing && { typing: false }),
    ...(hide_blocked && { hide_blocked: true }),
  };
  const hid = userSettingsOf(user).hide_blocked ?? false;
  user.settings = JSON.stringify(settings);
  const event = changed(work, command, user, 'privacy.set', privacyView(settings));
  const place = hidesBlockedPlace(user.app, user.id);
  // VIS2: reads look for it.
  if (hide_blocked && !hid) work.putEntry({ ...place, seq: event.seq, value: '{}', dueMs: null });
  if (!hide_blocked && hid) work.removeEntry(place);
  return event;
}

/** A user who is deactivated has no tokens, and is there still. */
export function applyActive(work: UnitOfWork, command: SetActive): EventRow | Place {
  const user = subjectOf(work, command);
  if ((user.deactivatedMs === null) === command.on) throw new ProtocolError('conflict', command.on ? 'The user is active.' : 'The user is deactivated already.');
  user.deactivatedMs = command.on ? null : work.now();
  return changed(work, command, user, command.on ? 'user.reactivated' : 'user.deactivated', {});
}

function changed(work: UnitOfWork, command: UpdateUser | SetPrivacy | SetActive, user: UserRow, type: string, body: object): EventRow {
  const event = work.append(command, { stream: user.id, type, payload: JSON.stringify(body) });
  user.updatedMs = event.timeMs;
  work.changeUser(user);
  return event;
}

/**
 * Blocks another user, or lets them in again. There is no contact between the two either way then: their direct conversation is closed
 * in the same transaction, and none is made. The other one is not told who it was.
 */
export function applyBlock(work: UnitOfWork, command: SetBlock): EventRow | Place {
  const { app, subject, other, on } = command;
  subjectOf(work, command);
  if (!work.user(app, other)) throw new ProtocolError('not_found', 'There is no such user.', { field: 'blocked_user_id' });
  if (subject === other) throw new ProtocolError('invalid_argument', 'Nobody blocks themselves.', { field: 'blocked_user_id' });
  const place = blockPlace(app, subject, other);
  const known = work.entry(place);
  if (known && on) return { stream: subject, seq: known.seq, timeMs: (JSON.parse(known.value) as Block).time_ms, type: 'user.blocked', targetSeq: null };
  if (!known && !on) throw new ProtocolError('conflict', 'That user is not blocked.');
  if (on && work.entriesOfType(app, subject, 'block', limits.blocks_max).length >= limits.blocks_max) {
    throw new ProtocolError('limit_reached', `A user blocks at most ${limits.blocks_max} others. Let one in again.`);
  }
  const direct = directOf(work, command);
  const event = work.append(command, { stream: subject, type: on ? 'user.blocked' : 'user.unblocked', payload: JSON.stringify({ user_id: other }) });
  if (on) work.putEntry({ ...place, seq: event.seq, value: JSON.stringify({ time_ms: event.timeMs } satisfies Block), dueMs: null });
  else work.removeEntry(place);
  if (direct) closeDirect(work, command, direct);
  return event;
}

/** The direct conversation of the two, which the command has named; one that came up since is looked up by the next try. */
function directOf(work: UnitOfWork, { app, subject, other, direct }: SetBlock): ConversationRow | undefined {
  const id = work.directConversation(app, directPair([subject, other]));
  if (id === undefined) return undefined;
  if (id !== direct) throw new ProtocolError('unavailable', 'The users have just met.', { retryAfterMs: 100 });
  return work.conversation(app, id);
}

function closeDirect(work: UnitOfWork, command: SetBlock, conversation: ConversationRow): void {
  const before = settingsOf(conversation);
  const others = (before.closed_by ?? []).filter((user) => user !== command.subject);
  const closedBy = command.on ? [...others, command.subject] : others;
  const { closed_by: _closed, ...rest } = before;
  const settings: ConversationSettings = closedBy.length > 0 ? { ...rest, closed_by: closedBy } : rest;
  if (command.on) endByBlock(work, command, conversation);
  if ((before.closed_by === undefined) !== (settings.closed_by === undefined)) {
    work.append(command, { stream: conversation.id, type: settings.closed_by ? 'contact.closed' : 'contact.opened', payload: '{}', by: { user: null, clientId: command.clientId } });
  }
  conversation.settings = JSON.stringify(settings);
  work.changeConversation(conversation);
}

const blockPlace = (app: string, by: string, whom: string) => ({ app, stream: by, type: 'block', key: whom, targetSeq: 0 }) as const satisfies EntryPlace;

/** Those of two users who have blocked the other. */
export function blockersOf(work: UnitOfWork, app: string, [one, other]: readonly [string, string]): readonly string[] {
  const places = [blockPlace(app, one, other), blockPlace(app, other, one)];
  work.ahead(places.map((place) => () => work.entry(place)));
  return places.filter((place) => work.entry(place) !== undefined).map(({ stream }) => stream);
}

/**
 * Nobody brings together by themselves whom a block keeps apart: a group of two would be direct contact by another name. A backend may.
 *
 * @param others whom the command would bring into a conversation, or invite
 * @throws ProtocolError blocked
 */
export function refuseContact(work: UnitOfWork, { app, user }: Pick<Command, 'app' | 'user'>, others: readonly string[], field: string): void {
  if (user === null) return;
  const named = others.filter((other) => other !== user);
  work.ahead(named.flatMap((other) => [() => work.entry(blockPlace(app, user, other)), () => work.entry(blockPlace(app, other, user))]));
  const blocked = named.find((other) => blockersOf(work, app, [user, other]).length > 0);
  if (blocked !== undefined) throw new ProtocolError('blocked', `There is no contact between you and ${blocked}: one of the two has blocked the other.`, { field });
}
