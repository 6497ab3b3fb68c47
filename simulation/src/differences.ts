/** ORD5: what an app has made of the facts that it was shown, beside what it reads by operations. */
import { placeId } from '@talaria/protocol';
import type { OperationId, OperationOutput } from '@talaria/protocol/operations';
import { emptyConversation, foldConversation, shownMessages, type ConversationState, type MessageView, type UserState } from '@talaria/protocol/state';
import { isDeepStrictEqual } from 'node:util';
import type { Input } from './deeds.js';
import type { Device } from './device.js';
import type { Breach } from './watch.js';
import type { World } from './world.js';

const PAGE = 200;
/** What has a time is looked for once a second, and a commit takes a moment. */
const DUE_MS = 5_000;
const SHOWN_CHARS_MAX = 400;

/** @returns what is not the same; nothing moves meanwhile */
export async function differences(world: World, device: Device): Promise<Breach[]> {
  const found: Breach[] = [];
  const differ = (what: string, folded: unknown, read: unknown): void => {
    if (!isDeepStrictEqual(plain(folded), plain(read))) found.push({ rule: 'ORD5', text: `${device.owner.name}: ${what} is folded ${short(folded)}, and read ${short(read)}` });
  };
  const { app, user } = device.owner;
  // Who only looks may not have seen what their user has hidden.
  if (device.owner.kind !== 'consumer') return found;
  const { conversations } = app === world.stage.main.id ? world.stage.main : world.stage.other;
  for (const id of conversations) {
    const seen = world.disk.store.calls.conversation(app, user, id);
    if (!seen) continue;
    const logged = shownMessages(await readLog(device, id, seen.conversation.kind), device.folds.user);
    const read = await readMessages(device, id, logged);
    for (const message of read.values()) {
      if (message.expires_ms !== null && message.expires_ms < world.wallMs() - DUE_MS && message.deleted_ms === null) found.push({ rule: 'VIS4', text: `${device.owner.name} is shown ${message.id}, whose time has come` });
    }
    // What the log says now, to whoever reads it from the beginning.
    differMessages(differ, `the log of ${id}`, logged, read, true);
    if (seen.member?.active === true) await differLive(world, device, id, read, differ);
  }
  if (device.folds.isWhole(user)) await differOwn(world, device, differ);
  return found;
}

type Differ = (what: string, folded: unknown, read: unknown) => void;

/** What was seen as it happened, by somebody who has been there since it began for them. */
async function differLive(world: World, device: Device, id: string, read: ReadonlyMap<number, MessageView>, differ: Differ): Promise<void> {
  const { folds, owner: { app, user } } = device;
  const state = folds.conversations.get(id);
  if (!state || !folds.isUnbroken(id) || !isComparable(world, app, user, state, folds.isWhole(id))) return;
  const whole = folds.isWhole(id);
  const floorSeq = world.disk.store.calls.head(app, id)?.floorSeq ?? 0;
  const shown = shownMessages({ ...state, kind: world.disk.store.calls.conversation(app, user, id)?.conversation.kind ?? '' }, folds.user).filter(({ seq }) => seq > floorSeq);
  differMessages(differ, `what was seen of ${id}`, shown, read, false);
  const pinned = await device.ask('pins.list', { conversation_id: id });
  differ(`pins of ${id}`, shown.filter((one) => one.pinned !== null).map((one) => one.id), pinned.items.map((one) => one.id));
  if (!whole) return;
  const calls = await device.ask('calls.list', { conversation_id: id });
  differ(`the call that is on in ${id}`, [...state.calls.values()].filter(isOn), calls.items.filter(isOn));
  const { kind, name, avatar_url, data, history, settings, member_count } = await device.ask('conversations.get', { conversation_id: id });
  differ(`${id} itself`, { kind: state.kind, name: state.name, avatar_url: state.avatar_url, data: state.data, history: state.history, settings: state.settings }, { kind, name, avatar_url, data, history, settings });
  differ(`how many members ${id} has`, [...state.members.values()].filter(({ active }) => active).length, member_count);
  const members = (await listed(device, 'members.list', { conversation_id: id })).map(({ user_id, role, joined_seq }) => [user_id, role, joined_seq] as const);
  differ(`members of ${id}`, sorted([...state.members].filter(([, one]) => one.active).map(([user, one]) => [user, one.role, one.joined_seq] as const)), sorted(members));
}

/** Whether somebody is shown now what they were shown then: another policy shows more, or less, of what was before they came or came back. */
function isComparable(world: World, app: string, user: string, state: ConversationState, whole: boolean): boolean {
  const policies = policiesOf(world, app, state.id);
  // Behind a floor one does not know what the policy was before the first that is told of.
  const hasFloor = (world.disk.store.calls.head(app, state.id)?.floorSeq ?? 0) > 0;
  if (policies.size === 1 && !hasFloor) return whole || policies.has('from_join');
  const [first, ...others] = world.disk.store.calls.intervals(app, state.id, user);
  return whole && first !== undefined && others.length === 0 && ![...state.messages.keys()].some((seq) => seq < first.fromSeq);
}

/** VIS4: who does not see a message go knows that it is gone, and not when. */
function differMessages(differ: Differ, what: string, folded: readonly MessageView[], read: ReadonlyMap<number, MessageView>, lateOnes: boolean): void {
  const modulo = (message: MessageView): MessageView => (lateOnes && message.deleted_ms !== null ? { ...message, deleted_ms: 0 } : message);
  differ(`which messages ${what} has`, folded.map(({ seq }) => seq), [...read.keys()]);
  for (const message of folded) {
    const other = read.get(message.seq);
    if (other) differ(`${what} seq ${message.seq}`, modulo(message), modulo(other));
  }
}

/** The user's own stream. */
async function differOwn(world: World, device: Device, differ: Differ): Promise<void> {
  const { folds: { user: own }, owner: { user, app } } = device;
  const me = { user_id: 'me' };
  const drafts = (await listed(device, 'drafts.list', me)).map(({ conversation_id, thread_id, text, data, time_ms }) => [thread_id ?? conversation_id, { text, data, time_ms }] as const);
  differ('drafts', sorted(own.drafts), sorted(drafts));
  differ('bookmarks', sorted(own.bookmarks), sorted((await listed(device, 'bookmarks.list', me)).map(({ message_id, note, time_ms }) => [message_id, { note, time_ms }] as const)));
  const followed = new Set(own.threads.keys());
  differ('threads that are listed and not followed', [], (await listed(device, 'threads.list', me)).filter(({ message }) => !followed.has(message.id)).map(({ message }) => message.id));
  differ('blocks', [...own.blocked].sort(), (await listed(device, 'blocks.list', me)).map(({ user_id }) => user_id).sort());
  differ('invitations', sorted(withoutOver(own.invitations, world.wallMs())), sorted((await listed(device, 'invitations.mine', me)).map(({ conversation_id, kind, name, role, invited_by, expires_ms }) => [conversation_id, { kind, name, role, invited_by, expires_ms }] as const)));
  const scheduled = (await listed(device, 'scheduled.list', me)).map(({ id, conversation_id, text, data, send_at_ms }) => [id, { conversation_id, text, data, time_ms: send_at_ms }] as const);
  differ('scheduled messages', sorted([...own.scheduled].map(([seq, one]) => [placeId('scheduled', user, seq), one] as const)), sorted(scheduled));
  if (own.privacy) differ('privacy', own.privacy, await device.ask('privacy.get', me));
  const { name, avatar_url, data, deactivated_ms } = await device.ask('users.get', me);
  if (own.profile) differ('the profile', own.profile, { name, avatar_url, data });
  differ('whether the user is active', own.active, deactivated_ms === null);
  const inbox = await listed(device, 'inbox.list', { ...me, archived: 'included', include_hidden: true });
  differ('conversations', [...own.conversations.keys()].sort(), inbox.map(({ id }) => id).sort());
  const shown = inbox.filter(({ membership }) => membership && membership.archived_ms === null && !membership.hidden);
  differ('what is unread in all of them', shown.reduce((sum, { membership }) => sum + membership!.unread, 0), (await device.ask('inbox.unread', me)).messages);
  const held: (readonly [string, unknown])[] = [];
  for (const { id, membership, head_seq, last_message } of inbox) {
    const preferred = own.preferences.get(id);
    differ(`how ${id} is preferred`, preferred && { ...preferred, hidden_seq: undefined, hidden: (preferred.hidden_seq ?? -1) >= head_seq }, preferred && membership && {
      muted_until_ms: membership.muted_until_ms, pinned_ms: membership.pinned_ms, archived_ms: membership.archived_ms, hidden_seq: undefined, hidden: membership.hidden,
    });
    if (last_message) differ(`whether the last message of ${id} is hidden`, false, own.hidden.has(last_message.id));
    for (const one of await listed(device, 'held.list', { conversation_id: id })) {
      if (one.sender_id === user) held.push([one.id, { conversation_id: one.conversation_id, text: one.text, data: one.data, time_ms: one.expires_ms }]);
    }
  }
  const waiting = [...own.held].filter(([, one]) => inbox.some(({ id }) => id === one.conversation_id)).map(([seq, one]) => [placeId('held', user, seq), one] as const);
  differ('held messages', sorted(waiting), sorted(held));
  differ('requests to join', sorted(own.asked), sorted((await listed(device, 'requests.mine', me)).map(({ conversation_id, created_ms }) => [conversation_id, { time_ms: created_ms }] as const)));
  const waitingFor = [...world.stage.main.conversations, ...world.stage.other.conversations].filter((id) => world.disk.store.calls.entries(app, id, 'join_request', PAGE, null).items.some(({ key }) => key === user));
  differ('requests that wait', [...own.asked.keys()].sort(), waitingFor.sort());
}

function withoutOver(invitations: UserState['invitations'], nowMs: number): (readonly [string, unknown])[] {
  return [...invitations].filter(([, { expires_ms }]) => expires_ms === null || expires_ms > nowMs);
}

/** Every message that is listed: of the conversation, and of its threads. @param known what facts speak of */
async function readMessages(device: Device, id: string, known: readonly MessageView[]): Promise<Map<number, MessageView>> {
  const found = new Map<number, MessageView>();
  const take = async (of: Input): Promise<void> => {
    let after = 0;
    for (let more = true; more;) {
      const page = await device.ask('messages.list', { conversation_id: id, after_seq: after, limit: PAGE, ...of });
      for (const message of page.items) found.set(message.seq, message);
      ({ has_after: more, to_seq: after } = page);
    }
  };
  await take({});
  for (const { id: root, thread } of [...found.values()]) if (thread !== null) await take({ thread_id: root });
  // Replies stay when what they answer is hidden, or gone with the log: one reads them by name.
  for (const { seq, id: name, thread_id } of known) {
    if (thread_id !== null && !found.has(seq)) await device.ask('messages.get', { message_id: name }).then((message) => found.set(seq, message), () => undefined);
  }
  return new Map([...found].sort(([one], [other]) => one - other));
}

/** @param kind which the beginning of the log says, which may not be shown */
async function readLog(device: Device, id: string, kind: string): Promise<ConversationState> {
  const state = { ...emptyConversation(id, device.owner.user), kind };
  let after = 0;
  for (let more = true; more;) {
    const page = await device.ask('facts.list', { conversation_id: id, after_seq: after, limit: PAGE });
    for (const fact of page.items) foldConversation(state, fact);
    more = page.to_seq < page.head_seq && page.to_seq > after;
    after = page.to_seq;
  }
  return state;
}

type Items<Id extends OperationId> = OperationOutput<Id> extends { readonly items: readonly (infer Item)[] } ? Item : never;

/** All pages of a list. */
async function listed<Id extends OperationId>(device: Device, id: Id, input: Input): Promise<Items<Id>[]> {
  const items: Items<Id>[] = [];
  let after: string | null = null;
  do {
    // Only the table knows that this operation gives pages.
    const page = await device.ask(id, { ...input, limit: 100, ...(after === null ? {} : { after }) }) as unknown as { readonly items: readonly Items<Id>[]; readonly next: string | null };
    items.push(...page.items);
    after = page.next;
  } while (after !== null);
  return items;
}

function policiesOf({ disk }: World, app: string, stream: string): Set<unknown> {
  const { facts = [] } = disk.store.calls.facts({ app, stream, viewer: null, afterSeq: 0, limit: Number.MAX_SAFE_INTEGER }) ?? {};
  return new Set(facts.filter(({ type }) => type === 'conversation.created' || type === 'conversation.updated').map(({ payload }) => (JSON.parse(payload) as { history?: string }).history));
}

const isOn = (call: { readonly state: string }): boolean => call.state !== 'ended';
/** As JSON has it: without what is undefined. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)) as unknown);
const sorted = <T extends readonly [string, ...unknown[]]>(entries: Iterable<T>): T[] => [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
const short = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, SHOWN_CHARS_MAX);
