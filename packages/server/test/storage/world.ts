import { errorInfo, type MessageMore } from '@talaria/protocol';
import type { AppendOutcome, Command, MarkOutcome, Place } from '../../src/storage/command.js';
import { Lane } from '../../src/storage/lane.js';
import { bodyText } from '../../src/storage/message-body.js';
import type { FactsPage, Storage } from '../../src/storage/port.js';
import type { EventRow, HistoryPolicy, UserRow } from '../../src/storage/rows.js';
import { createTestIds, type TestIds } from './ids.js';

/** Everything of a command but what the world gives by itself. */
type Given<K extends Command['kind']> = Omit<Extract<Command, { kind: K }>, 'kind' | 'app' | 'actor' | 'clientId' | 'requestHash' | 'traceId'>;
/** What few commands have is left out by the others. */
type Rare = 'more' | 'mentions' | 'avatarUrl';
type Fields<K extends Command['kind']> = Omit<Given<K>, Rare> & Partial<Pick<Given<K>, Extract<keyof Given<K>, Rare>>>;
export type Overrides = Partial<Pick<Command, 'app' | 'actor' | 'clientId' | 'requestHash' | 'traceId'>> & { readonly followers?: readonly string[] };

interface SendFields {
  readonly user: string | null;
  readonly conversation: string;
  readonly text: string;
  readonly data?: string;
  readonly silent?: boolean;
  readonly more?: MessageMore;
}

/** One app with its users, as tests talk about it. */
export interface World {
  readonly storage: Storage;
  readonly app: string;
  readonly ids: TestIds;
  user(name?: string): Promise<string>;
  users(count: number): Promise<string[]>;
  /** A command as plain data: what is not said is made up. */
  command<K extends Command['kind']>(kind: K, fields: Fields<K>, overrides?: Overrides): Command;
  /** A command that sends a message, from what its sender gave. */
  message(fields: SendFields, overrides?: Overrides): Command;
  /** Appends on a lane of its own. */
  append(command: Command, lane?: Lane): Promise<AppendOutcome>;
  /** Appends and expects that it is done. */
  done(command: Command, lane?: Lane): Promise<Place & { readonly facts: readonly EventRow[]; readonly duplicate: boolean }>;
  group(owner: string, members: readonly string[], history?: HistoryPolicy): Promise<string>;
  /** @returns the message's seq */
  say(conversation: string, user: string | null, text: string, silent?: boolean): Promise<number>;
  edit(conversation: string, user: string | null, seq: number, text: string): Promise<number>;
  remove(conversation: string, user: string | null, seq: number): Promise<number>;
  join(conversation: string, by: string | null, ...members: string[]): Promise<number>;
  leave(conversation: string, member: string): Promise<number>;
  read(conversation: string, user: string, readSeq: number): Promise<MarkOutcome>;
  unread(conversation: string, user: string): Promise<number | undefined>;
  /** Every fact that the viewer sees, page by page. */
  facts(conversation: string, viewer: string | null, limit?: number): Promise<EventRow[]>;
}

const row = (app: string, id: string, externalId: string): UserRow => ({ app, id, externalId, name: externalId, data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null });

export function createWorld(storage: Storage, seed = 1): World {
  const ids = createTestIds(seed);
  const app = ids.id('app');
  let names = 0;

  const world: World = {
    storage, app, ids,
    async user(name) {
      names += 1;
      return (await storage.createUser(row(app, ids.id('user'), name ?? `user-${names}`))).id;
    },
    async users(count) {
      const made: string[] = [];
      for (let at = 0; at < count; at += 1) made.push(await world.user());
      return made;
    },
    command(kind, fields, overrides) {
      const clientId = ids.clientId();
      const user = (fields as { user: string | null }).user;
      return { app, actor: user ?? app, clientId, requestHash: 'hmac', traceId: null, ...(kind === 'message.send' && { more: null }), ...(kind === 'message.edit' && { mentions: null }),
        ...(kind === 'conversation.create' && { avatarUrl: '' }), ...(kind === 'conversation.update' && { avatarUrl: null }), ...fields, ...overrides, kind } as unknown as Command;
    },
    message: ({ user, conversation, text, data = '', silent = false, more }, overrides) =>
      world.command('message.send', { user, conversation, payload: bodyText({ text, data, silent, system: user === null, more }), silent, more: more ?? null }, overrides),
    append: (command, lane = new Lane()) => storage.append(command, lane),
    async done(command, lane) {
      const outcome = await world.append(command, lane);
      if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.code} ${outcome.refusal.message}`);
      return { ...outcome.place, facts: outcome.facts, duplicate: outcome.duplicate };
    },
    async group(owner, members, history = 'from_join') {
      const place = await world.done(world.command('conversation.create', { user: owner, conversationKind: 'group', name: 'a group', data: '{}', history, members }));
      return place.stream;
    },
    say: async (conversation, user, text, silent = false) => (await world.done(world.message({ user, conversation, text, silent }))).seq,
    edit: async (conversation, user, seq, text) => (await world.done(world.command('message.edit', { user, conversation, seq, text, data: null }))).seq,
    remove: async (conversation, user, seq) => (await world.done(world.command('message.delete', { user, conversation, seq }))).seq,
    join: async (conversation, by, ...members) => (await world.done(world.command('member.add', { user: by, conversation, members, role: 'member' }))).seq,
    leave: async (conversation, member) => (await world.done(world.command('member.remove', { user: member, conversation, member }))).seq,
    read: (conversation, user, readSeq) => storage.mark({ app, conversation, user, deliveredSeq: 0, readSeq }),
    unread: async (conversation, user) => (await storage.conversation(app, user, conversation))?.unread,
    async facts(conversation, viewer, limit = 100) {
      const pages = await walkFacts(storage, { app, stream: conversation, viewer, limit });
      return pages.flatMap((page) => [...page.facts]);
    },
  };
  return world;
}

/** Pages through a stream up to its end for the viewer. */
export async function walkFacts(storage: Storage, query: { app: string; stream: string; viewer: string | null; limit: number; chars_max?: number; afterSeq?: number }): Promise<FactsPage[]> {
  const pages: FactsPage[] = [];
  let afterSeq = query.afterSeq ?? 0;
  for (;;) {
    const page = await storage.facts({ ...query, afterSeq });
    if (!page) throw new Error('the stream is not visible');
    pages.push(page);
    if (page.toSeq >= page.endSeq) return pages;
    if (page.toSeq <= afterSeq) throw new Error('the page does not go on');
    afterSeq = page.toSeq;
  }
}

/** The code of a refusal; undefined when it was done. */
export function refusedWith(outcome: AppendOutcome | MarkOutcome): string | undefined {
  return outcome.ok ? undefined : outcome.refusal.code;
}

export function isRetryable(outcome: AppendOutcome): boolean {
  return !outcome.ok && errorInfo(outcome.refusal.code).retryable;
}
