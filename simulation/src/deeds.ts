/**
 * What people and backends do beside talking: every command of the operation table. Each deed says what it is done to just now; what
 * is refused is part of the day. A test holds the list: an operation is here, or stands below with the reason why not.
 */
import { messageId, placeId, type CallState } from '@talaria/protocol';
import { operationIds, operations, type OperationId } from '@talaria/protocol/operations';
import type { MemoryStore } from '@talaria/server/internals';
import type { Dice } from './dice.js';
import type { AppStage } from './stage.js';

export type Input = Readonly<Record<string, unknown>>;

/** Who acts where, and what is there. */
export interface Around {
  readonly app: AppStage;
  readonly store: MemoryStore;
  readonly conversation: string;
  /** Who acts, or for whom. */
  readonly user: string;
  /** Whether it is a backend, who may name somebody else. */
  readonly backend: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly dice: Dice;
}

/** @returns the operation's input without who acts; undefined when there is nothing to do it to */
export type Deed = (around: Around) => Input | undefined;

/** Operations that nobody uses in a day, and why. */
export const LEFT_OUT: Readonly<Record<string, readonly OperationId[]>> = {
  'The stage is set with them, before anything goes wrong.': ['tenants.create', 'apps.create', 'keys.create', 'users.create'],
  'A frame of the socket does it, by the same function.': ['marks.set', 'signals.send'],
  'There is no index: it is a reader of the log, and has tests of its own.': ['search.messages', 'search.suggest', 'search.conversations', 'search.users', 'search.status', 'search.rebuild'],
  'No fact comes of it, and a password costs real time.': [
    'identity.register', 'identity.login', 'identity.guest', 'identity.refresh', 'identity.logout', 'accounts.get', 'accounts.set', 'accounts.password', 'sessions.revoke', 'sessions.clear',
  ],
  'It would take the stage away.': ['tenants.update', 'tenants.delete', 'apps.update', 'apps.delete', 'keys.rotate', 'keys.revoke'],
  'It is for who runs the installation, and tells of one process and no log.': [
    'tenants.list', 'tenants.get', 'apps.list', 'apps.get', 'keys.list', 'status.get', 'cluster.get', 'stats.get', 'logs.list', 'incidents.list', 'settings.list', 'consumers.list', 'connections.list', 'connections.get',
    'connections.close', 'traces.start', 'traces.stop', 'traces.list', 'traces.get',
  ],
  'It is for the people at the dashboard, who are in no log.': [
    'operators.list', 'operators.me', 'operators.get', 'operators.invite', 'operators.link', 'operators.update', 'operators.delete', 'operators.password', 'operators.sessions', 'operators.revoke',
    'session.create', 'session.link', 'session.accept', 'session.get', 'session.delete',
  ],
};

const REACTIONS = ['👍', '🎉', 'party'] as const;
const ROLES = ['admin', 'moderator', 'member', 'member', 'reader', 'press'] as const;
const DEVICES = ['phone', 'desk'] as const;
const NEWEST = 10;
const FURTHER = 60;
const CONVERSATIONS_MAX = 6;
/** A month; nothing here is muted for longer. */
const MUTE_MS = 30 * 86_400_000;

type Row = NonNullable<ReturnType<MemoryStore['calls']['message']>>;

/** The newest messages, and now and then the replies of one of them. */
function messages({ app, store, conversation, dice }: Around, limit: number): readonly Row[] {
  const newest = (thread?: number): readonly Row[] =>
    store.calls.messages({ app: app.id, conversation, viewer: null, anchor: { kind: 'newest' }, limit, ...(thread === undefined ? {} : { thread }) })?.items ?? [];
  const main = newest();
  const roots = main.filter(({ state }) => state?.includes('"thread"'));
  return roots.length > 0 && dice.chance(0.3) ? newest(dice.pick(roots).seq) : main;
}

export function messageOf(around: Around, which: (row: Row) => boolean = () => true, limit = NEWEST): string | undefined {
  const found = messages(around, limit).filter((row) => (row.deletedMs === null || around.dice.chance(0.1)) && which(row));
  return found.length === 0 ? undefined : messageId(around.conversation, around.dice.pick(found).seq);
}

const about = (which?: (around: Around, row: Row) => boolean, more: (around: Around) => Input = () => ({})): Deed => (around) => {
  // What few messages are is looked for further back.
  const message_id = messageOf(around, which && ((row) => which(around, row)), which ? FURTHER : NEWEST);
  return message_id === undefined ? undefined : { message_id, ...more(around) };
};
const inConversation = (more: (around: Around) => Input | undefined): Deed => (around) => {
  const rest = more(around);
  return rest && { conversation_id: around.conversation, ...rest };
};

const members = ({ app, store, conversation }: Around): readonly string[] => store.calls.members(app.id, null, conversation, 100, null)?.items.map(({ user }) => user) ?? [];
const anybody = ({ app, dice }: Around): string => dice.pick([...app.users.values()]);
const outsider = (around: Around): string | undefined => {
  const inside = new Set(members(around));
  const outside = [...around.app.users.values()].filter((user) => !inside.has(user));
  return outside.length === 0 ? undefined : around.dice.pick(outside);
};
/** What waits under a key, of a conversation or a user. */
const keysOf = ({ app, store }: Around, stream: string, type: 'invitation' | 'join_request' | 'join_link' | 'held' | 'scheduled' | 'draft' | 'bookmark' | 'thread' | 'block' | 'invited' | 'asked'): readonly string[] =>
  store.calls.entries(app.id, stream, type, 50, null).items.map(({ key }) => key);
const oneOf = ({ dice }: Around, keys: readonly string[]): string | undefined => (keys.length === 0 ? undefined : dice.pick(keys));
/** Of a key that names a message, or a fact of a user's stream. */
function placeIn(key: string): { readonly stream: string; readonly seq: number } {
  const slash = key.indexOf('/');
  return { stream: key.slice(0, slash), seq: Number(key.slice(slash + 1)) };
}
const messageOfKey = (key: string): string => {
  const { stream, seq } = placeIn(key);
  return messageId(stream, seq);
};
const ofOwn = (type: 'bookmark' | 'thread', more: (around: Around) => Input = () => ({})): Deed => (around) => {
  const key = oneOf(around, keysOf(around, around.user, type));
  return key === undefined ? undefined : { message_id: messageOfKey(key), ...more(around) };
};
const held: Deed = (around) => {
  const key = oneOf(around, keysOf(around, around.conversation, 'held'));
  if (key === undefined) return undefined;
  const { stream, seq } = placeIn(key);
  return { conversation_id: around.conversation, held_id: placeId('held', stream, seq) };
};
const waiting = (type: 'invitation' | 'join_request'): Deed => inConversation((around) => {
  const user_id = oneOf(around, keysOf(around, around.conversation, type));
  return user_id === undefined ? undefined : { user_id };
});
const head = ({ app, store, conversation }: Around): number => store.calls.head(app.id, conversation)?.headSeq ?? 1;
const someText = ({ dice }: Around, what: string): string => `${what} ${dice.below(1_000_000)}`;

/** What a message may hold beside its text; most of them little. */
function content(around: Around): Input {
  const { dice } = around;
  const roll = dice.fraction();
  const root = messageOf(around, (row) => row.threadSeq === null);
  const here = messageOf(around);
  const text = someText(around, 'rich');
  if (roll < 0.34 && root !== undefined) return { text, thread_id: root, in_main: dice.chance(0.3), silent: dice.chance(0.15), ...(dice.chance(0.3) ? { mentions: { user_ids: [anybody(around)] } } : {}) };
  if (roll < 0.44 && here !== undefined) return { text, quoted_id: here };
  if (roll < 0.56) return { text, mentions: dice.pick([{ user_ids: [anybody(around), anybody(around)] }, { everyone: true }, { here: true }]) };
  if (roll < 0.7) return { poll: { question: someText(around, 'which?'), options: ['one', 'two', 'three'], multiple: dice.chance(0.4), anonymous: dice.chance(0.4), ...(dice.chance(0.3) ? { closes_in_s: 10 + dice.below(8) } : {}) } };
  if (roll < 0.84) return { text, expires_in_s: 1 + dice.below(8) };
  if (roll < 0.93) return { text, silent: true };
  return { text, data: { n: dice.below(9) } };
}

/** Most of the time, back to how it was: else little would be said. */
function settings({ dice }: Around): Input {
  const roll = dice.fraction();
  if (roll < 0.3) return { frozen: false, slow_mode_s: 0, approval: null, message_timer: null };
  if (roll < 0.33) return { frozen: true };
  if (roll < 0.4) return { slow_mode_s: 1 };
  if (roll < 0.6) return { approval: { timeout_s: 1 + dice.below(6) } };
  if (roll < 0.74) return { message_timer: { after: dice.pick(['sent', 'read'] as const), seconds: 1 + dice.below(6) } };
  if (roll < 0.78) return { one_reaction: dice.chance(0.5) };
  if (roll < 0.96) return { join: dice.pick(['invited', 'on_request', 'open'] as const) };
  return { roles: { press: { like: 'reader', may: ['message.send'] } } };
}

function scheduled(around: Around): Input | undefined {
  const sent_ms = around.nowMs + Math.round(around.dice.between(300, 9_000));
  const { poll, ...rest } = content(around);
  return { conversation_id: around.conversation, send_at_ms: sent_ms, ...rest, ...(poll === undefined ? {} : { text: someText(around, 'later') }) };
}

function created(around: Around): Input | undefined {
  const { app, dice } = around;
  if (dice.chance(0.5)) {
    const other = anybody(around);
    return other === around.user ? undefined : { kind: 'direct', member_ids: [around.user, other] };
  }
  if (app.conversations.length >= CONVERSATIONS_MAX) return undefined;
  return { kind: dice.pick(['group', 'channel'] as const), member_ids: [around.user, anybody(around), anybody(around)].filter((user, at, all) => all.indexOf(user) === at), name: someText(around, 'room'), history: dice.pick(['all', 'from_join'] as const) };
}

const isOwn = ({ user }: Around, row: Row): boolean => row.sender === user;
const isPoll = (_around: Around, row: Row): boolean => row.payload.includes('"poll"');
const isActive = ({ app, store }: Around, user: string): boolean => store.calls.user(app.id, user)?.deactivatedMs === null;

export const DEEDS: Readonly<Partial<Record<OperationId, Deed>>> = {
  'users.update': (around) => ({ user_id: around.user, name: someText(around, 'name'), ...(around.dice.chance(0.3) ? { avatar_url: 'https://a.example/me.png' } : {}) }),
  'users.deactivate': (around) => (isActive(around, around.user) ? { user_id: around.user } : undefined),
  'users.reactivate': (around) => {
    const away = [...around.app.users.values()].filter((user) => !isActive(around, user));
    return away.length === 0 ? undefined : { user_id: around.dice.pick(away) };
  },
  'privacy.set': ({ user, dice }) => ({ user_id: user, receipts: dice.chance(0.6), typing: dice.chance(0.5), last_seen: dice.chance(0.5), hide_blocked: dice.chance(0.5) }),
  'blocks.add': (around) => {
    const other = anybody(around);
    return other === around.user ? undefined : { user_id: around.user, blocked_user_id: other };
  },
  'blocks.remove': (around) => {
    const blocked = oneOf(around, keysOf(around, around.user, 'block'));
    return blocked === undefined ? undefined : { user_id: around.user, blocked_user_id: blocked };
  },
  'conversations.create': created,
  'conversations.update': inConversation(({ dice }) => ({ data: { n: dice.below(9) } })),
  'conversations.settings': inConversation(settings),
  'conversations.preferences': inConversation(({ dice, nowMs }) => dice.pick([{ pinned: true }, { pinned: false }, { archived: true }, { archived: false }, { hidden: true }, { muted_until_ms: nowMs + MUTE_MS }, { muted_until_ms: null }])),
  'conversations.transfer': inConversation((around) => ({ user_id: oneOf(around, members(around)) ?? around.user })),
  'members.add': inConversation((around) => {
    const user = outsider(around);
    return user === undefined ? undefined : { member_ids: [user] };
  }),
  'members.remove': inConversation((around) => ({ user_id: oneOf(around, members(around)) ?? around.user })),
  'members.update': inConversation((around) => ({ user_id: anybody(around), role: around.dice.pick(ROLES) })),
  'invitations.create': inConversation((around) => {
    const user = outsider(around);
    return user === undefined ? undefined : { user_ids: [user], ...(around.dice.chance(0.3) ? { expires_in_s: 60 } : {}) };
  }),
  'invitations.revoke': waiting('invitation'),
  'invitations.accept': answering('invitation', 'invited'),
  'invitations.decline': answering('invitation', 'invited'),
  'links.create': inConversation(({ dice }) => ({ approval: dice.chance(0.3), ...(dice.chance(0.5) ? { uses_max: 1 + dice.below(3) } : {}) })),
  'links.revoke': (around) => {
    const key = oneOf(around, keysOf(around, around.conversation, 'join_link'));
    return key === undefined ? undefined : { link_id: placeId('link', around.conversation, Number(key)) };
  },
  'links.join': ({ app, dice }) => (app.codes.length === 0 ? undefined : { code: dice.pick(app.codes) }),
  'requests.create': asking,
  'requests.approve': waiting('join_request'),
  'requests.deny': waiting('join_request'),
  'requests.withdraw': answering('join_request', 'asked'),
  'messages.send': inConversation(content),
  'messages.forward': about(undefined, ({ app, dice }) => ({ conversation_id: dice.pick(app.conversations), silent: dice.chance(0.2) })),
  'messages.edit': about(isOwn, (around) => ({ text: someText(around, 'edited'), ...(around.dice.chance(0.2) ? { mentions: { user_ids: [anybody(around)] } } : {}) })),
  'messages.delete': about(isOwn),
  'messages.hide': about(),
  'marks.unread': inConversation((around) => ({ from_seq: 1 + around.dice.below(head(around)) })),
  'reactions.add': about(undefined, ({ dice }) => ({ reaction: dice.pick(REACTIONS) })),
  'reactions.remove': about((_around, row) => row.state?.includes('"reactions"') === true, ({ dice }) => ({ reaction: dice.pick(REACTIONS) })),
  'pins.add': about(),
  'pins.remove': about((_around, row) => row.state?.includes('"pinned"') === true),
  'polls.vote': about(isPoll, ({ dice }) => ({ options: dice.pick([['1'], ['2'], ['3'], ['1', '2'], []]) })),
  'polls.close': about(isPoll),
  'drafts.set': inConversation((around) => {
    const thread = around.dice.chance(0.3) ? messageOf(around, (row) => row.threadSeq === null) : undefined;
    return { text: around.dice.chance(0.25) ? '' : someText(around, 'draft'), ...(thread === undefined ? {} : { thread_id: thread }) };
  }),
  'bookmarks.add': about(undefined, (around) => ({ note: around.dice.chance(0.5) ? someText(around, 'note') : '' })),
  'bookmarks.remove': ofOwn('bookmark'),
  'threads.follow': about((_around, row) => row.threadSeq === null),
  'threads.unfollow': ofOwn('thread'),
  'threads.read': ofOwn('thread', (around) => ({ read_seq: head(around) })),
  'scheduled.create': scheduled,
  'scheduled.cancel': (around) => {
    const key = oneOf(around, keysOf(around, around.user, 'scheduled'));
    return key === undefined ? undefined : { scheduled_id: placeId('scheduled', around.user, Number(key)) };
  },
  'calls.start': inConversation(({ dice }) => ({ kind: dice.pick(['audio', 'video', 'data'] as const), device_id: dice.pick(DEVICES), ring_ms: 5_000 + dice.below(10_000) })),
  'calls.answer': call(({ dice }) => ({ device_id: dice.pick(DEVICES) })),
  'calls.decline': call(() => ({})),
  'calls.leave': call(() => ({})),
  'calls.end': call(() => ({})),
  'held.approve': held,
  'held.reject': (around) => {
    const found = held(around);
    return found && { ...found, reason: someText(around, 'no') };
  },
};

/** About the call that is on, if one is. */
function call(more: (around: Around) => Input): Deed {
  return (around) => {
    const live = around.store.calls.entries(around.app.id, around.conversation, 'call', 1, null).items[0];
    return live && { call_id: (JSON.parse(live.value) as CallState).id, ...more(around) };
  };
}

/** What waits for an answer, to or from the one who acts; a backend does it for whom it is. */
function answering(inConversation: 'invitation' | 'join_request', own: 'invited' | 'asked'): Deed {
  return (around) => {
    if (around.backend) {
      const somebody = oneOf(around, keysOf(around, around.conversation, inConversation));
      return somebody === undefined ? undefined : { conversation_id: around.conversation, as_user_id: somebody };
    }
    const conversation_id = oneOf(around, keysOf(around, around.user, own));
    return conversation_id === undefined ? undefined : { conversation_id };
  };
}

/** Where one is not, and may ask; else anywhere. */
function asking(around: Around): Input {
  const { app, store, user } = around;
  const text = someText(around, 'may I?');
  const open = app.conversations.filter((id) => store.calls.conversation(app.id, null, id)?.conversation.settings.includes('"join"') === true && store.calls.conversation(app.id, user, id)?.member?.active !== true);
  return { conversation_id: oneOf(around, open) ?? around.conversation, text };
}

/** What is done more often than once in a round of all of them: it makes what the others need. */
const OFTEN: readonly OperationId[] = ['messages.send', 'messages.send', 'messages.send', 'messages.send', 'reactions.add', 'scheduled.create', 'drafts.set', 'conversations.settings', 'polls.vote', 'polls.vote', 'reactions.remove', 'threads.read', 'requests.create', 'invitations.create', 'links.join'];
/** What takes somebody away for a while. */
const SELDOM: ReadonlySet<OperationId> = new Set(['users.deactivate', 'members.remove', 'messages.delete', 'conversations.create']);

const all = [...operationIds.filter((id) => Object.hasOwn(DEEDS, id)), ...OFTEN];
/** What users do for themselves. */
export const userDeeds: readonly OperationId[] = all.filter((id) => operations[id].user);
export const backendDeeds: readonly OperationId[] = all;

/** What one does for oneself alone: the app itself cannot. */
const OF_ONESELF: ReadonlySet<OperationId> = new Set([
  'calls.start', 'calls.answer', 'calls.decline', 'calls.leave',
  'marks.unread', 'messages.hide', 'reactions.add', 'reactions.remove', 'polls.vote', 'bookmarks.add', 'bookmarks.remove', 'drafts.set', 'threads.follow', 'threads.unfollow', 'threads.read',
  'conversations.preferences', 'scheduled.create', 'invitations.accept', 'invitations.decline', 'links.join', 'requests.create', 'requests.withdraw',
]);

/** Whether a backend does it for somebody, and not as itself, who may do everything. */
export function isForSomebody(id: OperationId, dice: Dice): boolean {
  return 'as_user_id' in operations[id].input.shape && (OF_ONESELF.has(id) || dice.chance(0.4));
}

/** @returns what one does next, and to what; undefined when it is nothing */
export function nextDeed(deeds: readonly OperationId[], around: Around): { readonly id: OperationId; readonly input: Input } | undefined {
  const { dice } = around;
  const id = dice.pick(deeds);
  if (SELDOM.has(id) && dice.chance(0.6)) return undefined;
  const input = DEEDS[id]?.(around);
  return input && { id, input };
}

const DECISIONS = [
  { type: 'held', ids: ['held.approve', 'held.reject'] }, { type: 'join_request', ids: ['requests.approve', 'requests.deny'] }, { type: 'invitation', ids: ['invitations.accept', 'invitations.decline', 'invitations.revoke'] },
] as const;

/** What somebody waits for, in any conversation, done by who may. */
export function nextDecision(around: Around): { readonly id: OperationId; readonly input: Input } | undefined {
  const { app, dice } = around;
  const waiting = app.conversations.flatMap((conversation) => DECISIONS.filter(({ type }) => keysOf(around, conversation, type).length > 0).map(({ ids }) => ({ conversation, ids })));
  if (waiting.length === 0) return undefined;
  const { conversation, ids } = dice.pick(waiting);
  const id: OperationId = dice.pick<OperationId>(ids);
  const input = DEEDS[id]?.({ ...around, conversation });
  return input && { id, input };
}

/** How a command stands in a history: a message is one, whichever operation sends it. */
export function notedAs(id: OperationId): string {
  return id === 'messages.send' || id === 'messages.forward' ? 'message.send' : id;
}

/** The conversation that a command is about; empty when it makes one, or is about none. */
export function conversationOf(input: Input): string {
  return typeof input['conversation_id'] === 'string' ? input['conversation_id'] : '';
}
