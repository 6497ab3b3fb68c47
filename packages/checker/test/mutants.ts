import type { Entry, EntryKind, EntryOf, HistoryFile, Recorded, Rule } from '../src/index.js';
import { hashOf } from './server-model.js';

/** One way to spoil a correct history. */
export interface Mutation {
  readonly name: string;
  readonly rule: Rule;
  /** The spoiled histories, one for each place where it applies. */
  readonly mutants: (files: readonly HistoryFile[]) => Generator<HistoryFile[]>;
}

interface Place<K extends EntryKind> {
  readonly file: HistoryFile;
  readonly index: number;
  readonly entry: Recorded<EntryOf<K>>;
}

type AnyPlace = Omit<Place<'fact'>, 'entry'> & { readonly entry: Recorded };
type Fact = Place<'fact'>;

/** Every mutation, each with the rule that must catch it. */
export const MUTATIONS: readonly Mutation[] = [
  of('H3', 'drop one callback line', facts, (files, place) => {
    const walk = walkOf(files, place);
    return once(walk, place) && !isDeclared(files, place) && walk.some(({ entry }) => entry.seq > place.entry.seq) ? splice(files, place, 1, []) : undefined;
  }),
  of('H4', 'swap two callback lines', facts, (files, place) => {
    const walk = walkOf(files, place);
    const next = walk[walk.findIndex(({ index }) => index === place.index) + 1];
    return next !== undefined && once(walk, place) && once(walk, next) ? swap(files, place, next) : undefined;
  }),
  of('H3', 'repeat one callback line', facts, (files, place) => splice(files, place, 1, [place.entry, place.entry])),
  of('H7', 'move a callback line to one who has left', facts, (files, place) => outsider(files, place, left)),
  of('H7', 'move a callback line to one who never joined', facts, (files, place) => outsider(files, place, neverJoined)),
  of('H7', 'move a callback line of a user stream to another user', facts, (files, place) => outsider(files, place, ({ entry }, user) => entry.stream.startsWith('u_') && entry.stream !== user)),
  of('H8', 'move a callback line to a client of another app', facts, (files, place) => {
    const other = clients(files).find(({ file, entry }) => entry.app !== appOf(place.file) && file !== place.file);
    return other === undefined ? undefined : append(files, other.file, [place.entry]);
  }),
  of('H8', 'show the canary of another app', facts, (files, place) => {
    return place.entry.body === undefined || apps(files) < 2 ? undefined : patch(files, place, { body: hashOf(`canary ${appOf(place.file) === 'app0' ? 'app1' : 'app0'}`) });
  }),
  of('H8', 'file a row of the log under another app', rows, (files, place) => (sameStream(files, place).length < 2 ? undefined : patch(files, place, { app: 'other' }))),
  of('H1', 'remove an acked row from the log', rows, (files, place) => (isAcked(files, place) ? splice(files, place, 1, []) : undefined)),
  of('H3', 'remove a row from the middle of the log', rows, (files, place) => (place.entry.seq < headOf(files, place) ? splice(files, place, 1, []) : undefined)),
  of('H2', 'carry out a command twice', rows, (files, place) => append(files, place.file, [{ ...place.entry, seq: headOf(files, place) + 1, event_id: 'e_other' }])),
  of('H2', 'carry out a command twice, in another conversation', rows, (files, place) => {
    return place.entry.stream.startsWith('u_') ? undefined : append(files, place.file, [{ ...place.entry, stream: 'c_other', seq: 1, event_id: 'e_other' }]);
  }),
  of('H2', 'list a row of the log twice', rows, (files, place) => append(files, place.file, [place.entry])),
  of('H5', 'swap two sends of an outbox', invokes, (files, place) => {
    const next = places(files, 'invoke').find(({ file, index, entry }) => {
      return file === place.file && index > place.index && entry.op === 'message.send' && entry.outbox !== '' && ackOf(files, entry.client_id)?.entry.stream === ackOf(files, place.entry.client_id)?.entry.stream;
    });
    return next !== undefined && place.entry.op === 'message.send' && ackOf(files, place.entry.client_id) !== undefined ? swap(files, place, next) : undefined;
  }),
  of('H6', 'invoke a command after a later one was acked', invokes, (files, place) => {
    const ack = ackOf(files, place.entry.client_id);
    const later = places(files, 'ack').some(({ entry }) => ack !== undefined && entry.stream === ack.entry.stream && entry.seq > ack.entry.seq);
    return ack === undefined || !later ? undefined : append(splice(splice(files, ack, 1, []), place, 1, []), place.file, [place.entry, ack.entry]);
  }),
  of('H9', 'move a read mark back', marks, (files, place) => splice(files, place, 1, [place.entry, { ...place.entry, read_seq: place.entry.read_seq - 1 }])),
  of('H9', 'move a delivered mark back', marks, (files, place) => splice(files, place, 1, [place.entry, { ...place.entry, delivered_seq: 0 }])),
  of('H10', 'read a wrong unread count', unreads, (files, place) => (isWhole(files, place.entry.stream) ? patch(files, place, { count: place.entry.count + 10_000 }) : undefined)),
  of('H10', 'count replies that stand in their thread only', unreads, (files, place) => miscount(files, place, (row) => row.thread !== undefined && row.countable === false)),
  of('H10', 'count silent messages', unreads, (files, place) => miscount(files, place, (row) => row.thread === undefined && row.countable === false)),
  of('H10', 'count messages whose time has come', unreads, (files, place) => miscount(files, place, (row) => row.ordinal !== undefined && goneBy(files, row, place.entry.at_seq) === 'message.expired')),
  of('H10', 'count messages that were deleted', unreads, (files, place) => miscount(files, place, (row) => row.ordinal !== undefined && goneBy(files, row, place.entry.at_seq) === 'message.deleted')),
  of('H10', 'leave out what the user has hidden', unreads, (files, place) => {
    const { stream, user, count, thread } = place.entry;
    const hidden = rows(files).some(({ entry }) => entry.stream === user && entry.type === 'message.hidden' && entry.conversation === stream);
    // None at all is right, too, when it was read a moment later.
    return thread === undefined && hidden && count > 1 && isWhole(files, stream) && !marksUnread(files, place) && !readsElsewhere(files, place) ? patch(files, place, { count: count - 1 }) : undefined;
  }),
  of('H10', 'read a wrong number of unread replies', unreads, (files, place) => (place.entry.thread !== undefined && isWhole(files, place.entry.stream) && stayed(files, place) ? patch(files, place, { count: place.entry.count + 1 }) : undefined)),
  of('H2', 'send twice what has waited', rows, (files, place) => {
    const { type, client_id } = place.entry;
    return type === 'message.created' && waited(files, client_id) ? append(files, place.file, [{ ...place.entry, seq: headOf(files, place) + 1, event_id: 'e_other' }]) : undefined;
  }),
  of('H1', 'answer an approval with another message', acks, (files, place) => {
    const op = invokes(files).find(({ entry }) => entry.client_id === place.entry.client_id)?.entry.op;
    const other = rows(files).find(({ entry }) => entry.stream === place.entry.stream && entry.type === 'message.created' && !waited(files, entry.client_id));
    return op === 'held.approve' && other !== undefined && isWhole(files, place.entry.stream) ? patch(files, place, { seq: other.entry.seq, event_id: other.entry.event_id }) : undefined;
  }),
  of('H1', 'give a seq in its conversation to what waits', acks, (files, place) => {
    const row = rowAt(files, place.entry);
    return row !== undefined && waits(row) && row.conversation !== undefined && isWhole(files, row.conversation) ? patch(files, place, { stream: row.conversation, event_id: '' }) : undefined;
  }),
  of('H4', 'see another event id', facts, (files, place) => patch(files, isWhole(files, place.entry.stream) ? place : undefined, { event_id: 'e_other' })),
  of('H4', 'see another type', facts, (files, place) => patch(files, isWhole(files, place.entry.stream) ? place : undefined, { type: 'message.other' })),
  of('H4', 'see another command', facts, (files, place) => patch(files, wholeRow(files, place) ? place : undefined, { client_id: 'other' })),
  of('H4', 'see other content', facts, (files, place) => patch(files, wholeRow(files, place) && place.entry.body !== undefined ? place : undefined, { body: hashOf('other') })),
  of('H4', 'see as redacted what is not', facts, (files, place) => patch(files, wholeRow(files, place) ? place : undefined, { redacted: true })),
  of('H4', 'see what is not in the log', facts, (files, place) => patch(files, place, { seq: 999 })),
  of('H1', 'ack another event', acks, (files, place) => patch(files, isWhole(files, place.entry.stream) ? place : undefined, { event_id: 'e_other' })),
  of('H1', 'commit other content than was sent', invokes, (files, place) => {
    const ack = ackOf(files, place.entry.client_id);
    const row = ack === undefined ? undefined : rowAt(files, ack.entry);
    return patch(files, row?.body !== undefined ? place : undefined, place.entry.op === 'message.send' ? { body: hashOf('other') } : undefined);
  }),
  of('H11', 'refuse a command that is in the log', acks, (files, place) => (isWhole(files, place.entry.stream) ? splice(files, place, 1, [{ ...place.entry, k: 'fail', code: 'denied' }]) : undefined)),
  of('H11', 'refuse a command that was acked', acks, (files, place) => append(files, place.file, [{ ...place.entry, k: 'fail', code: 'denied' }])),
  of('H11', 'answer a retry with another seq', acks, (files, place) => append(files, place.file, [{ ...place.entry, seq: place.entry.seq + 1, duplicate: true }])),
  of('H3', 'withhold a fact for a retention that was not', facts, (files, place) => {
    return isWhole(files, place.entry.stream) && once(walkOf(files, place), place) ? splice(files, place, 1, [rangeOver(place, 'retention')]) : undefined;
  }),
  of('H3', 'withhold a fact from a member', facts, (files, place) => {
    const { stream } = place.entry;
    const sure = isWhole(files, stream) && !places(files, 'log').some(({ entry }) => entry.stream === stream && entry.history === 'all');
    return sure && once(walkOf(files, place), place) ? splice(files, place, 1, [rangeOver(place, 'membership')]) : undefined;
  }),
];

function of<K extends EntryKind>(
  rule: Rule, name: string, find: (files: readonly HistoryFile[]) => Place<K>[],
  apply: (files: readonly HistoryFile[], place: Place<K>) => HistoryFile[] | undefined,
): Mutation {
  return {
    name, rule,
    *mutants(files) {
      for (const place of find(files)) {
        const mutant = apply(files, place);
        if (mutant !== undefined) yield mutant;
      }
    },
  };
}

function places<K extends EntryKind>(files: readonly HistoryFile[], kind: K): Place<K>[] {
  return files.flatMap((file) => file.entries.flatMap((entry, index) => (entry.k === kind ? [{ file, index, entry: entry as Recorded<EntryOf<K>> }] : [])));
}

function facts(files: readonly HistoryFile[]): Fact[] {
  return places(files, 'fact');
}
function rows(files: readonly HistoryFile[]): Place<'log'>[] {
  return places(files, 'log');
}
function invokes(files: readonly HistoryFile[]): Place<'invoke'>[] {
  return places(files, 'invoke');
}
function acks(files: readonly HistoryFile[]): Place<'ack'>[] {
  return places(files, 'ack');
}
function marks(files: readonly HistoryFile[]): Place<'mark'>[] {
  return places(files, 'mark');
}
function unreads(files: readonly HistoryFile[]): Place<'unread'>[] {
  return places(files, 'unread');
}
function clients(files: readonly HistoryFile[]): Place<'client'>[] {
  return places(files, 'client');
}

function appOf(file: HistoryFile): string {
  const first = file.entries[0];
  return first?.k === 'client' ? first.app : '';
}

function apps(files: readonly HistoryFile[]): number {
  return new Set(clients(files).map(({ entry }) => entry.app)).size;
}

function walkOf(files: readonly HistoryFile[], { file, entry }: Fact): Fact[] {
  return facts(files).filter((other) => other.file === file && other.entry.observer === entry.observer && other.entry.stream === entry.stream);
}

function once(walk: readonly Fact[], { entry }: Fact): boolean {
  return walk.filter((other) => other.entry.seq === entry.seq).length === 1;
}

/** Seen, and after a restart declared as removed by retention: without the callback line nothing is amiss. */
function isDeclared(files: readonly HistoryFile[], { file, entry }: Fact): boolean {
  return places(files, 'range').some((range) => {
    const { observer, stream, from_seq, to_seq } = range.entry;
    return range.file === file && observer === entry.observer && stream === entry.stream && entry.seq >= from_seq && entry.seq <= to_seq;
  });
}

function sameStream(files: readonly HistoryFile[], { entry }: Place<'log'>): Place<'log'>[] {
  return rows(files).filter((other) => other.entry.stream === entry.stream);
}

function headOf(files: readonly HistoryFile[], place: Place<'log'>): number {
  return Math.max(...sameStream(files, place).map(({ entry }) => entry.seq));
}

function isAcked(files: readonly HistoryFile[], { entry }: Place<'log'>): boolean {
  return acks(files).some(({ entry: ack }) => ack.stream === entry.stream && ack.seq === entry.seq);
}

function ackOf(files: readonly HistoryFile[], clientId: string): Place<'ack'> | undefined {
  return acks(files).find(({ entry }) => entry.client_id === clientId);
}

function rowAt(files: readonly HistoryFile[], { stream, seq }: { stream: string; seq: number }): EntryOf<'log'> | undefined {
  return rows(files).find(({ entry }) => entry.stream === stream && entry.seq === seq)?.entry;
}

/** Retention has removed nothing of the stream. */
function isWhole(files: readonly HistoryFile[], stream: string): boolean {
  return !places(files, 'floor').some(({ entry }) => entry.stream === stream);
}

function wholeRow(files: readonly HistoryFile[], { entry }: Fact): boolean {
  const row = rowAt(files, entry);
  return row !== undefined && !row.redacted;
}

function membershipOf(files: readonly HistoryFile[], stream: string, user: string): EntryOf<'log'>[] {
  return rows(files).map(({ entry }) => entry).filter((row) => row.stream === stream && row.user === user);
}

/** The messages of others behind the mark that a server would count which takes these for countable, too. */
function miscount(files: readonly HistoryFile[], place: Place<'unread'>, countable: (row: EntryOf<'log'>) => boolean): HistoryFile[] | undefined {
  const { stream, user, count, at_seq, thread } = place.entry;
  const marked = place.file.entries.slice(0, place.index).findLast((entry) => entry.k === 'mark' && entry.stream === stream && entry.user === user);
  const joined = membershipOf(files, stream, user).findLast(({ seq }) => seq <= at_seq)?.seq ?? 0;
  const after = Math.max(joined, marked?.k === 'mark' ? marked.read_seq : 0);
  const more = rows(files).filter(({ entry }) => entry.stream === stream && entry.type === 'message.created' && entry.seq > after && entry.seq <= at_seq && entry.actor !== user && countable(entry)).length;
  return thread === undefined && more > 0 && isWhole(files, stream) && !marksUnread(files, place) && !readsElsewhere(files, place) ? patch(files, place, { count: count + more }) : undefined;
}

/** CNT3: two counts are right. */
function marksUnread(files: readonly HistoryFile[], { entry }: Place<'unread'>): boolean {
  return rows(files).some(({ entry: row }) => row.stream === entry.user && row.type === 'conversation.unread_set');
}

/** Another device may have known a later mark. */
function readsElsewhere(files: readonly HistoryFile[], { entry }: Place<'unread'>): boolean {
  return rows(files).some(({ entry: row }) => row.stream === entry.stream && row.history === 'all') || membershipOf(files, entry.stream, entry.user).length > 1;
}

/** The member has never been away. */
function stayed(files: readonly HistoryFile[], { entry }: Place<'unread'>): boolean {
  return membershipOf(files, entry.stream, entry.user).length === 1 && isWhole(files, entry.user);
}

function goneBy(files: readonly HistoryFile[], row: EntryOf<'log'>, atSeq: number): string | undefined {
  return rows(files).find(({ entry }) => entry.stream === row.stream && entry.target_seq === row.seq && entry.seq <= atSeq && (entry.type === 'message.deleted' || entry.type === 'message.expired'))?.entry.type;
}

const waits = ({ type }: EntryOf<'log'>): boolean => type === 'message.held' || type === 'message.scheduled';
function waited(files: readonly HistoryFile[], clientId: string): boolean {
  return rows(files).some(({ entry }) => entry.client_id === clientId && waits(entry));
}

function left(place: Fact, user: string, files: readonly HistoryFile[]): boolean {
  const last = membershipOf(files, place.entry.stream, user).at(-1);
  return last?.type === 'member.left' && place.entry.seq > last.seq;
}

function neverJoined(place: Fact, user: string, files: readonly HistoryFile[]): boolean {
  const { stream } = place.entry;
  return !stream.startsWith('u_') && isWhole(files, stream) && membershipOf(files, stream, user).length === 0;
}

function outsider(files: readonly HistoryFile[], place: Fact, isOutside: (place: Fact, user: string, files: readonly HistoryFile[]) => boolean): HistoryFile[] | undefined {
  const other = clients(files).find(({ entry }) => entry.user !== '' && entry.app === appOf(place.file) && isOutside(place, entry.user, files));
  return other === undefined ? undefined : append(files, other.file, [place.entry]);
}

function rangeOver({ entry }: Fact, cause: 'membership' | 'retention'): Entry {
  return { k: 'range', observer: entry.observer, stream: entry.stream, from_seq: entry.seq, to_seq: entry.seq, cause };
}

function patch<K extends EntryKind>(files: readonly HistoryFile[], place: (AnyPlace & { readonly entry: EntryOf<K> }) | undefined, change: Partial<EntryOf<K>> | undefined): HistoryFile[] | undefined {
  return place === undefined || change === undefined ? undefined : splice(files, place, 1, [{ ...place.entry, ...change } as Entry]);
}

/** Both lines keep their time: what happened is exchanged, not when. */
function swap(files: readonly HistoryFile[], a: AnyPlace, b: AnyPlace): HistoryFile[] {
  return splice(splice(files, a, 1, [b.entry]), b, 1, [a.entry]);
}

function splice(files: readonly HistoryFile[], place: AnyPlace, remove: number, insert: readonly Entry[]): HistoryFile[] {
  const timed = insert.map((entry): Recorded => ({ ...entry, at: place.entry.at, line: place.entry.line }));
  return files.map((file) => (file.name === place.file.name ? { ...file, entries: file.entries.toSpliced(place.index, remove, ...timed) } : file));
}

function append(files: readonly HistoryFile[], to: HistoryFile, entries: readonly Entry[]): HistoryFile[] {
  const last = Math.max(...files.flatMap((file) => file.entries.map(({ at }) => at)));
  const timed = entries.map((entry, index): Recorded => ({ ...entry, at: last + 1 + index, line: to.entries.length + 1 + index }));
  return files.map((file) => (file.name === to.name ? { ...file, entries: [...file.entries, ...timed] } : file));
}
