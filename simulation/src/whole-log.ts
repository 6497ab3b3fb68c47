/** What only a whole log can show: messages that wait have no seq before their time, and one afterwards; and what was erased is. */
import { isTombstone } from '@talaria/protocol';
import type { EventRow, MemoryStore } from '@talaria/server/internals';
import { erasedBy, type Breach } from './watch.js';

const EVERYTHING = 1_000_000_000;

interface Release {
  readonly fact: EventRow;
  /** The message; undefined when it was turned away. */
  readonly seq: number | undefined;
}

/**
 * VIS3, SND2: each message that was held or scheduled has a message in its conversation when a fact of its sender's stream says which
 * one, and has none otherwise.
 *
 * @returns nothing of apps of whose log a part is gone
 */
export function checkWaiting({ calls }: MemoryStore): Breach[] {
  const facts = calls.factsAfterPosition(0, EVERYTHING);
  const cut = new Set(facts.filter(({ app, stream }) => (calls.head(app, stream)?.floorSeq ?? 0) > 0).map(({ app }) => app));
  const known = facts.filter(({ app }) => !cut.has(app));
  const releases = releasesOf(known);
  const sent = sentBy(known);
  return known.filter(({ type }) => type === 'message.held' || type === 'message.scheduled').flatMap((fact) => {
    const messages = sent.get(keyOf(fact)) ?? [];
    const release = releases.get(`${fact.stream} ${fact.seq}`);
    return problems(fact, messages, release).map(([rule, text]) => ({ rule, text: `${fact.type} ${fact.stream} seq ${fact.seq} ${text}` }));
  });
}

/** VIS4: nothing is left in the log of what a fact says is gone. */
export function checkErased({ calls }: MemoryStore): Breach[] {
  const facts = calls.factsAfterPosition(0, EVERYTHING);
  const byPlace = new Map(facts.map((fact) => [`${fact.stream} ${fact.seq}`, fact]));
  const gone = new Set(facts.filter(({ type }) => isTombstone(type)).map(({ stream, targetSeq }) => `${stream} ${targetSeq}`));
  const left = facts.flatMap(({ stream, type, targetSeq, payload }) => {
    const seq = erasedBy(type, targetSeq ?? 0, payload);
    const fact = seq === undefined ? undefined : byPlace.get(`${stream} ${seq}`);
    return fact ? [fact] : [];
  });
  const about = facts.filter(({ stream, type, targetSeq }) => targetSeq !== null && gone.has(`${stream} ${targetSeq}`) && !isTombstone(type));
  return [...left, ...about].filter(({ redacted }) => !redacted).map(({ stream, seq, type }) => ({ rule: 'VIS4', text: `the log still has the text of ${type} ${stream} seq ${seq}` }));
}

function problems(fact: EventRow, messages: readonly EventRow[], release: Release | undefined): (readonly [string, string])[] {
  const seqs = messages.map(({ stream, seq }) => `${stream} seq ${seq}`).join(' and ');
  if (messages.length > 1) return [['SND2', `was sent more than once: ${seqs}`]];
  const message = messages[0];
  if (message && release?.seq !== message.seq) return [['VIS3', `has a seq that nothing gave it: ${seqs}`]];
  if (!message && release?.seq !== undefined) return [['SND2', `was let in as seq ${release.seq}, which is no message of it`]];
  // One transaction: nothing stands between the two.
  if (message && release && message.position > release.fact.position) return [['VIS3', `was let in after it had been said: ${seqs}`]];
  return message && message.position < fact.position ? [['VIS3', `had a seq before it began to wait: ${seqs}`]] : [];
}

const keyOf = ({ app, actor, clientId }: EventRow): string => `${app} ${actor} ${clientId}`;

function sentBy(facts: readonly EventRow[]): Map<string, EventRow[]> {
  const found = new Map<string, EventRow[]>();
  for (const fact of facts) if (fact.type === 'message.created') found.set(keyOf(fact), [...found.get(keyOf(fact)) ?? [], fact]);
  return found;
}

/** By the fact with which a message began to wait. */
function releasesOf(facts: readonly EventRow[]): Map<string, Release> {
  const found = new Map<string, Release>();
  const waits: (readonly [scheduled: string, held: string])[] = [];
  for (const fact of facts) {
    if (fact.type !== 'message.released' && fact.type !== 'message.rejected' && fact.type !== 'message.unscheduled') continue;
    const { held_seq: held, scheduled_seq: scheduled, seq } = JSON.parse(fact.payload) as { held_seq?: number; scheduled_seq?: number; seq?: number };
    if (scheduled !== undefined && held !== undefined) waits.push([`${fact.stream} ${scheduled}`, `${fact.stream} ${held}`]);
    else found.set(`${fact.stream} ${held ?? scheduled ?? 0}`, { fact, seq });
  }
  // Its time had come, and then it waited for approval.
  for (const [scheduled, held] of waits) if (found.has(held)) found.set(scheduled, found.get(held)!);
  return found;
}
