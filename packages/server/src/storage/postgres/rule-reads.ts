import { createCallReads, liveEntry } from '../call-reads.js';
import { hidesBlockedPlace } from '../hidden-senders.js';
import { createMessageReads } from '../message-reads.js';
import { ALL, createRuleReads } from '../read-calls.js';
import type { ReadTables } from '../read-tables.js';
import type { FactsQuery, MessagesQuery, ResumeQuery, Viewer } from '../port.js';
import type { MessagePlace } from '../search/port.js';
import type { IdCodec } from './ids.js';
import type { Line } from './line.js';
import { inTurn, Lookups, untilRead, whenRead } from './lookups.js';
import { createReadTables } from './read-tables.js';
import { inSnapshot } from './transaction.js';

type RuleReads = ReturnType<typeof createRuleReads> & ReturnType<typeof createMessageReads> & ReturnType<typeof createCallReads>;
type RuleReadName = keyof RuleReads;

/** What a read will ask first, so that it is there at its first run. */
const FIRST = {
  facts: (tables, { app, stream, viewer, afterSeq, withCursor }: FactsQuery) => [...viewed(tables, app, stream, viewer), ...(withCursor ? [() => tables.eventIdAt(app, stream, afterSeq)] : [])],
  head: (tables, app: string, stream: string) => [() => tables.stream(app, stream), () => tables.lastPosition()],
  marksVersions: () => [],
  changes: (tables, query: Parameters<RuleReads['changes']>[0]) => viewed(tables, query.app, query.conversation, query.viewer),
  resume: (tables, { app, user, position, recent, limit }: ResumeQuery) => [
    () => tables.conversationsByActivity(app, user, Math.max(recent, limit) + 1, null, ALL), () => tables.lastPosition(), () => tables.stream(app, user),
    ...(position === null ? [] : [() => tables.eventIdAtPosition(position)]),
  ],
  conversation: (tables, app: string, viewer: Viewer, id: string) => shown(tables, app, id, viewer),
  inbox: (tables, app: string, user: string) => [() => tables.entry(hidesBlockedPlace(app, user))],
  unread: () => [],
  members: (tables, app: string, viewer: Viewer, conversation: string) => viewed(tables, app, conversation, viewer),
  intervals: () => [],
  messages: (tables, { app, conversation, viewer }: MessagesQuery) => shown(tables, app, conversation, viewer),
  message: (tables, app: string, viewer: Viewer, conversation: string, seq: number) => [...shown(tables, app, conversation, viewer), () => tables.messagesBetween(app, conversation, 'any', seq, seq, 1, 'asc')],
  messagesAt: (tables, app: string, viewer: Viewer, places: readonly MessagePlace[]) => places.flatMap(({ conversation, seq }) => [
    ...shown(tables, app, conversation, viewer), () => tables.messagesBetween(app, conversation, 'any', seq, seq, 1, 'asc'),
  ]),
  versions: (tables, app: string, viewer: Viewer, conversation: string) => viewed(tables, app, conversation, viewer),
  pins: (tables, app: string, viewer: Viewer, conversation: string) => shown(tables, app, conversation, viewer),
  entriesAbout: (tables, app: string, viewer: Viewer, conversation: string) => viewed(tables, app, conversation, viewer),
  entries: () => [],
  calls: (tables, app: string, viewer: Viewer, conversation: string) => [...viewed(tables, app, conversation, viewer), () => liveEntry(tables, app, conversation)],
  liveCalls: () => [],
  threads: () => [],
  receipts: (tables, app: string, viewer: Viewer, conversation: string, seq: number) => [...viewed(tables, app, conversation, viewer), () => tables.messagesBetween(app, conversation, 'any', seq, seq, 1, 'asc')],
  marks: (tables, app: string, viewer: Viewer, conversation: string) => viewed(tables, app, conversation, viewer),
} satisfies { [K in RuleReadName]: (tables: ReadTables, ...args: Parameters<RuleReads[K]>) => readonly (() => unknown)[] };

/** What `viewOf` looks up. */
function viewed(tables: ReadTables, app: string, stream: string, viewer: Viewer): readonly (() => unknown)[] {
  const own = viewer === null || viewer === stream ? [] : [() => tables.member(app, stream, viewer), () => tables.intervals(app, stream, viewer)];
  return [() => tables.stream(app, stream), () => tables.conversation(app, stream), ...own];
}

/** What is looked up for messages that are shown. */
function shown(tables: ReadTables, app: string, conversation: string, viewer: Viewer): readonly (() => unknown)[] {
  const hides = viewer === null ? [] : [() => tables.entry(hidesBlockedPlace(app, viewer))];
  return [...viewed(tables, app, conversation, viewer), ...hides];
}

export const RULE_READS = Object.keys(FIRST) as readonly RuleReadName[];

/** Runs a read of the rules in one snapshot, as often as it takes to have all that it asks for. */
export function runRuleRead<K extends RuleReadName>(line: Line, ids: IdCodec, name: K, args: Parameters<RuleReads[K]>): Promise<ReturnType<RuleReads[K]>> {
  const lookups = new Lookups();
  const tables = createReadTables(lookups, ids);
  const reads: RuleReads = { ...createRuleReads(tables), ...createMessageReads(tables), ...createCallReads(tables) };
  const read = reads[name] as (...all: readonly unknown[]) => ReturnType<RuleReads[K]>;
  const first = FIRST[name] as (tables: ReadTables, ...all: readonly unknown[]) => readonly (() => unknown)[];
  whenRead(() => inTurn(first(tables, ...args), (ask) => ask()));
  return inSnapshot(line, async () => (await untilRead(lookups, line, () => ({ answer: read(...args) }))).answer);
}
