import { userStreamsOf } from '../command.js';
import type { BatchEntry } from '../group-commit.js';
import type { StreamRow } from '../rows.js';
import type { RowLoader } from '../unit-of-work.js';
import type { IdCodec } from './ids.js';
import { inTurn, type Lookups } from './lookups.js';
import { QUESTIONS } from './questions.js';
import type { SendRows } from './remembered.js';
import { commandKeyRow, conversationRow, memberRow, messageRow, userRow } from '../columns.js';
import { createEntryReads } from './entry-reads.js';

/** A stream of an app. */
export interface StreamPlace {
  readonly app: string;
  readonly stream: string;
}

export interface LockedStreams {
  /** Undefined when there is no such stream. */
  get(app: string, stream: string): StreamRow | undefined;
}

export interface LoaderState {
  readonly lookups: Lookups;
  readonly locked: LockedStreams;
  readonly keysFloorMs: number;
  /** Conversations that this very batch makes: nothing of them can be in the database. */
  readonly made: ReadonlySet<string>;
  /** What is remembered of a conversation to which the batch does nothing but send. */
  remembered(app: string, conversation: string): SendRows | undefined;
  /** Told what was looked up in such a conversation: the rules change these very rows. */
  seen(app: string, conversation: string): SendRows | undefined;
  /** Whether a command is taken for new without a look: if it is not, its key cannot be written (SND2). */
  takenForNew(clientId: string): boolean;
}

const copy = <T extends object>(row: T | undefined): T | undefined => row && { ...row };

/** What the rules look up in the appending transaction, each a copy that they may change. */
export function createLoader(ids: IdCodec, { lookups, locked, keysFloorMs, made, remembered, seen, takenForNew }: LoaderState): RowLoader {
  const place = (app: string, stream: string): [string, string] => [ids.uuid(app), ids.uuid(stream)];
  return {
    ...createEntryReads(lookups, ids),
    ahead: (asks) => void inTurn(asks, (ask) => ask()),
    keysFloorMs: () => keysFloorMs,
    stream: (app, id) => (made.has(id) ? undefined : copy(locked.get(app, id))),
    conversation(app, id) {
      if (made.has(id)) return undefined;
      const row = copy(remembered(app, id)?.conversation ?? lookups.ask(QUESTIONS.conversation, place(app, id), ([found]) => found && conversationRow(app, id, found)));
      const rows = seen(app, id);
      if (rows) rows.conversation = row;
      return row;
    },
    member(app, conversation, user) {
      if (made.has(conversation)) return undefined;
      const row = copy(remembered(app, conversation)?.members.get(user)
        ?? lookups.ask(QUESTIONS.member, [...place(app, conversation), ids.uuid(user)], ([found]) => found && memberRow(ids, app, found)));
      if (row) seen(app, conversation)?.members.set(user, row);
      return row;
    },
    commandKey(app, actor, clientId) {
      if (takenForNew(clientId)) return undefined;
      return lookups.ask(QUESTIONS.commandKey, [ids.uuid(app), ids.uuid(actor), clientId], ([row]) => row && commandKeyRow(ids, app, actor, clientId, row));
    },
    message: (app, conversation, seq) => copy(lookups.ask(QUESTIONS.message, [...place(app, conversation), seq], ([row]) => row && messageRow(ids, app, conversation, row))),
    payload: (app, stream, seq) => lookups.ask(QUESTIONS.payload, [...place(app, stream), seq], ([row]) => row?.payload),
    messageAtOrBelow(app, conversation, seq, sender) {
      if (sender === null) return copy(lookups.ask(QUESTIONS.messageAtOrBelow, [...place(app, conversation), seq], ([row]) => row && messageRow(ids, app, conversation, row)));
      return copy(lookups.ask(QUESTIONS.ownMessageAtOrBelow, [...place(app, conversation), seq, ids.uuid(sender)], ([row]) => row && messageRow(ids, app, conversation, row)));
    },
    ownMessageAbove: (app, conversation, seq, sender) =>
      copy(lookups.ask(QUESTIONS.ownMessageAbove, [...place(app, conversation), seq, ids.uuid(sender)], ([row]) => row && messageRow(ids, app, conversation, row))),
    directConversation: (app, pair) => lookups.ask(QUESTIONS.pair, [ids.uuid(app), pair], ([row]) => row && ids.text('conversation', row.conversation_id)),
    intervals: (app, conversation, user) => {
      if (made.has(conversation)) return [];
      return lookups.ask(QUESTIONS.intervals, [...place(app, conversation), ids.uuid(user)], (rows) => rows.map((row) => ({ fromSeq: row.from_seq, toSeq: row.to_seq })));
    },
    user: (app, id) => copy(lookups.ask(QUESTIONS.user, [ids.uuid(app), ids.uuid(id)], ([row]) => row && userRow(ids, app, row))),
  };
}

/** What the rules will ask first for an entry. */
export function firstAsked(loader: RowLoader, entry: BatchEntry): readonly (() => unknown)[] {
  if (entry.kind === 'mark') {
    const { app, conversation, user } = entry.update;
    return [() => loader.conversation(app, conversation), () => loader.member(app, conversation, user), () => loader.user(app, user)];
  }
  const { command } = entry;
  const { app, user } = command;
  const key = () => loader.commandKey(app, command.actor, command.clientId);
  if (command.kind === 'conversation.create') return [key, ...(user === null ? command.members : [user, ...command.members]).map((one) => () => loader.user(app, one))];
  if (!('conversation' in command)) return 'subject' in command ? [key, () => loader.user(app, command.subject)] : [key];
  const { conversation } = command;
  const always = [key, () => loader.conversation(app, conversation), ...(user === null ? [] : [() => loader.member(app, conversation, user)])];
  if ('seq' in command) return [...always, () => loader.message(app, conversation, command.seq)];
  switch (command.kind) {
    case 'member.add': return [...always, ...command.members.flatMap((one) => [
      () => loader.user(app, one), () => loader.member(app, conversation, one),
      // Whoever is added may have been invited, or have asked.
      ...(['invitation', 'join_request'] as const).map((type) => () => loader.entry({ app, stream: conversation, type, key: one, targetSeq: 0 })),
    ])];
    case 'member.remove':
    case 'member.update': return [...always, () => loader.member(app, conversation, command.member)];
    default: return always;
  }
}

export interface EntryStreams {
  /** What it may append to. */
  readonly known: readonly StreamPlace[];
  /** Those of users, which may have to begin. */
  readonly users: readonly StreamPlace[];
}

export function streamsOf(entry: BatchEntry): EntryStreams {
  if (entry.kind === 'mark') return { known: [{ app: entry.update.app, stream: entry.update.conversation }], users: [] };
  const { command } = entry;
  const at = (stream: string): StreamPlace => ({ app: command.app, stream });
  const conversation = command.kind === 'block.set' ? command.direct : 'conversation' in command ? command.conversation : null;
  return { known: conversation === null ? [] : [at(conversation)], users: userStreamsOf(command).map(at) };
}
