import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/storage/command.js';
import type { ReadCalls, Storage, Viewer, WriteCalls } from '../../../src/storage/port.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { useStage } from './stage.js';

/** What one app could learn of another, or guess. */
interface Target {
  readonly conversation: string;
  readonly user: string;
  readonly other: string;
  readonly externalId: string;
  readonly seq: number;
  readonly clientId: string;
  /** Users who are no members: nobody, invited, and asking to be let in. */
  readonly guest: string;
  readonly invited: string;
  readonly asking: string;
  readonly direct: string;
  readonly linkSeq: number;
  readonly scheduledSeq: number;
  readonly held: { readonly sender: string; readonly seq: number };
  readonly session: string;
  readonly callSeq: number;
}

/** Calls for the operator's own parts: they are about no single app, or about the app or key that is asked for by its id. */
type OperatorRead = 'info' | 'moved' | 'revocations' | 'factsAfterPosition' | 'usageAfterPosition' | 'tenant' | 'tenants' | 'app' | 'appByPublicKey' | 'apps' | 'key' | 'keys' | 'deadLetters' | 'consumers' | 'bytes' | 'due'
  | 'operator' | 'operatorByLogin' | 'operators' | 'ownerKnown' | 'operatorLink' | 'operatorSession' | 'operatorSessions';
type OperatorWrite =
  | 'createTenant' | 'updateTenant' | 'deleteTenant' | 'createApp' | 'updateApp' | 'deleteApp' | 'createKey' | 'updateKey' | 'lease' | 'addDeadLetter' | 'pruneKeys' | 'pruneIdentity'
  | 'createOperator' | 'changeOperator' | 'deleteOperator' | 'addOperatorLink' | 'acceptOperatorLink' | 'createOperatorSession' | 'useOperatorSession' | 'endOperatorSessions';

type Read = (storage: Storage, app: string, target: Target, viewer: Viewer) => Promise<unknown>;

/** Every read of the port that is about one app; a new one does not compile until it has its line here. */
const reads: Record<Exclude<keyof ReadCalls, OperatorRead>, Read> = {
  facts: async (storage, app, { conversation, user }, viewer) => [
    await storage.facts({ app, stream: conversation, viewer, afterSeq: 0, limit: 100, withCursor: true }), await storage.facts({ app, stream: user, viewer: user, afterSeq: 0, limit: 100 }),
    await storage.facts({ app, stream: user, viewer, afterSeq: 0, limit: 100 }), await storage.facts({ app, stream: conversation, viewer, afterSeq: 3, limit: 100, withCursor: true }),
  ],
  head: async (storage, app, { conversation, user }) => [await storage.head(app, conversation), await storage.head(app, user)],
  marksVersions: (storage, app, { conversation, user }) => storage.marksVersions([{ app, stream: conversation }, { app, stream: user }]),
  changes: (storage, app, { conversation }, viewer) => storage.changes({ app, conversation, viewer, afterSeq: 0, range: { fromSeq: 1, toSeq: 100 }, limit: 10 }),
  resume: async (storage, app, { conversation, user }) => {
    const answer = await storage.resume({ app, user, position: 0, placed: [conversation], recent: 5, limit: 5, scan: 50 });
    // The store's position is the server's own affair (RES8) and the same for whoever asks.
    return { ...answer, position: 0 };
  },
  conversation: (storage, app, { conversation }, viewer) => storage.conversation(app, viewer, conversation),
  conversations: async (storage, app, { conversation, direct }) => (await storage.conversations(app, 100, null)).items.filter(({ id }) => id === conversation || id === direct),
  directConversation: (storage, app, { user, other }) => storage.directConversation(app, [user, other].sort().join('+')),
  inbox: async (storage, app, { user, conversation }) => [await storage.inbox(app, user, 10, null), await storage.inbox(app, user, 10, { position: 1_000_000, conversation })],
  // The one has written all there is: it is the other who has something to read.
  unread: (storage, app, { user, other }) => Promise.all([user, other].map((one) => storage.unread(app, one, {}))),
  members: (storage, app, { conversation, user }, viewer) => Promise.all([storage.members(app, viewer, conversation, 10, null), storage.members(app, viewer, conversation, 10, user)]),
  intervals: (storage, app, { conversation, user }) => storage.intervals(app, conversation, user),
  commandKnown: (storage, app, { user, clientId }) => storage.commandKnown(app, user, clientId),
  messages: (storage, app, { conversation }, viewer) =>
    Promise.all(([{ kind: 'newest' }, { kind: 'around', seq: 4 }] as const).map((anchor) => storage.messages({ app, conversation, viewer, anchor, limit: 10 }))),
  message: (storage, app, { conversation, seq }, viewer) => storage.message(app, viewer, conversation, seq),
  messagesAt: (storage, app, { conversation, seq }, viewer) => storage.messagesAt(app, viewer, [{ conversation, seq }]),
  versions: (storage, app, { conversation, seq }, viewer) => storage.versions(app, viewer, conversation, seq, 10),
  pins: (storage, app, { conversation }, viewer) => storage.pins(app, viewer, conversation),
  entriesAbout: (storage, app, { conversation, seq }, viewer) => storage.entriesAbout(app, viewer, conversation, seq, 'reaction', 10, null),
  entries: (storage, app, { user }) => storage.entries(app, user, 'draft', 10, null),
  calls: async (storage, app, { conversation }, viewer) => [await storage.calls(app, viewer, conversation, 10, null), await storage.calls(app, viewer, conversation, 10, 5)],
  liveCalls: (storage, app, { user }) => storage.liveCalls(app, user, 10),
  threads: (storage, app, { user }) => storage.threads(app, user),
  receipts: (storage, app, { conversation, seq }, viewer) => storage.receipts(app, viewer, conversation, seq),
  marks: (storage, app, { conversation }, viewer) => storage.marks(app, viewer, conversation, 0, 10),
  user: (storage, app, { user }) => storage.user(app, user),
  userByExternalId: (storage, app, { externalId }) => storage.userByExternalId(app, externalId),
  userOfToken: (storage, app, { externalId }) => storage.userOfToken(app, externalId, ['token t', 'device d']),
  account: (storage, app, { user }) => storage.account(app, user),
  accountByLogin: (storage, app, { externalId }) => storage.accountByLogin(app, externalId),
  session: (storage, app, { session }) => storage.session(app, session),
  sessions: (storage, app, { user }) => storage.sessions(app, user, 0),
  attemptKnown: (storage, app, { externalId }) => storage.attemptKnown(app, `known ${externalId}`, 0),
  usersById: (storage, app, { user, other }) => storage.usersById(app, [user, other]),
  users: async (storage, app, { user, other }) => (await storage.users(app, 100, null)).items.filter((row) => row.id === user || row.id === other),
  lastSeen: async (storage, app, { user, other }, viewer) => [await storage.lastSeen(app, viewer, [user, other]), await storage.lastSeen(app, null, [user, other])],
  usage: (storage, app) => storage.usage(app, 0, 3_600_000),
};

type Fields = Pick<Command, 'user'>;
type CommandOf = (world: World, target: Target, fields: Fields) => Command;

/** Every command of the port. */
const commands: Record<Command['kind'], CommandOf> = {
  'message.send': (world, { conversation }, fields) => world.message({ ...fields, conversation, text: 'x' }),
  'message.edit': (world, { conversation, seq }, fields) => world.command('message.edit', { ...fields, conversation, seq, text: 'x', data: null }),
  'message.delete': (world, { conversation, seq }, fields) => world.command('message.delete', { ...fields, conversation, seq }),
  'conversation.create': (world, { user, other }, fields) =>
    world.command('conversation.create', { ...fields, user: null, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [user, other] }),
  'conversation.update': (world, { conversation }, fields) => world.command('conversation.update', { ...fields, conversation, name: 'x', data: null, history: 'all' }),
  'member.add': (world, { conversation, user }, fields) => world.command('member.add', { ...fields, conversation, members: [user], role: 'admin' }),
  'member.remove': (world, { conversation, other }, fields) => world.command('member.remove', { ...fields, conversation, member: other }),
  'member.update': (world, { conversation, other }, fields) => world.command('member.update', { ...fields, conversation, member: other, role: 'reader' }),
  'conversation.mark_unread': (world, { conversation, seq }, fields) => world.command('conversation.mark_unread', { ...fields, conversation, fromSeq: seq }),
  'message.hide': (world, { conversation, seq }, fields) => world.command('message.hide', { ...fields, conversation, seq }),
  'reaction.set': (world, { conversation, seq }, fields) => world.command('reaction.set', { ...fields, conversation, seq, reaction: 'x', on: true }),
  'pin.set': (world, { conversation, seq }, fields) => world.command('pin.set', { ...fields, conversation, seq, on: true }),
  'poll.vote': (world, { conversation, seq }, fields) => world.command('poll.vote', { ...fields, conversation, seq, options: ['1'] }),
  'poll.close': (world, { conversation, seq }, fields) => world.command('poll.close', { ...fields, conversation, seq }),
  'bookmark.set': (world, { conversation, seq }, fields) => world.command('bookmark.set', { ...fields, conversation, seq, note: 'x', on: true }),
  'thread.follow': (world, { conversation, seq }, fields) => world.command('thread.follow', { ...fields, conversation, seq, on: true }),
  'thread.read': (world, { conversation, seq }, fields) => world.command('thread.read', { ...fields, conversation, seq, readSeq: 1_000 }),
  'conversation.settings': (world, { conversation }, fields) => world.command('conversation.settings', { ...fields, conversation, change: { frozen: true } }),
  'preferences.set': (world, { conversation }, fields) => world.command('preferences.set', { ...fields, conversation, change: { pinned: true } }),
  'conversation.transfer': (world, { conversation, other }, fields) => world.command('conversation.transfer', { ...fields, conversation, member: other }),
  'invitation.create': (world, { conversation, guest }, fields) => world.command('invitation.create', { ...fields, conversation, members: [guest], role: null, expiresMs: null }),
  'invitation.answer': (world, { conversation, invited }, fields) => world.command('invitation.answer', { ...fields, user: fields.user && invited, conversation, accept: true }),
  'invitation.revoke': (world, { conversation, invited }, fields) => world.command('invitation.revoke', { ...fields, conversation, member: invited }),
  'link.create': (world, { conversation }, fields) => world.command('link.create', { ...fields, conversation, role: null, expiresMs: null, usesMax: null, approval: false }),
  'link.revoke': (world, { conversation, linkSeq }, fields) => world.command('link.revoke', { ...fields, conversation, linkSeq }),
  'link.join': (world, { conversation, linkSeq }, fields) => world.command('link.join', { ...fields, conversation, linkSeq }),
  'join.request': (world, { conversation }, fields) => world.command('join.request', { ...fields, conversation, text: '' }),
  'join.decide': (world, { conversation, asking }, fields) => world.command('join.decide', { ...fields, conversation, member: asking, accept: true }),
  'join.withdraw': (world, { conversation, asking }, fields) => world.command('join.withdraw', { ...fields, user: fields.user && asking, conversation }),
  'schedule.create': (world, { conversation }, fields) => world.command('schedule.create', { ...fields, conversation, payload: '{"text":"x"}', silent: false, more: null, followers: [], sendAtMs: 4_000_000_000_000 }),
  'schedule.cancel': (world, { user, scheduledSeq }, fields) => world.command('schedule.cancel', { ...fields, owner: user, scheduledSeq }),
  'schedule.release': (world, { conversation, user, scheduledSeq }, fields) => world.command('schedule.release', { ...fields, user: null, conversation, owner: user, scheduledSeq, followers: [] }),
  'held.decide': (world, { conversation, held }, fields) => world.command('held.decide', { ...fields, conversation, sender: held.sender, heldSeq: held.seq, approve: true, reason: '', followers: [] }),
  'message.expire': (world, { conversation, seq }, fields) => world.command('message.expire', { ...fields, user: null, conversation, seq }),
  'message.preview': (world, { conversation, seq }, fields) => world.command('message.preview', { ...fields, user: null, conversation, seq, bodySeq: seq + 1, previews: [{ url: 'https://a.example/', title: 'x' }] }),
  'call.start': (world, { direct }, fields) => world.command('call.start', { ...fields, conversation: direct, callKind: 'audio', device: 'x', data: '{}', ringMs: 1_000, notAfterMs: null }),
  'call.answer': (world, { conversation, callSeq }, fields) => world.command('call.answer', { ...fields, conversation, callSeq, device: 'x' }),
  'call.decline': (world, { conversation, callSeq }, fields) => world.command('call.decline', { ...fields, conversation, callSeq }),
  'call.leave': (world, { conversation, callSeq, other }, fields) => world.command('call.leave', { ...fields, user: fields.user && other, conversation, callSeq }),
  'call.end': (world, { conversation, callSeq }, fields) => world.command('call.end', { ...fields, conversation, callSeq, failed: false }),
  'call.overdue': (world, { conversation, callSeq }, fields) => world.command('call.overdue', { ...fields, user: null, conversation, callSeq, entrySeq: callSeq }),
  'user.update': (world, { user }, fields) => world.command('user.update', { ...fields, subject: user, name: 'x', data: null }),
  'privacy.set': (world, { user }, fields) => world.command('privacy.set', { ...fields, subject: user, change: { receipts: false } }),
  'user.active': (world, { user }, fields) => world.command('user.active', { ...fields, subject: user, on: false }),
  'block.set': (world, { user, other, direct }, fields) => world.command('block.set', { ...fields, subject: user, other, on: true, direct }),
  'draft.set': (world, { conversation }, fields) => world.command('draft.set', { ...fields, conversation, threadSeq: 0, text: 'x', data: '' }),
};

type Write = (storage: Storage, app: string, target: Target) => Promise<unknown>;
const writes: Record<Exclude<keyof WriteCalls, OperatorWrite>, Write> = {
  createUser: async (storage, app, { externalId }) => {
    const id = `u_${'0'.repeat(26)}`;
    return storage.createUser({ app, id, externalId, name: 'x', data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null });
  },
  updateUser: (storage, app, { user }) => storage.updateUser(app, user, { name: 'x', updatedMs: 2 }),
  addSeen: (storage, app, { user }) => storage.addSeen([{ app, user, seenMs: 4_000_000_000_000 }]).then(() => null),
  addRevocations: (storage, app, { user }) => storage.addRevocations(app, [{ app, user, name: 'token t', beforeMs: 4_000_000_000_000, revokedMs: 1, untilMs: 2 }]).then(() => null),
  createAccount: (storage, app, { externalId, session }) => {
    const id = `u_${session.slice(2)}`;
    return storage.createAccount(
      { app, user: id, login: externalId, passwordHash: 'x', createdMs: 1, changedMs: 1 }, { app, id, externalId: id, name: 'x', data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null },
    );
  },
  setAccount: (storage, app, { user }) => storage.setAccount({ app, user, login: null, passwordHash: 'x', createdMs: 1, changedMs: 1 }),
  createSession: (storage, app, { user, session }) => storage.createSession({
    app, id: session, user, device: 'x', deviceName: 'x', createdMs: 1, usedMs: 1, expiresMs: 2, endedMs: null, tokenHash: 'x', formerHash: null,
  }).then(() => null),
  endSessions: (storage, app, { user, session }) => storage.endSessions(app, user, [session], 5).then(() => null),
  rotateSession: (storage, app, { session }) => storage.rotateSession(app, session, { presentedHash: 'x', nextHash: 'y', nowMs: 1, expiresMs: 2, grace_ms: 1 }),
  takeAttempt: (storage, app, { externalId }) => storage.takeAttempt(app, [{ name: `known ${externalId}`, free: 1, delay_ms: 1, delay_ms_max: 1, keep_ms: 1 }], 1),
  settleAttempt: (storage, app, { externalId }) => storage.settleAttempt(app, { forget: [`known ${externalId}`], back: [], known: null }, 1).then(() => null),
  commitProgress: async (storage, app, { user }) => {
    const lease = (await storage.lease(`isolation ${app} ${user}`, 'me', 0, 1))!;
    return storage.commitProgress(lease, 1, [{ app, hourMs: 3_600_000, messages: 1, facts: 1, bytes: 1 }]);
  },
  applyRetention: (storage, app) => storage.applyRetention(app, 4_000_000_000_000, 1_000),
};

/** An app with a conversation in which everything has happened. */
async function furnished(world: World, externalId: string): Promise<Target> {
  const [user, other] = [await world.user(externalId), await world.user()];
  const conversation = await world.group(user, [other]);
  const first = world.message({ user, conversation, text: 'canary' });
  await world.done(first);
  const poll = { question: 'canary', options: [{ id: '1', text: 'canary' }, { id: '2', text: 'canary' }] };
  const { seq } = await world.done(world.message({ user: other, conversation, text: 'canary', more: { poll, expires_ms: 4_000_000_000_000 } }));
  await world.edit(conversation, other, seq, 'canary edited');
  await world.read(conversation, user, seq);
  await world.done(world.command('reaction.set', { user, conversation, seq, reaction: 'canary', on: true }));
  await world.done(world.command('pin.set', { user, conversation, seq, on: true }));
  await world.done(world.command('draft.set', { user, conversation, threadSeq: 0, text: 'canary', data: '' }));
  await world.done(world.message({ user: other, conversation, text: 'canary', more: { thread_seq: seq, mentions: { user_ids: [user] } } }, { followers: [user, other] }));
  await world.done(world.message({ user: other, conversation, text: 'canary', more: { thread_seq: seq } }, { followers: [other] }));
  const { stream: direct } = await world.done(world.command('conversation.create', { user: null, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [user, other] }));
  const [guest, invited, asking] = await world.users(3) as [string, string, string];
  await world.done(world.command('conversation.settings', { user, conversation, change: { join: 'on_request', approval: { timeout_s: 60 } } }));
  await world.done(world.command('invitation.create', { user, conversation, members: [invited], role: null, expiresMs: null }));
  await world.done(world.command('join.request', { user: asking, conversation, text: 'canary' }));
  const { seq: linkSeq } = await world.done(world.command('link.create', { user, conversation, role: null, expiresMs: null, usesMax: null, approval: false }));
  const { seq: scheduledSeq } = await world.done(world.command('schedule.create', { user, conversation, payload: '{"text":"canary"}', silent: false, more: null, followers: [], sendAtMs: 4_000_000_000_000 }));
  const { seq: heldSeq } = await world.done(world.message({ user: other, conversation, text: 'canary' }, { followers: [other] }));
  await world.done(world.command('conversation.settings', { user, conversation, change: { approval: null } }));
  const call = { conversation, callKind: 'canary', device: 'canary', data: '{"canary":1}', ringMs: 30_000, notAfterMs: null };
  const { seq: past } = await world.done(world.command('call.start', { user, ...call }));
  await world.done(world.command('call.end', { user, conversation, callSeq: past, failed: false }));
  const { seq: callSeq } = await world.done(world.command('call.start', { user: other, ...call }));
  const lease = (await world.storage.lease(`usage of ${world.app}`, 'me', 0, 1))!;
  await world.storage.commitProgress(lease, 1, [{ app: world.app, hourMs: 0, messages: 2, facts: 9, bytes: 100 }]);
  await world.storage.addRevocations(world.app, [{ app: world.app, user, name: 'device d', beforeMs: 1, revokedMs: 1, untilMs: 4_000_000_000_000 }]);
  await world.storage.setAccount({ app: world.app, user, login: externalId, passwordHash: 'hash', createdMs: 1, changedMs: 1 });
  const session = world.ids.id('session');
  await world.storage.createSession({
    app: world.app, id: session, user, device: 'd', deviceName: 'D', createdMs: 1, usedMs: 1, expiresMs: 4_000_000_000_000, endedMs: null, tokenHash: 'hash', formerHash: null,
  });
  await world.storage.settleAttempt(world.app, { forget: [], back: [], known: { name: `known ${externalId}`, untilMs: 4_000_000_000_000 } }, 1);
  return { callSeq, session, conversation, user, other, externalId, seq, clientId: first.clientId, guest, invited, asking, direct, linkSeq, scheduledSeq, held: { sender: other, seq: heldSeq } };
}

function absent(world: World): Target {
  return {
    conversation: world.ids.id('conversation'), user: world.ids.id('user'), other: world.ids.id('user'), externalId: 'nobody', seq: 5, clientId: 'of nothing',
    guest: world.ids.id('user'), invited: world.ids.id('user'), asking: world.ids.id('user'), direct: world.ids.id('conversation'), linkSeq: 9, scheduledSeq: 9, held: { sender: world.ids.id('user'), seq: 9 }, session: world.ids.id('session'), callSeq: 9,
  };
}

/** What was asked about is named in some answers; it is the asker's own word. */
function unnamed(answer: unknown, target: Target): unknown {
  let text = JSON.stringify(answer) ?? 'undefined';
  for (const name of ['conversation', 'user', 'other', 'externalId', 'guest', 'invited', 'asking', 'direct', 'session'] as const) text = text.replaceAll(target[name], name);
  return JSON.parse(text) as unknown;
}

/** Everything of an app that anyone may read. */
async function snapshot(world: World, target: Target): Promise<unknown> {
  const answers: unknown[] = [];
  for (const read of Object.values(reads)) for (const viewer of [target.user, target.other, null]) answers.push(await read(world.storage, world.app, target, viewer));
  return answers;
}

/** ISO1: one app asks with the ids of another. */
export function isolationContract(open: OpenHarness): void {
  describe('isolation', () => {
    const stage = useStage(open);
    let scenes = 0;
    const twoApps = async () => {
      const [mine, theirs] = [stage.world(), stage.world()];
      const me = await furnished(mine, 'me');
      const target = await furnished(theirs, `them ${scenes += 1}`);
      return { mine, theirs, me, target, nothing: absent(mine) };
    };

    it.each(Object.keys(reads) as (keyof typeof reads)[])('[ISO1] %s: the ids of another app give exactly what absent ids give', async (name) => {
      const { mine, theirs, me, target, nothing } = await twoApps();
      for (const viewer of ['their user', me.user, null]) {
        const as = (ids: Target): Viewer => (viewer === 'their user' ? ids.user : viewer);
        const foreign = unnamed(await reads[name](mine.storage, mine.app, target, as(target)), target);
        const unknown = unnamed(await reads[name](mine.storage, mine.app, nothing, as(nothing)), nothing);
        expect(foreign).toEqual(unknown);
      }
      // Usage has no ids but the app's own.
      const own = unnamed(await reads[name](theirs.storage, theirs.app, target, target.user), target);
      const none = unnamed(await reads[name](mine.storage, name === 'usage' ? mine.ids.id('app') : mine.app, nothing, nothing.user), nothing);
      expect(own).not.toEqual(none);
    });

    it('[ISO1] usage is that of the app alone', async () => {
      const { mine, theirs } = await twoApps();
      const lease = (await mine.storage.lease(`more usage of ${theirs.app}`, 'me', 0, 1))!;
      await mine.storage.commitProgress(lease, 1, [{ app: theirs.app, hourMs: 3_600_000, messages: 7, facts: 70, bytes: 700 }]);
      const hour = { hourMs: 0, messages: 2, facts: 9, bytes: 100 };
      expect(await mine.storage.usage(mine.app, 0, 10_000_000)).toEqual([{ app: mine.app, ...hour }]);
      expect(await mine.storage.usage(theirs.app, 0, 10_000_000)).toEqual([{ app: theirs.app, ...hour }, { app: theirs.app, hourMs: 3_600_000, messages: 7, facts: 70, bytes: 700 }]);
    });

    it('[ISO1] a user of the same id in another app is another user', async () => {
      const { mine, target } = await twoApps();
      const namesake = (id: string, externalId: string) => mine.storage.createUser({ app: mine.app, id, externalId, name: 'n', data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null });
      await namesake(target.user, 'namesake');
      const fresh = { ...absent(mine), user: mine.ids.id('user'), other: mine.ids.id('user') };
      await namesake(fresh.user, 'fresh');
      for (const name of ['facts', 'head', 'changes', 'resume', 'conversation', 'inbox', 'unread', 'members', 'intervals', 'messages', 'message', 'marks', 'receipts'] as const) {
        const foreign = await reads[name](mine.storage, mine.app, target, target.user);
        expect(unnamed(foreign, target)).toEqual(unnamed(await reads[name](mine.storage, mine.app, fresh, fresh.user), fresh));
      }
    });

    it('[ISO1] what users of the same ids do in one app is done in it alone', async () => {
      const { mine, theirs, target } = await twoApps();
      for (const id of [target.user, target.other]) {
        await mine.storage.createUser({ app: mine.app, id, externalId: `namesake ${id}`, name: 'n', data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null });
      }
      const block = (world: World, on: boolean) => world.done(world.command('block.set', { user: target.user, subject: target.user, other: target.other, on, direct: world === theirs ? target.direct : null }));
      await block(theirs, true);
      // The store's position is of all apps.
      const all = async () => JSON.stringify([await snapshot(theirs, target), await theirs.storage.entries(theirs.app, target.user, 'block', 10, null)]).replaceAll(/"atPosition":\d+/g, '');
      const before = await all();
      await mine.done(mine.command('user.update', { user: target.user, subject: target.user, name: 'mine', data: null }));
      await mine.done(mine.command('privacy.set', { user: target.user, subject: target.user, change: { receipts: false } }));
      await block(mine, true);
      await block(mine, false);
      expect((await mine.storage.user(mine.app, target.user))?.name).toBe('mine');
      expect(await all()).toEqual(before);
    });

    it.each(Object.keys(commands) as (keyof typeof commands)[])('[ISO1] %s: a command about another app\'s things is refused like one about nothing, and changes nothing', async (name) => {
      const { mine, theirs, me, target, nothing } = await twoApps();
      const before = await snapshot(theirs, target);
      for (const user of ['their user', me.user, null]) {
        const as = (ids: Target): Fields => ({ user: user === 'their user' ? ids.user : user });
        const foreign = await mine.append(commands[name](mine, target, as(target)));
        const unknown = await mine.append(commands[name](mine, nothing, as(nothing)));
        expect(foreign.ok).toBe(false);
        expect(unnamed(foreign, target)).toEqual(unnamed(unknown, nothing));
      }
      expect(await snapshot(theirs, target)).toEqual(before);
      // The same command is a real one at home.
      expect((await theirs.append(commands[name](theirs, target, { user: target.other === target.user ? null : name === 'message.edit' ? target.other : target.user }))).ok).toBe(true);
    });

    it('[ISO1] mark: is refused like one about nothing, and moves nothing', async () => {
      const { mine, theirs, me, target, nothing } = await twoApps();
      const before = await snapshot(theirs, target);
      const mark = (conversation: string, user: string) => mine.storage.mark({ app: mine.app, conversation, user, deliveredSeq: 9, readSeq: 9 });
      for (const user of [target.user, me.user]) expect(await mark(target.conversation, user)).toEqual(await mark(nothing.conversation, nothing.user));
      expect(await snapshot(theirs, target)).toEqual(before);
    });

    it.each(Object.keys(writes) as (keyof typeof writes)[])('[ISO1] %s: writes nothing into another app', async (name) => {
      const { mine, theirs, target, nothing } = await twoApps();
      const before = await snapshot(theirs, target);
      const foreign = unnamed(await writes[name](mine.storage, mine.app, target), target);
      const other = stage.world();
      const unknown = unnamed(await writes[name](other.storage, name === 'createUser' ? other.app : mine.app, nothing), nothing);
      if (name === 'applyRetention') expect(JSON.stringify(foreign)).not.toContain(target.conversation);
      else expect({ ...foreign as object, app: '' }).toEqual({ ...unknown as object, app: '' });
      expect(await snapshot(theirs, target)).toEqual(before);
    });

    it('[ISO1] command keys: the key of another app\'s command answers nothing', async () => {
      const { mine, theirs, me, target } = await twoApps();
      const command = commands['message.send'](theirs, target, { user: target.user });
      await theirs.done(command);
      const mineOfTheSameKey = { ...commands['message.send'](mine, me, { user: me.user }), clientId: command.clientId, actor: command.actor, requestHash: 'another' };
      expect((await mine.done(mineOfTheSameKey)).duplicate).toBe(false);
      expect((await theirs.done(command)).duplicate).toBe(true);
    });

    it('[ISO1] the operator\'s lists hold what belongs to whom they were asked about, and nothing else', async () => {
      const { storage, ids } = stage.world();
      const made = [];
      for (const name of ['one', 'two']) {
        const tenant = await storage.createTenant({ id: ids.id('tenant'), name, status: 'active', createdMs: 1 });
        const app = await storage.createApp({
          id: ids.id('app'), tenant: tenant.id, name, publicKey: ids.id('request'), sealedSecret: '', allowedOrigins: [], retentionDays: null, createUsers: false, linkPreviews: false, textMax: 10_000, issuers: [], identity: null, createdMs: 1,
        });
        const key = await storage.createKey({ id: ids.id('key'), app: app.id, name, prefix: '', hash: '', scopes: [], createdMs: 1, expiresMs: null, revokedMs: null, lastUsedMs: null });
        await storage.addDeadLetter({ name, position: 1, app: app.id, stream: ids.id('conversation'), seq: 1, error: name, timeMs: 1 });
        made.push({ tenant, app, key, name });
      }
      for (const { tenant, app, key, name } of made) {
        expect(await storage.tenant(tenant.id)).toEqual(tenant);
        expect((await storage.apps(tenant.id, 10, null)).items).toEqual([app]);
        expect(await storage.app(app.id)).toEqual(app);
        expect(await storage.appByPublicKey(app.publicKey)).toEqual(app);
        expect((await storage.keys(app.id, 10, null)).items).toEqual([key]);
        expect(await storage.key(key.id)).toEqual(key);
        expect((await storage.deadLetters(name, 10)).map((letter) => letter.app)).toEqual([app.id]);
      }
      const [one, two] = made as [typeof made[0], typeof made[0]];
      await storage.updateApp(one.app.id, { name: 'changed' });
      await storage.updateKey(one.key.id, { revokedMs: 5 });
      await storage.updateTenant(one.tenant.id, { status: 'suspended' });
      expect(await Promise.all([storage.tenant(two.tenant.id), storage.app(two.app.id), storage.key(two.key.id)])).toEqual([two.tenant, two.app, two.key]);
      await storage.deleteTenant(one.tenant.id);
      expect(await Promise.all([storage.tenant(two.tenant.id), storage.app(two.app.id), storage.key(two.key.id)])).toEqual([two.tenant, two.app, two.key]);
    });

    it('[ISO1] the facts of the whole store name the app of each', async () => {
      const { mine, theirs, me, target } = await twoApps();
      const facts = await mine.storage.factsAfterPosition(0, 100_000);
      for (const [world, { conversation }] of [[mine, me], [theirs, target]] as const) {
        const found = facts.filter((fact) => fact.stream === conversation);
        expect(found.length).toBeGreaterThan(3);
        expect(new Set(found.map((fact) => fact.app))).toEqual(new Set([world.app]));
      }
    });
  });
}
