import type { ClientHistory } from '../clients.js';
import type { UnreadEntry } from '../entries.js';
import type { History } from '../history.js';
import type { Stay } from '../membership.js';
import { isForeign, type StreamLog } from '../streams.js';
import { unreadModel, type CountRange, type UnreadModel } from '../unread-model.js';
import type { Violation } from '../violation.js';

/** Of one user in one conversation. */
type MarkKey = `${string}\n${string}`;

interface Case {
  readonly log: StreamLog;
  readonly model: UnreadModel;
  readonly entry: UnreadEntry;
  /** Where the user's read mark may have stood. */
  readonly marks: readonly number[];
}

/**
 * H10: an unread count equals the model's (CNT2). The mark that it was computed from is the one that the client
 * knew, or a later one that the history knows of and that was possible at that head: another device may have set
 * it a moment before. A user who is no member at that head has no count that could be judged.
 */
export function h10(history: History): Violation[] {
  const sightings = sightingsOf(history.clients);
  const models = new Map<StreamLog, UnreadModel>();
  return history.clients.flatMap((client) => {
    return unreadsOf(client).flatMap(({ entry, known }) => {
      const log = history.streams.get(entry.stream);
      if (log === undefined || isForeign(log, client.app)) return [];
      const model = models.get(log) ?? unreadModel(log);
      models.set(log, model);
      const later = sightings.get(markKey(entry)) ?? [];
      const marks = [known, ...later.filter((seq) => seq > known && seq <= entry.at_seq)];
      return judge(client, { log, model, entry, marks });
    });
  });
}

function judge(client: ClientHistory, given: Case): Violation[] {
  const { entry } = given;
  const right = rightCounts(given);
  if (right === undefined || right.some((range) => entry.count >= range.from && entry.count <= range.to)) return [];
  const model = [...new Set(right.map((range) => (range.from === range.to ? `${range.to}` : `${range.from} to ${range.to}`)))].join(' or ');
  const text = `${client.client} read ${entry.count} unread of ${entry.user} in ${entry.stream} at seq ${entry.at_seq}, the model says ${model}`;
  return [{ rule: 'H10', text, client: client.client, stream: entry.stream, seq: entry.at_seq }];
}

/** Undefined when the history cannot tell. */
function rightCounts({ log, model, entry, marks }: Case): CountRange[] | undefined {
  const stay = log.stays.get(entry.user)?.find(({ from, to }) => entry.at_seq >= from && entry.at_seq <= to);
  if (stay === undefined) return undefined;
  const starts = marks.flatMap((mark) => startsOf(stay, mark));
  // Rows that retention has removed cannot be counted.
  if (starts.some((start) => start < log.knownFrom - 1)) return undefined;
  return starts.map((start) => model.count(entry.user, start, entry.at_seq));
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

function markKey({ stream, user }: { stream: string; user: string }): MarkKey {
  return `${stream}\n${user}`;
}
