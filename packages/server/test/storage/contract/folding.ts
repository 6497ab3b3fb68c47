import { factTable, messageId, type CallState } from '@talaria/protocol';
import { emptyConversation, emptyUser, foldConversation, foldUser, shownMessages, type ConversationState, type MessageView } from '@talaria/protocol/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCall } from '../../../src/domain/calls/live-call.js';
import { messageView } from '../../../src/domain/messages/view.js';
import { conversationView, factView } from '../../../src/domain/views.js';
import { parseMessageKey } from '../../../src/domain/own/keys.js';
import type { Command } from '../../../src/storage/command.js';
import type { EntryType } from '../../../src/storage/entry-types.js';
import type { Paged } from '../../../src/storage/port.js';
import type { EntryRow, MemberRow } from '../../../src/storage/rows.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { PROPERTY_MS, useStage } from './stage.js';

const KINDS = [
  'send', 'silent', 'system', 'edit', 'delete', 'rename', 'add', 'remove', 'role', 'leave', 'reply', 'silent reply', 'reply in main', 'quote', 'poll', 'secret poll', 'mention', 'react', 'take back', 'pin', 'unpin',
  'settings', 'timer', 'prefer', 'transfer', 'preview', 'invite', 'accept', 'decline', 'uninvite', 'link', 'unlink', 'by link', 'ask', 'ask no more', 'let in', 'turn away', 'schedule', 'cancel', 'release', 'held', 'approve', 'reject',
  'call', 'answer', 'answer elsewhere', 'no answer', 'hang up', 'end call', 'overdue',
  'profile', 'privacy', 'active', 'block', 'unblock', 'expiring', 'expire', 'vote', 'close', 'hide', 'bookmark', 'forget', 'draft', 'clear', 'follow', 'unfollow', 'read', 'unread',
] as const;
/** A step names its actor, its subject and a message by number; what the rules refuse is part of the game. */
interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly actor: number;
  readonly subject: number;
  readonly which: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS, 'send', 'send', 'edit', 'reply', 'react', 'vote', 'poll', 'delete', 'draft', 'read', 'secret poll', 'vote', 'follow', 'reply', 'read', 'pin', 'unpin', 'reply', 'call', 'answer', 'hang up', 'leave', 'add', 'end call'),
  // The owner acts most, and on few messages, so that what can be taken back is.
  actor: fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 4), subject: fc.integer({ min: 0, max: 4 }), which: fc.integer({ min: 0, max: 7 }),
});
const ROLES = ['admin', 'moderator', 'member', 'reader'] as const;
/** Who has left is told of a deletion, and not of an edit that came before it. */
const LEFT: readonly Step[] = ([['send', 0], ['leave', 1], ['edit', 1], ['delete', 0]] as const).map(([kind, subject]) => ({ kind, actor: 0, subject, which: 0 }));
/** One of each, where it can be done, and what takes it back. */
const EVERY: readonly Step[] = ([
  'poll', 'reply', 'react', 'take back', 'pin', 'unpin', 'vote', 'bookmark', 'forget', 'draft', 'clear', 'follow', 'read', 'unfollow', 'unread', 'preview', 'edit', 'rename', 'hide', 'close', 'secret poll', 'role', 'add',
  'remove', 'delete',
] as const).map((kind) => ({ kind, actor: 0, subject: kind === 'add' ? 3 : kind === 'unread' ? 0 : 2, which: 0 }));
/** Ways in and out, and what waits: each step with its subject. */
const COMING: readonly Step[] = ([
  ['settings', 2, 0], ['held', 1, 0], ['approve', 1, 0], ['held', 1, 0], ['reject', 1, 0], ['settings', 3, 0], ['schedule', 0, 0], ['cancel', 0, 0], ['schedule', 0, 0], ['release', 0, 0], ['invite', 3, 0], ['decline', 3, 0],
  ['invite', 3, 0], ['uninvite', 3, 0], ['settings', 4, 0], ['ask', 3, 0], ['turn away', 3, 0], ['ask', 3, 0], ['ask no more', 3, 0], ['ask', 3, 0], ['let in', 3, 0], ['link', 0, 0], ['unlink', 0, 0], ['prefer', 0, 0], ['block', 1, 0], ['unblock', 1, 0],
  ['profile', 1, 0], ['privacy', 1, 1], ['active', 1, 0], ['active', 1, 1], ['timer', 0, 1], ['expiring', 0, 0], ['expire', 0, 0],
] as const).map(([kind, subject, which]) => ({ kind, actor: 0, subject, which }));
/** What is hidden of those whom one blocks, and comes back (VIS2). */
const BLOCKING: readonly Step[] = ([['send', 1, 0], ['block', 1, 0], ['privacy', 0, 4], ['send', 1, 0], ['reply', 1, 0]] as const).map(([kind, who, which]) => ({ kind, actor: kind === 'block' ? 0 : who, subject: who, which }));
/** Facts about a message that is gone are emptied, also for who had left before. */
const GONE: readonly Step[] = (['poll', 'vote', 'react', 'pin', 'preview', 'edit', 'leave', 'delete'] as const).map((kind) => ({ kind, actor: 0, subject: kind === 'leave' ? 1 : 0, which: 0 }));
/** Calls that are answered, declined, left with the conversation, and rung out. */
const CALLING: readonly Step[] = ([
  ['call', 0], ['answer', 1], ['answer elsewhere', 1], ['answer', 1], ['answer', 2], ['hang up', 1], ['answer', 1], ['leave', 2], ['add', 2], ['hang up', 1], ['end call', 0],
  ['call', 1], ['no answer', 2], ['no answer', 2], ['no answer', 0], ['call', 0], ['overdue', 0], ['call', 0], ['hang up', 0], ['call', 0], ['answer', 1], ['leave', 1], ['overdue', 0],
] as const).map(([kind, subject]) => ({ kind, actor: 0, subject, which: 0 }));
/** Who comes by one way, while another waits. */
const TWO_WAYS: readonly Step[] = ([['settings', 4], ['ask', 3], ['add', 3], ['let in', 3], ['leave', 3], ['invite', 3], ['add', 3], ['accept', 3], ['leave', 3], ['invite', 3], ['ask', 3], ['accept', 3], ['let in', 3]] as const)
  .map(([kind, subject]) => ({ kind, actor: 0, subject, which: 0 }));
/** Who comes back has marked nothing as unread, and chosen nothing. */
const BACK: readonly Step[] = (['send', 'unread', 'prefer', 'leave', 'add'] as const).map((kind) => ({ kind, actor: kind === 'unread' || kind === 'prefer' ? 1 : 0, subject: 1, which: 0 }));
const OPTIONS = [{ id: '1', text: 'one' }, { id: '2', text: 'two' }, { id: '3', text: 'three' }];

/** What steps have made that later ones name. */
interface Made {
  direct: string;
  link: number;
  scheduled: number;
  held: number;
  heldBy: string;
  expiring: number;
  call: number;
  /** The fact that changed the call last. */
  called: number;
}

function note(made: Made, one: Step, { type, seq, stream }: { readonly type: string; readonly seq: number; readonly stream: string }): void {
  if (type === 'link.created') made.link = seq;
  if (type === 'message.scheduled') made.scheduled = seq;
  if (type === 'message.held') Object.assign(made, { held: seq, heldBy: stream });
  if (type === 'call.started') made.call = seq;
  if (type.startsWith('call.')) made.called = seq;
  if (one.kind === 'expiring' && type === 'message.created') made.expiring = seq;
}

/** @param users the fifth actor is the backend @param seqs the messages so far, some of which another may have sent */
function commandOf(world: World, conversation: string, users: readonly string[], seqs: readonly number[], made: Made, one: Step): Command {
  const user = users[one.actor] ?? null;
  const seq = seqs[one.which % Math.max(1, seqs.length)] ?? one.which;
  const member = users[one.subject] ?? users[0]!;
  // What can be taken back is done to few messages.
  const early = seqs[one.which % Math.min(2, Math.max(1, seqs.length))] ?? seq;
  const base = { user, conversation };
  switch (one.kind) {
    case 'send': return world.message({ ...base, text: `text ${one.which}`, data: one.which % 2 ? '{"n":1}' : '', silent: false });
    case 'silent': return world.message({ ...base, text: 'silent', data: '', silent: true });
    case 'system': return world.message({ ...base, user: null, text: 'system' });
    case 'edit': return world.command('message.edit', { ...base, seq, text: one.subject % 2 ? 'edited' : null, data: one.subject % 2 ? null : '{"e":2}' });
    case 'delete': return world.command('message.delete', { ...base, seq });
    case 'rename': return world.command('conversation.update', { ...base, name: `name ${one.which}`, data: `{"n":${one.which}}`, history: one.which % 2 ? 'all' : null });
    case 'add': return world.command('member.add', { ...base, members: [member], role: ROLES[one.which % 4]! });
    case 'remove': return world.command('member.remove', { ...base, member });
    case 'role': return world.command('member.update', { ...base, member, role: ROLES[one.which % 4]! });
    case 'leave': return world.command('member.remove', { user: member, conversation, member });
    case 'reply':
    case 'silent reply':
    case 'reply in main': {
      const more = { thread_seq: seq, ...(one.kind === 'reply in main' && { in_main: true }), ...(one.subject % 2 && { mentions: { user_ids: [member] } }) };
      return world.message({ ...base, text: 'reply', silent: one.kind === 'silent reply', more }, { followers: users });
    }
    case 'quote': return world.message({ ...base, text: 'as was said', more: { quote_seq: seq } });
    case 'poll':
    case 'secret poll': return world.message({ ...base, text: '', more: { poll: { question: 'which?', options: OPTIONS, ...(one.which % 2 && { multiple: true }), ...(one.kind === 'secret poll' && { anonymous: true }) } } });
    case 'mention': return world.message({ ...base, text: '@', more: { mentions: { user_ids: [member], ...(one.which % 2 && { everyone: true }) } } });
    case 'react': return world.command('reaction.set', { ...base, seq: early, reaction: one.which % 2 ? '👍' : 'party', on: true });
    case 'take back': return world.command('reaction.set', { ...base, seq: early, reaction: one.which % 2 ? '👍' : 'party', on: false });
    case 'pin': return world.command('pin.set', { ...base, seq: early, on: true });
    case 'unpin': return world.command('pin.set', { ...base, seq: early, on: false });
    case 'vote': return world.command('poll.vote', { ...base, seq, options: [['1'], ['2'], ['1', '3'], []][one.subject % 4]! });
    case 'settings': return world.command('conversation.settings', { ...base, change: [{ frozen: one.actor > 0 }, { slow_mode_s: one.actor > 0 ? 1 : 0 }, { approval: { timeout_s: 60 } }, { approval: null }, { join: one.which % 2 ? 'open' as const : 'on_request' as const, one_reaction: true }][one.subject]! });
    case 'timer': return world.command('conversation.settings', { ...base, change: { message_timer: one.which % 2 ? { after: 'read', seconds: 5 } : null } });
    case 'prefer': return world.command('preferences.set', { ...base, change: [{ pinned: true }, { archived: true, muted_until_ms: 9_000 }, { hidden: true }, { pinned: false, hidden: false }, { muted_until_ms: null }][one.subject]! });
    case 'transfer': return world.command('conversation.transfer', { ...base, user: null, member: users[0]! });
    case 'invite': return world.command('invitation.create', { ...base, members: [member], role: null, expiresMs: null });
    case 'accept': return world.command('invitation.answer', { user: member, conversation, accept: true });
    case 'decline': return world.command('invitation.answer', { user: member, conversation, accept: false });
    case 'uninvite': return world.command('invitation.revoke', { ...base, member });
    case 'link': return world.command('link.create', { ...base, role: null, expiresMs: null, usesMax: null, approval: one.which % 2 === 1 });
    case 'unlink': return world.command('link.revoke', { ...base, linkSeq: made.link });
    case 'by link': return world.command('link.join', { user: member, conversation, linkSeq: made.link });
    case 'ask': return world.command('join.request', { user: member, conversation, text: 'may I?' });
    case 'ask no more': return world.command('join.withdraw', { user: member, conversation });
    case 'let in': return world.command('join.decide', { ...base, member, accept: true });
    case 'turn away': return world.command('join.decide', { ...base, member, accept: false });
    case 'schedule': return world.command('schedule.create', { user: users[0]!, conversation, payload: '{"text":"later"}', silent: false, more: null, followers: [], sendAtMs: 4_000_000_000_000 });
    case 'cancel': return world.command('schedule.cancel', { user: null, owner: users[0]!, scheduledSeq: made.scheduled });
    case 'release': return world.command('schedule.release', { user: null, conversation, owner: users[0]!, scheduledSeq: made.scheduled, followers: [] });
    case 'held': return world.message({ ...base, user: member, text: 'may I say so?' }, { followers: [member] });
    case 'approve': return world.command('held.decide', { user: null, conversation, sender: made.heldBy || member, heldSeq: made.held, approve: true, reason: '', followers: [] });
    case 'reject': return world.command('held.decide', { user: null, conversation, sender: made.heldBy || member, heldSeq: made.held, approve: false, reason: 'no', followers: [] });
    case 'call': return world.command('call.start', { user: member, conversation, callKind: 'audio', device: 'phone', data: one.which % 2 ? '{"topic":"plans"}' : '{}', ringMs: 30_000, notAfterMs: null });
    case 'answer':
    case 'answer elsewhere': return world.command('call.answer', { user: member, conversation, callSeq: made.call, device: one.kind === 'answer' ? 'phone' : 'desk' });
    case 'no answer': return world.command('call.decline', { user: member, conversation, callSeq: made.call });
    case 'hang up': return world.command('call.leave', { user: member, conversation, callSeq: made.call });
    case 'end call': return world.command('call.end', { ...base, callSeq: made.call, failed: one.which % 2 === 1 });
    case 'overdue': return world.command('call.overdue', { user: null, conversation, callSeq: made.call, entrySeq: made.called });
    case 'profile': return world.command('user.update', { user: member, subject: member, name: `name ${one.which}`, data: null });
    case 'privacy': return world.command('privacy.set', { user: member, subject: member, change: { receipts: one.which % 2 === 0, hide_blocked: one.which > 2 } });
    case 'active': return world.command('user.active', { user: null, subject: member, on: one.which % 2 === 1 });
    case 'block': return world.command('block.set', { user: users[0]!, subject: users[0]!, other: users[1]!, on: true, direct: made.direct });
    case 'unblock': return world.command('block.set', { user: users[0]!, subject: users[0]!, other: users[1]!, on: false, direct: made.direct });
    case 'expiring': return world.message({ ...base, text: 'for a moment', more: { expires_ms: 4_000_000_000_000 } });
    case 'preview': return world.command('message.preview', { user: null, conversation, seq: early, bodySeq: early, previews: one.subject % 2 ? [] : [{ url: 'https://a.example/', title: `title ${one.which}` }] });
    case 'expire': return world.command('message.expire', { user: null, conversation, seq: made.expiring });
    case 'hide': return world.command('message.hide', { ...base, seq });
    case 'bookmark': return world.command('bookmark.set', { ...base, seq: early, note: `note ${one.subject}`, on: true });
    case 'forget': return world.command('bookmark.set', { ...base, seq: early, note: '', on: false });
    case 'draft': return world.command('draft.set', { ...base, threadSeq: one.subject % 2 ? seq : 0, text: `draft ${one.which}`, data: one.which % 2 ? '{"d":1}' : '' });
    case 'clear': return world.command('draft.set', { ...base, threadSeq: one.subject % 2 ? seq : 0, text: '', data: '' });
    case 'follow': return world.command('thread.follow', { ...base, seq, on: true });
    case 'unfollow': return world.command('thread.follow', { ...base, seq, on: false });
    case 'read': return world.command('thread.read', { ...base, seq, readSeq: one.subject % 2 ? 1_000 : seq + one.subject });
    case 'unread': return world.command('conversation.mark_unread', { ...base, fromSeq: seq });
    case 'close': return world.command('poll.close', { ...base, seq });
  }
}

async function scene(world: World, users: readonly string[]): Promise<Made> {
  const { stream } = await world.done(world.command('conversation.create', { user: null, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: users.slice(0, 2) }));
  return { direct: stream, link: 0, scheduled: 0, held: 0, heldBy: '', expiring: 0, call: 0, called: 0 };
}

/** What a viewer's facts come to. */
async function folded(world: World, conversation: string, viewer: string | null, upTo = Number.MAX_SAFE_INTEGER): Promise<ConversationState> {
  const state = emptyConversation(conversation, viewer);
  for (const fact of await world.facts(conversation, viewer, 17)) if (fact.seq <= upTo) foldConversation(state, factView(fact));
  return state;
}

/** The state as the tables have it for the same viewer. */
async function readTables(world: World, conversation: string, viewer: string | null, users: readonly string[]): Promise<unknown> {
  const record = (await world.storage.conversation(world.app, viewer, conversation))!;
  const members = new Map<string, unknown>();
  for (const user of users) {
    const row = (await world.storage.conversation(world.app, user, conversation))?.member;
    if (row) members.set(user, { role: row.role, active: row.active, joined_seq: row.joinedSeq, left_seq: row.leftSeq });
  }
  const { kind, name, avatar_url, data, history, settings } = conversationView(record, { kind: viewer === null ? 'backend' : 'user' });
  const listed = await world.storage.members(world.app, null, conversation, 100, null);
  expect(record.conversation.memberCount).toBe(listed?.items.length);
  const all = await messagesOf(world, conversation, viewer, record.endSeq);
  return { kind, name, avatar_url, data, history, settings, head_seq: record.endSeq, members, messages: all, calls: await callsOf(world, conversation, viewer) };
}

/** Every call that the viewer is shown, by pages, the oldest first. */
async function callsOf(world: World, conversation: string, viewer: string | null): Promise<readonly CallState[]> {
  const calls: CallState[] = [];
  for (let before: number | null = null; ;) {
    const page: Paged<EntryRow> | null = await world.storage.calls(world.app, viewer, conversation, 2, before);
    calls.push(...page!.items.map(parseCall));
    if (!page!.more) return calls.reverse();
    before = calls.at(-1)!.seq;
  }
}

/** Every message that the viewer sees, with replies. */
async function messagesOf(world: World, conversation: string, viewer: string | null, endSeq: number): Promise<Map<number, MessageView>> {
  const places = Array.from({ length: endSeq }, (_, at) => ({ conversation, seq: at + 1 }));
  const found = (await world.storage.messagesAt(world.app, viewer, places)).flatMap((row) => (row ? [messageView(row)] : []));
  const main = (await world.storage.messages({ app: world.app, conversation, viewer, anchor: { kind: 'newest' }, limit: 1_000 }))!.items.map(messageView);
  expect(main).toEqual(found.filter((message) => message.in_main));
  return new Map(found.map((message) => [message.seq, message]));
}

function shown({ kind, name, avatar_url, data, history, settings, head_seq, members, messages, calls }: ConversationState): unknown {
  return { kind, name, avatar_url, data, history, settings, head_seq, members, messages, calls: [...calls.values()] };
}

const preferencesOf = ({ mutedUntilMs, pinnedMs, archivedMs, hiddenSeq }: MemberRow) => ({ muted_until_ms: mutedUntilMs, pinned_ms: pinnedMs, archived_ms: archivedMs, hidden_seq: hiddenSeq });

/** What the tables have of a user's own. */
async function ownTables(world: World, user: string): Promise<unknown> {
  const entries = async (type: EntryType) => (await world.storage.entries(world.app, user, type, 1_000, null)).items;
  const named = (key: string): string => {
    const { conversation, seq } = parseMessageKey(key);
    return seq === 0 ? conversation : messageId(conversation, seq);
  };
  const drafts = (await entries('draft')).map((row) => {
    const { text, data, time_ms } = JSON.parse(row.value) as { text: string; data: string; time_ms: number };
    return [named(row.key), { text, data: data === '' ? {} : JSON.parse(data) as object, time_ms }] as const;
  });
  const bookmarks = (await entries('bookmark')).map((row) => [named(row.key), JSON.parse(row.value) as object] as const);
  return {
    drafts: new Map(drafts), bookmarks: new Map(bookmarks), threads: new Set((await entries('thread')).map((row) => named(row.key))),
    invitations: new Set((await entries('invited')).map((row) => row.key)), asked: new Set((await entries('asked')).map((row) => row.key)), blocked: new Set((await entries('block')).map((row) => row.key)), scheduled: new Set((await entries('scheduled')).map((row) => row.seq)),
    active: (await world.storage.user(world.app, user))?.deactivatedMs === null,
  };
}

/** Modulo redaction: who did not see a message go knows that it is gone, and not when. */
const modulo = (messages: readonly MessageView[]) => messages.map((message) => (message.deleted_ms === null ? message : { ...message, deleted_ms: 0 }));

/** What redaction leaves of a state: which messages there were, and who was in. */
function outline(state: ConversationState): unknown {
  return { ...shown(state) as object, messages: [...state.messages.values()].map(({ seq, sender_id, thread_id }) => ({ seq, sender_id, thread_id })) };
}

/** ORD5: facts and tables tell the same. */
export function foldingContract(open: OpenHarness): void {
  describe('folding', () => {
    const stage = useStage(open);

    it('[ORD5] gives what the tables give, to every viewer, after commands of every kind and from every prefix', async () => {
      const types = new Set<string>();
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (steps) => {
        const world = stage.world();
        const users = await world.users(4);
        const conversation = await world.group(users[0]!, users.slice(1, 3));
        const made = await scene(world, users);
        const prefixes: ConversationState[] = [];
        const seqs: number[] = [];
        for (const one of steps) {
          const outcome = await world.append(commandOf(world, conversation, users, seqs, made, one));
          if (!outcome.ok) continue;
          for (const fact of outcome.facts) types.add(fact.type);
          note(made, one, outcome.place);
          if (outcome.place.type === 'message.created') seqs.push(outcome.place.seq);
          if (one.which > 0) continue;
          const state = await folded(world, conversation, null);
          expect(shown(state)).toEqual(await readTables(world, conversation, null, users));
          prefixes.push(state);
        }
        // Of whoever is in from the first, and of whoever came and went: both are told the same by facts and tables.
        for (const viewer of users) {
          const record = await world.storage.conversation(world.app, viewer, conversation);
          if (!record) continue;
          const own = emptyUser(viewer);
          for (const fact of await world.facts(viewer, viewer)) foldUser(own, factView(fact));
          const state = await folded(world, conversation, viewer);
          const shownOnes = shownMessages(state, own);
          // A call that is on is shown to whoever is a member now, also when it began before; and to nobody else.
          const [calls, kept] = [await callsOf(world, conversation, viewer), [...state.calls.values()]];
          expect(kept.filter((call) => call.state === 'ended')).toEqual(calls.filter((call) => call.state === 'ended'));
          const [live, keptLive] = [calls.find((call) => call.state !== 'ended'), kept.find((call) => call.state !== 'ended')];
          expect(live).toEqual(record.member?.active ? keptLive ?? live : undefined);
          expect(modulo(shownOnes)).toEqual(modulo([...(await messagesOf(world, conversation, viewer, record.endSeq)).values()]));
          expect(await ownTables(world, viewer)).toEqual({
            drafts: own.drafts, bookmarks: own.bookmarks, threads: new Set(own.threads.keys()), invitations: new Set(own.invitations.keys()), asked: new Set(own.asked.keys()), blocked: own.blocked,
            scheduled: new Set(own.scheduled.keys()),
            active: own.active,
          });
          const { items: asking } = await world.storage.entries(world.app, conversation, 'join_request', 100, null);
          expect(own.asked.has(conversation)).toBe(asking.some(({ key }) => key === viewer));
          if (record.member?.active) expect(own.unread.get(conversation) ?? null).toBe(record.member.unreadFromSeq);
          const preferred = own.preferences.get(conversation);
          if (preferred && record.member?.active) expect(preferred).toEqual(preferencesOf(record.member));
        }
        for (const prefix of prefixes) expect(outline(await folded(world, conversation, null, prefix.head_seq))).toEqual(outline(prefix));
      }), { numRuns: 60, seed: 5, examples: [[[...EVERY]], [[...COMING]], [[...LEFT]], [[...BLOCKING]], [[{ kind: 'secret poll', actor: 0, subject: 0, which: 0 }, { kind: 'vote', actor: 0, subject: 0, which: 0 }]], [[...GONE]], [[...TWO_WAYS]], [[...BACK]], [[...CALLING]]] });
      const due = Object.keys(factTable);
      expect(due.filter((type) => type !== 'conversation.created' && !types.has(type))).toEqual([]);
    }, PROPERTY_MS);

    it('[ORD5] does so when the commands share their batches', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
        const world = stage.world();
        const users = await world.users(4);
        const conversation = await world.group(users[0]!, users.slice(1, 3));
        const made = await scene(world, users);
        // The first messages get these seqs, if nothing else comes between; what misses is refused.
        const seqs = [5, 6, 7, 8, 9, 10];
        await Promise.all(steps.map((one) => world.append(commandOf(world, conversation, users, seqs, made, one))));
        expect(shown(await folded(world, conversation, null))).toEqual(await readTables(world, conversation, null, users));
      }), { numRuns: 40, seed: 6 });
    }, PROPERTY_MS);
  });
}
