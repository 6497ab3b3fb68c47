/**
 * How batches cross between the threads: as JSON, because to copy many small objects field by field costs more than twice as
 * much. Sends, which are most of them, cross as lists of values, in which ids that repeat are numbers of one list; of their
 * outcomes only what the log has added comes back.
 */
import type { SendMessage } from '../command.js';
import type { BatchEntry, BatchOutcome } from '../group-commit.js';
import { sentFact, type SentPlace } from '../sent.js';

type Command<Key extends keyof SendMessage> = SendMessage[Key];
/** Numbers in the list of ids; -1 for null. */
type IdNumber = number;
type SendValues = [
  lane: number, app: IdNumber, actor: IdNumber, user: IdNumber, clientId: string, requestHash: string, traceId: Command<'traceId'>, conversation: IdNumber, payload: string, silent: boolean,
];
type BatchValues = [ids: string[], entries: (SendValues | BatchEntry)[]];
type SentValues = [seq: number, position: number, eventId: string, timeMs: number, ordinal: number, senderOrdinal: number];

/** The batch on its way to the writer. */
export const batchText = {
  write(batch: readonly BatchEntry[]): string {
    const numbers = new Map<string, IdNumber>();
    const entries = batch.map((entry) => (isSend(entry) ? sendValues(entry, numbers) : entry));
    return JSON.stringify([[...numbers.keys()], entries] satisfies BatchValues);
  },
  read(text: string): readonly BatchEntry[] {
    const [ids, entries] = JSON.parse(text) as BatchValues;
    return entries.map((one) => (Array.isArray(one) ? sendEntry(one, ids) : one));
  },
};

/** Its outcomes on their way back. Both sides have the batch. */
export const outcomesText = {
  write: (batch: readonly BatchEntry[], outcomes: readonly BatchOutcome[]): string => JSON.stringify(outcomes.map((outcome, at) => sentValues(batch[at]!, outcome) ?? outcome)),
  read: (batch: readonly BatchEntry[], text: string): readonly BatchOutcome[] =>
    (JSON.parse(text) as (SentValues | BatchOutcome)[]).map((one, at) => (Array.isArray(one) ? sentOutcome(batch[at]!, one) : one)),
};

interface SendEntry {
  readonly kind: 'command';
  readonly lane: number;
  readonly command: SendMessage;
}

/** Sends that hold nothing but text and data: most of them. */
const isSend = (entry: BatchEntry): entry is SendEntry => entry.kind === 'command' && entry.command.kind === 'message.send' && entry.command.more === null && entry.command.followers === undefined;

function numberOf(numbers: Map<string, IdNumber>, id: string): IdNumber {
  let number = numbers.get(id);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(id, number);
  }
  return number;
}

function sendValues({ lane, command }: SendEntry, numbers: Map<string, IdNumber>): SendValues {
  return [
    lane, numberOf(numbers, command.app), numberOf(numbers, command.actor), command.user === null ? -1 : numberOf(numbers, command.user), command.clientId, command.requestHash,
    command.traceId, numberOf(numbers, command.conversation), command.payload, command.silent,
  ];
}

function sendEntry([lane, app, actor, user, clientId, requestHash, traceId, conversation, payload, silent]: SendValues, ids: readonly string[]): SendEntry {
  const command: SendMessage = {
    kind: 'message.send', app: ids[app]!, actor: ids[actor]!, user: ids[user] ?? null, clientId, requestHash, traceId, conversation: ids[conversation]!, payload, silent,
    more: null,
  };
  return { kind: 'command', lane, command };
}

/** Undefined for what is no plain new message: a refusal, a repeat, what waits for approval, what the rules have added to, or was deleted in the same batch. */
function sentValues(entry: BatchEntry, outcome: BatchOutcome): SentValues | undefined {
  if (!isSend(entry) || !outcome.ok || !('facts' in outcome)) return undefined;
  const [fact] = outcome.facts;
  if (!fact || fact.payload !== entry.command.payload || fact.type !== 'message.created') return undefined;
  return [fact.seq, fact.position, fact.eventId, fact.timeMs, fact.ordinal, fact.senderOrdinal];
}

function sentOutcome(entry: BatchEntry, [seq, position, eventId, timeMs, ordinal, senderOrdinal]: SentValues): BatchOutcome {
  if (!isSend(entry)) throw new Error('the database thread gave another answer');
  const place: SentPlace = { seq, position, eventId, timeMs, ordinal, senderOrdinal };
  const fact = sentFact(entry.command, place);
  return { ok: true, duplicate: false, facts: [fact], place: { stream: fact.stream, seq, timeMs, type: fact.type, targetSeq: null } };
}
