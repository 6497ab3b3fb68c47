/** A database with something of everything in it, and what the storage port tells of it. */
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { Lane } from '../../src/storage/lane.js';
import type { Storage } from '../../src/storage/port.js';
import { isDeepStrictEqual } from 'node:util';
import { emptyConversation, foldConversation } from '@talaria/protocol/state';
import { messageView } from '../../src/domain/messages/view.js';
import { factView } from '../../src/domain/views.js';
import { temporaryFolder } from './sqlite-harness.js';
import { createWorld, type World } from './world.js';

/** Folders, and storages that a test opens in them: closed behind each test, and removed behind all. */
export function useDatabases() {
  const folder = temporaryFolder();
  const opened: Storage[] = [];
  let names = 0;
  afterEach(() => Promise.all(opened.splice(0).map((storage) => storage.stop())));
  afterAll(() => folder.remove());
  return { folder, opened, fresh: (): string => join(folder.path, `d${names += 1}`) };
}

export interface TransferScene {
  readonly world: World;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Sends a message more. */
  more(): Promise<void>;
}

export async function createScene(storage: Storage, seed: number): Promise<TransferScene> {
  const world = createWorld(storage, seed);
  const { app, ids } = world;
  const tenant = ids.id('tenant');
  await storage.createTenant({ id: tenant, name: 'Ännä "quoted" \\ back', status: 'active', createdMs: 5 });
  await storage.createApp({ id: app, tenant, name: 'app', publicKey: `pk-${seed}`, sealedSecret: 'sealed', allowedOrigins: ['https://a.example'], retentionDays: 7, createUsers: true, linkPreviews: true, textMax: 500, createdMs: 6,
    issuers: [{ issuer: 'https://a.example', audiences: ['ä'], jwksUrl: null, userClaim: 'sub', userPrefix: '', algorithms: ['ES256'], createUsers: false }], identity: null });
  await storage.createKey({ id: ids.id('key'), app, name: 'backend', prefix: 'tk_1', hash: `hash-${seed}`, scopes: ['*'], createdMs: 7, expiresMs: null, revokedMs: null, lastUsedMs: 8 });
  await storage.createKey({ id: ids.id('key'), app: null, name: 'admin', prefix: 'tk_2', hash: `admin-${seed}`, scopes: [], createdMs: 7, expiresMs: 9, revokedMs: 10, lastUsedMs: null });
  await storage.createOperator({ id: ids.id('operator'), login: `änn-${seed}`, name: 'Ännä "1"', role: 'owner', passwordHash: '$argon2id$x', disabled: false, createdMs: 3, seenMs: 4 });
  await storage.createOperator({ id: ids.id('operator'), login: null, name: '', role: 'viewer', passwordHash: null, disabled: true, createdMs: 3, seenMs: null });
  const users = await world.users(5);
  const [ann, ben, carol, dora, eve] = users as [string, string, string, string, string];
  await storage.updateUser(app, ben, { name: 'Ben {curly}, NULL', data: '{"a":"\\u0000 🙂"}', tokensNotBeforeMs: 4, updatedMs: 12 });
  await storage.addRevocations(app, [{ app, user: ben, name: 'device ä \'quoted\'', beforeMs: 5, revokedMs: 6, untilMs: 7 }]);
  await storage.setAccount({ app, user: ann, login: 'änn@example.com', passwordHash: '$argon2id$x', createdMs: 3, changedMs: 4 });
  await storage.setAccount({ app, user: ben, login: null, passwordHash: null, createdMs: 3, changedMs: 4 });
  await storage.createSession({ app, id: ids.id('session'), user: ann, device: 'd "1"', deviceName: 'Ä', createdMs: 3, usedMs: 4, expiresMs: 5, endedMs: 6, tokenHash: 'one', formerHash: null });
  const first = await world.group(ann, [ben, carol, dora]);
  const second = await world.group(ben, [ann, carol], 'all');
  const direct = await world.done(world.command('conversation.create', { user: ann, conversationKind: 'direct', name: '', data: '{}', history: 'all', members: [eve] }));
  const said: number[] = [];
  for (let at = 0; at < 40; at += 1) said.push(await world.say(first, [ann, ben, carol, null][at % 4]!, `m${at} "q" \\ {}, 🙂\n`, at % 7 === 0));
  for (let at = 0; at < 8; at += 1) await world.say(second, ben, `s${at}`);
  await world.edit(first, ann, said[4]!, 'edited');
  await world.edit(first, ann, said[8]!, 'edited and gone');
  await world.remove(first, ann, said[8]!);
  await world.remove(first, ben, said[13]!);
  await world.leave(first, dora);
  await world.say(first, ann, 'without dora');
  await world.join(first, ann, dora, eve);
  await world.read(first, ben, said[20]!);
  await world.read(first, carol, said[3]!);
  await world.done(world.command('conversation.mark_unread', { user: ben, conversation: first, fromSeq: said[18]! }));
  await world.done(world.command('conversation.update', { user: ben, conversation: second, name: 'renamed', data: '{"b":1}', history: null }));
  const { seq: asked } = await world.done(world.message({ user: ann, conversation: first, text: 'which?', more: { poll: { question: 'Which?', options: [{ id: '1', text: 'a' }, { id: '2', text: 'b' }] } } }));
  await world.done(world.command('poll.vote', { user: ben, conversation: first, seq: asked, options: ['2'] }));
  await world.done(world.command('reaction.set', { user: carol, conversation: first, seq: asked, reaction: '👍', on: true }));
  await world.done(world.command('pin.set', { user: ann, conversation: first, seq: asked, on: true }));
  await world.done(world.message({ user: ben, conversation: first, text: 'a reply', more: { thread_seq: asked, thread_ordinal: 1, mentions: { user_ids: [carol], everyone: true } } }, { followers: [ann, ben, carol] }));
  await world.done(world.command('draft.set', { user: eve, conversation: first, threadSeq: asked, text: 'half "a', data: '{"x":1}' }));
  await world.done(world.command('message.hide', { user: eve, conversation: first, seq: asked }));
  await world.done(world.command('bookmark.set', { user: dora, conversation: first, seq: asked, note: 'for later', on: true }));
  const { seq: called } = await world.done(world.command('call.start', { user: ann, conversation: first, callKind: 'video', device: 'd "1"', data: '{"topic":"ä"}', ringMs: 30_000, notAfterMs: null }));
  await world.done(world.command('call.answer', { user: ben, conversation: first, callSeq: called, device: 'phone' }));
  await world.done(world.command('call.end', { user: ann, conversation: first, callSeq: called, failed: false }));
  await world.done(world.command('call.start', { user: ben, conversation: first, callKind: 'audio', device: 'phone', data: '{}', ringMs: 30_000, notAfterMs: null }));
  await storage.addDeadLetter({ name: 'hook', position: 3, app, stream: first, seq: 1, error: 'refused', timeMs: 9 });
  const lease = await storage.lease('usage', 'me', 1_000, 10);
  await storage.commitProgress(lease!, 9, [{ app, hourMs: 3_600_000, messages: 1, facts: 2, bytes: 3 }]);
  return { world, users, groups: [first, second, direct.stream], more: async () => void await world.say(first, ann, 'more') };
}

/** Everything that the port gives, but positions' horizon and the epoch. */
export async function contentsOf(storage: Storage, { world, users, groups }: TransferScene): Promise<unknown> {
  const { app } = world;
  const here = { ...world, ...createReader(storage, app) };
  const conversations: unknown[] = [];
  for (const conversation of groups) {
    const views: unknown[] = [];
    for (const viewer of [null, ...users]) {
      const page = await storage.messages({ app, conversation, viewer, anchor: { kind: 'newest' }, limit: 200 });
      views.push([
        viewer, await storage.conversation(app, viewer, conversation), page, await storage.members(app, viewer, conversation, 100, null),
        await storage.marks(app, viewer, conversation, 0, 100), page && await here.facts(conversation, viewer), viewer && await storage.intervals(app, conversation, viewer), await storage.calls(app, viewer, conversation, 10, null),
      ]);
    }
    conversations.push(views);
  }
  const inboxes = await Promise.all(users.map(async (user) => [await storage.inbox(app, user, 50, null), await here.facts(user, user), await storage.threads(app, user), await storage.liveCalls(app, user, 10),
    await Promise.all((['draft', 'bookmark'] as const).map((type) => storage.entries(app, user, type, 10, null)))]));
  return {
    conversations, inboxes, users: await storage.users(app, 100, null), tenants: await storage.tenants(100, null), apps: await storage.apps(null, 100, null), keys: await storage.keys(null, 100, null), operators: await storage.operators(100, null),
    usage: await storage.usage(app, 0, 10 ** 12), letters: await storage.deadLetters('hook', 10), log: await storage.factsAfterPosition(0, 10_000),
  };
}

function createReader(storage: Storage, app: string): Pick<World, 'facts'> {
  return {
    async facts(stream, viewer) {
      return [...(await storage.facts({ app, stream, viewer, afterSeq: 0, limit: 1_000 }))?.facts ?? []];
    },
  };
}

/** ORD5: what the facts of a conversation add up to is what its tables say. @returns the texts of its messages */
export async function foldedTexts(storage: Storage, app: string, conversation: string): Promise<(string | undefined)[]> {
  const state = emptyConversation(conversation, null);
  for (const fact of await createReader(storage, app).facts(conversation, null)) foldConversation(state, factView(fact));
  const seqs = [...state.messages.keys()];
  const told = await storage.messagesAt(app, null, seqs.map((seq) => ({ conversation, seq })));
  told.forEach((row, at) => {
    if (!row || !isDeepStrictEqual(messageView(row), state.messages.get(seqs[at]!))) throw new Error(`message ${seqs[at]} is another one in the table`);
  });
  return [...state.messages.values()].map(({ deleted_ms, text }) => (deleted_ms === null ? text : undefined));
}

/** SND2: a client id that was sent before is answered as it was then. */
export async function repeats(storage: Storage, { world, users, groups }: TransferScene, clientId: string): Promise<{ duplicate: boolean; seq: number }> {
  const outcome = await storage.append(world.message({ user: users[0]!, conversation: groups[0]!, text: 'again' }, { clientId }), new Lane());
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return { duplicate: outcome.duplicate, seq: outcome.place.seq };
}
