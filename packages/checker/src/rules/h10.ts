import type { ClientHistory } from '../clients.js';
import type { UnreadEntry } from '../entries.js';
import type { History } from '../history.js';
import type { Stay } from '../membership.js';
import { isForeign, type StreamLog } from '../streams.js';
import { readMarksOf } from '../thread-marks.js';
import { threadModel, unreadModel, type CountRange, type UnreadModel } from '../unread-model.js';
import type { Violation } from '../violation.js';

/** Of one user in one conversation. */
type MarkKey = `${string}\n${string}`;

interface Case {
  readonly log: StreamLog;
  readonly model: UnreadModel;
  readonly entry: UnreadEntry;
  /** Where the user's read mark may have stood; undefined when the history cannot tell. */
  readonly marks: readonly number[] | undefined;
  /** From where on the user has shown the conversation as unread (CNT3), now or at some time. */
  readonly unreadFrom: readonly number[];
}

/**
 * H10: an unread count equals the model's (CNT2). The mark that it was computed from is the one that the client
 * knew, or a later one that the history knows of and that was possible at that head: another device may have set
 * it a moment before. A user who is no member at that head has no count that could be judged. What a user has shown as
 * unread (CNT3) counts again until it is read, and no history says when that was: both counts are right then.
 */
export function h10(history: History): Violation[] {
  const sightings = sightingsOf(history.clients);
  const models = new Map<string, UnreadModel>();
  const modelOf = (log: StreamLog, { thread }: UnreadEntry): UnreadModel => {
    const key = `${log.stream} ${thread ?? ''}`;
    const model = models.get(key) ?? (thread === undefined ? unreadModel(log) : threadModel(log, thread));
    models.set(key, model);
    return model;
  };
  return history.clients.flatMap((client) => {
    return unreadsOf(client).flatMap(({ entry, known }) => {
      const log = history.streams.get(entry.stream);
      if (log === undefined || isForeign(log, client.app)) return [];
      const own = history.streams.get(entry.user);
      const later = sightings.get(markKey(entry)) ?? [];
      const marks = entry.thread === undefined ? [known, ...later.filter((seq) => seq > known && seq <= entry.at_seq)] : readMarksOf(log, own, { ...entry, thread: entry.thread });
      return judge(client, { log, model: modelOf(log, entry), entry, marks, unreadFrom: entry.thread === undefined ? unreadFromOf(own, entry) : [] });
    });
  });
}

function judge(client: ClientHistory, given: Case): Violation[] {
  const { entry } = given;
  const right = rightCounts(given);
  if (right === undefined || right.some((range) => entry.count >= range.from && entry.count <= range.to)) return [];
  const model = [...new Set(right.map((range) => (range.from === range.to ? `${range.to}` : `${range.from} to ${range.to}`)))].join(' or ');
  const where = entry.thread === undefined ? entry.stream : `the thread ${entry.thread} of ${entry.stream}`;
  const text = `${client.client} read ${entry.count} unread of ${entry.user} in ${where} at seq ${entry.at_seq}, the model says ${model}`;
  return [{ rule: 'H10', text, client: client.client, stream: entry.stream, seq: entry.at_seq }];
}

/** Undefined when the history cannot tell. */
function rightCounts({ log, model, entry, marks, unreadFrom }: Case): CountRange[] | undefined {
  const stay = log.stays.get(entry.user)?.find(({ from, to }) => entry.at_seq >= from && entry.at_seq <= to);
  if (stay === undefined || marks === undefined) return undefined;
  const starts = entry.thread === undefined ? marks.flatMap((mark) => startsOf(stay, mark)) : marks;
  const again = starts.flatMap((start) => unreadFrom.filter((from) => (from > stay.from || !stay.joined) && from - 1 < start).map((from) => from - 1));
  const all = [...starts, ...again];
  // Rows that retention has removed cannot be counted; nor can it be told whether replies count that came while the user was away.
  if (all.some((start) => start < log.knownFrom - 1 || (entry.thread !== undefined && model.count('', start, stay.from).to > 0))) return undefined;
  return all.map((start) => model.count(entry.user, start, entry.at_seq));
}

/** A member counts from the join on. With `all`, what came before the join may count as unread, or as read. */
function startsOf(stay: Stay, mark: number): number[] {
  const fromJoin = Math.max(mark, stay.from);
  const always = stay.joined && stay.policies.size === 1 && stay.policies.has('from_join');
  return always || fromJoin === mark ? [fromJoin] : [fromJoin, mark];
}

/** The unread counts that a client read, each with the highest read mark of that user that it knew by then. */
function unreadsOf(client: ClientHistory): { entry: UnreadEntry; known: number }[] {
  const known = new Map<MarkKey, number>();
  const found: { entry: UnreadEntry; known: number }[] = [];
  for (const line of client.lines) {
    if (line.k === 'mark') known.set(markKey(line), Math.max(line.read_seq, known.get(markKey(line)) ?? 0));
    if (line.k === 'unread') found.push({ entry: line, known: known.get(markKey(line)) ?? 0 });
  }
  return found;
}

/** All read marks that any client learned of. */
function sightingsOf(clients: readonly ClientHistory[]): Map<MarkKey, number[]> {
  const found = new Map<MarkKey, Set<number>>();
  for (const line of clients.flatMap((client) => client.lines)) {
    if (line.k !== 'mark') continue;
    const seqs = found.get(markKey(line)) ?? new Set();
    found.set(markKey(line), seqs.add(line.read_seq));
  }
  return new Map([...found].map(([key, seqs]) => [key, [...seqs]]));
}

/** From where on a user has shown the conversation as unread, as their own stream has it. */
function unreadFromOf(own: StreamLog | undefined, { stream }: UnreadEntry): number[] {
  return (own?.rows ?? []).flatMap((row) => (row.type === 'conversation.unread_set' && row.conversation === stream && row.mark_seq !== undefined ? [row.mark_seq] : []));
}

function markKey({ stream, user }: { stream: string; user: string }): MarkKey {
  return `${stream}\n${user}`;
}
