/** Bus messages as bytes. Nodes of two versions may share a bus: what a node does not understand it leaves out (CLU2). */
import { z } from 'zod';
import type { EventRow } from '../../storage/rows.js';
import { DEVICE_MARK_MAX, type BusMessage, type PresenceMessage } from '../port.js';

const VERSION = 1;

/** About how much text one message carries; a fact that is longer is only named. */
const CHARS_MAX = 262_144;
const FACT_CHARS_MAX = 65_536;
const ASKED_CHARS_MAX = 16_384;

const id = z.string().max(64);
/** A node's id is a part of the subject that answers go to. */
const subjectWord = z.string().max(64).regex(/^[\w-]+$/);
const seq = z.number().int().nonnegative();
const fact = z.tuple([
  seq, seq, id, z.string().max(64), seq, id.nullable(), z.number(), seq.nullable(), z.string().max(256).nullable(), z.string().max(64).nullable(), z.boolean(), seq, seq, z.string(),
]);
const place = z.tuple([seq, seq, id]);
const devices = z.tuple([id, id, z.array(seq.max(DEVICE_MARK_MAX)).max(16).nullable()]);
const ofStream = z.discriminatedUnion('k', [
  z.object({ v: z.literal(VERSION), k: z.literal('facts'), facts: z.array(fact), named: z.array(place) }),
  z.object({ v: z.literal(VERSION), k: z.literal('mark'), user: id, delivered: seq, read: seq, own: seq.optional(), version: seq }),
  z.object({ v: z.literal(VERSION), k: z.literal('signal'), user: id, type: z.string(), json: z.string(), lifetime_ms: z.number() }),
  z.object({ v: z.literal(VERSION), k: z.literal('evict'), seq }),
]);
const ofAll = z.discriminatedUnion('k', [
  z.object({ v: z.literal(VERSION), k: z.literal('revoked_user'), app: id, user: id, before_ms: z.number() }),
  z.object({ v: z.literal(VERSION), k: z.literal('revoked_key'), key: id }),
  z.object({ v: z.literal(VERSION), k: z.literal('revoked_name'), app: id, user: id, name: z.string().max(256), before_ms: z.number() }),
  z.object({ v: z.literal(VERSION), k: z.literal('app_changed'), app: id }),
  z.object({
    v: z.literal(VERSION), k: z.literal('node'), id, version: z.string().max(64), host: z.string().max(256), port: z.number(), started_ms: z.number(), ready: z.boolean(), bus: z.boolean(),
    connections: z.number(), followed_streams: z.number(), memory_bytes: z.number(), lag_ms: z.number(),
  }),
  z.object({
    v: z.literal(VERSION), k: z.literal('taken'), node: id, n: seq,
    taken: z.array(z.object({ scope: z.enum(['user', 'conversation', 'app', 'address']), names: z.array(z.tuple([z.string().max(256), z.number().int()])) })).max(4),
  }),
  z.object({
    v: z.literal(VERSION), k: z.literal('ask'), node: subjectWord, question: seq, to: subjectWord.nullable(), op: id, app: id.nullable(), json: z.string().max(ASKED_CHARS_MAX),
  }),
  z.object({ v: z.literal(VERSION), k: z.literal('answer'), to: subjectWord, from: subjectWord, question: seq, json: z.string().max(CHARS_MAX).nullable() }),
  z.object({ v: z.literal(VERSION), k: z.literal('presence'), node: id, place: z.string().max(512), version: seq, changes: z.array(devices) }),
  z.object({ v: z.literal(VERSION), k: z.literal('presence_digest'), node: id, place: z.string().max(512), version: seq, gone: z.boolean() }),
  z.object({ v: z.literal(VERSION), k: z.literal('presence_ask'), node: id }),
  z.object({
    v: z.literal(VERSION), k: z.literal('presence_list'), node: id, place: z.string().max(512), version: seq, part: seq, parts: z.number().int().min(1).max(10_000),
    users: z.array(devices),
  }),
]);
type FactValues = z.infer<typeof fact>;
type StreamMessage = Extract<BusMessage, { kind: 'mark' | 'signal' | 'evict' }>;
type AllMessage = Extract<BusMessage, { kind: 'revoked_user' | 'revoked_key' | 'revoked_name' | 'app_changed' | 'node' | 'taken' | 'ask' | 'answer' | PresenceMessage['kind'] }>;

/** Facts of one stream, as few messages as they fit in. */
export function encodeFacts(facts: readonly EventRow[]): string[] {
  const texts: string[] = [];
  let part: { facts: FactValues[]; named: z.infer<typeof place>[]; chars: number } = { facts: [], named: [], chars: 0 };
  const close = (): void => {
    if (part.facts.length + part.named.length > 0) texts.push(JSON.stringify({ v: VERSION, k: 'facts', facts: part.facts, named: part.named }));
    part = { facts: [], named: [], chars: 0 };
  };
  for (const row of facts) {
    if (row.payload.length > FACT_CHARS_MAX) part.named.push([row.seq, row.position, row.eventId]);
    else part.facts.push(valuesOf(row));
    part.chars += Math.min(row.payload.length, FACT_CHARS_MAX);
    if (part.chars > CHARS_MAX) close();
  }
  close();
  return texts;
}

export function encodeOfStream(message: StreamMessage): string {
  switch (message.kind) {
    case 'mark': return JSON.stringify({ v: VERSION, k: 'mark', user: message.user, delivered: message.deliveredSeq, read: message.readSeq, own: message.ownReadSeq, version: message.version });
    case 'signal': return JSON.stringify({ v: VERSION, k: 'signal', user: message.user, type: message.type, json: message.json, lifetime_ms: message.lifetimeMs });
    case 'evict': return JSON.stringify({ v: VERSION, k: 'evict', seq: message.seq });
  }
}

export function encodeOfAll(message: AllMessage): string {
  switch (message.kind) {
    case 'revoked_user': return JSON.stringify({ v: VERSION, k: 'revoked_user', app: message.app, user: message.user, before_ms: message.beforeMs });
    case 'revoked_name': return JSON.stringify({ v: VERSION, k: 'revoked_name', app: message.app, user: message.user, name: message.name, before_ms: message.beforeMs });
    case 'revoked_key': return JSON.stringify({ v: VERSION, k: 'revoked_key', key: message.key });
    case 'app_changed': return JSON.stringify({ v: VERSION, k: 'app_changed', app: message.app });
    case 'node': {
      const { startedMs, followedStreams, memoryBytes, lagMs, ...same } = message.node;
      return JSON.stringify({ v: VERSION, k: 'node', ...same, started_ms: startedMs, followed_streams: followedStreams, memory_bytes: memoryBytes, lag_ms: lagMs });
    }
    case 'taken': return JSON.stringify({ v: VERSION, k: 'taken', node: message.node, n: message.number, taken: message.taken });
    case 'ask':
    case 'answer':
    case 'presence':
    case 'presence_digest':
    case 'presence_ask':
    case 'presence_list': {
      const { kind, ...fields } = message;
      return JSON.stringify({ v: VERSION, k: kind, ...fields });
    }
  }
}

/** @returns what a message on a stream's subject says; nothing when it is not understood */
export function decodeOfStream(app: string, stream: string, text: string): readonly BusMessage[] {
  const read = ofStream.safeParse(parse(text)).data;
  switch (read?.k) {
    case undefined: return [];
    case 'facts': return [
      ...(read.facts.length === 0 ? [] : [{ kind: 'facts' as const, facts: read.facts.map((values) => rowOf(app, stream, values)) }]),
      ...(read.named.length === 0 ? [] : [{ kind: 'moved' as const, places: read.named.map(([at, position, eventId]) => ({ app, stream, seq: at, position, eventId })) }]),
    ];
    case 'mark': return [{ kind: 'mark', app, stream, user: read.user, deliveredSeq: read.delivered, readSeq: read.read, ...(read.own !== undefined && { ownReadSeq: read.own }), version: read.version }];
    case 'signal': return [{ kind: 'signal', app, stream, user: read.user, type: read.type, json: read.json, lifetimeMs: read.lifetime_ms }];
    case 'evict': return [{ kind: 'evict', app, stream, seq: read.seq }];
  }
}

/** @returns what a message to all nodes says; undefined when it is not understood */
export function decodeOfAll(text: string): BusMessage | undefined {
  const read = ofAll.safeParse(parse(text)).data;
  switch (read?.k) {
    case undefined: return undefined;
    case 'revoked_user': return { kind: 'revoked_user', app: read.app, user: read.user, beforeMs: read.before_ms };
    case 'revoked_name': return { kind: 'revoked_name', app: read.app, user: read.user, name: read.name, beforeMs: read.before_ms };
    case 'revoked_key': return { kind: 'revoked_key', key: read.key };
    case 'app_changed': return { kind: 'app_changed', app: read.app };
    case 'node': {
      const { v: _, k: __, started_ms: startedMs, followed_streams: followedStreams, memory_bytes: memoryBytes, lag_ms: lagMs, ...same } = read;
      return { kind: 'node', node: { ...same, startedMs, followedStreams, memoryBytes, lagMs } };
    }
    case 'taken': return { kind: 'taken', node: read.node, number: read.n, taken: read.taken };
    case 'ask': return { kind: 'ask', node: read.node, question: read.question, to: read.to, op: read.op, app: read.app, json: read.json };
    case 'answer': return { kind: 'answer', to: read.to, from: read.from, question: read.question, json: read.json };
    case 'presence': return { kind: 'presence', node: read.node, place: read.place, version: read.version, changes: read.changes };
    case 'presence_digest': return { kind: 'presence_digest', node: read.node, place: read.place, version: read.version, gone: read.gone };
    case 'presence_ask': return { kind: 'presence_ask', node: read.node };
    case 'presence_list': {
      const { v: _, k: __, ...same } = read;
      return { kind: 'presence_list', ...same };
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function valuesOf(row: EventRow): FactValues {
  return [
    row.seq, row.position, row.eventId, row.type, row.version, row.actor, row.timeMs, row.targetSeq, row.clientId, row.traceId, row.redacted, row.ordinal, row.senderOrdinal, row.payload,
  ];
}

function rowOf(app: string, stream: string, values: FactValues): EventRow {
  const [at, position, eventId, type, version, actor, timeMs, targetSeq, clientId, traceId, redacted, ordinal, senderOrdinal, payload] = values;
  return { app, stream, seq: at, position, eventId, type, version, actor, timeMs, targetSeq, clientId, traceId, redacted, ordinal, senderOrdinal, payload };
}
