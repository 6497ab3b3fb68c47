import { parseMessageId, ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { EventRow } from '../../storage/rows.js';
import type { Caller } from '../caller.js';
import type { Domain } from '../domain.js';
import { traceOf } from '../views.js';
import { askedApp, oneApp } from './asked-app.js';
import { TRACES_OF_APP_MAX } from './traces.js';

type Way = OperationOutput<'traces.get'>;

const WRITES_MAX = 1_000;

/** Begins on every node. @throws ProtocolError not_found, limit_reached, invalid_argument, forbidden */
export async function startTrace(domain: Domain, caller: Caller, { app_id: named, ...input }: OperationInput<'traces.start'>): Promise<OperationOutput<'traces.start'>> {
  const app = oneApp(caller, named);
  await requireConversation(domain, app, input.conversation_id);
  const { parts, missing } = await domain.ask('traces.start', input, app);
  const untilMs = Math.max(...parts.map(({ part }) => part.until_ms));
  if (untilMs === 0) throw new ProtocolError('limit_reached', `At most ${TRACES_OF_APP_MAX} traces of an app run at a time.`);
  return { until_ms: untilMs, missing_nodes: [...missing] };
}

/** @throws ProtocolError not_found, invalid_argument, forbidden */
export async function stopTrace(domain: Domain, caller: Caller, { app_id: named, ...input }: OperationInput<'traces.stop'>): Promise<OperationOutput<'traces.stop'>> {
  const app = oneApp(caller, named);
  await requireConversation(domain, app, input.conversation_id);
  const { parts, missing } = await domain.ask('traces.stop', input, app);
  return { stopped: parts.some(({ part }) => part.stopped), missing_nodes: [...missing] };
}

async function requireConversation(domain: Domain, app: string, id: string): Promise<void> {
  if (!await domain.storage.conversation(app, null, id)) throw new ProtocolError('not_found', 'There is no such conversation.', { field: 'conversation_id' });
}

/** Each conversation once, as the node says that has recorded most. @throws ProtocolError forbidden */
export async function listTraces(domain: Domain, caller: Caller, { app_id: named, ...input }: OperationInput<'traces.list'>): Promise<OperationOutput<'traces.list'>> {
  const { parts, missing } = await domain.ask('traces.list', input, askedApp(caller, named));
  const found = new Map<string, OperationOutput<'traces.list'>['items'][number]>();
  for (const { part } of parts) {
    for (const item of part.items) {
      const known = found.get(item.conversation_id);
      if (!known || known.messages < item.messages) found.set(item.conversation_id, { ...item, running: item.running || (known?.running ?? false) });
    }
  }
  return { items: [...found.values()].sort((left, right) => right.started_ms - left.started_ms), missing_nodes: [...missing] };
}

/** What nodes recorded of a message, and what the log and the marks know of it anyway. @throws ProtocolError not_found, invalid_argument, forbidden */
export async function getTrace(domain: Domain, caller: Caller, { app_id: named, ...input }: OperationInput<'traces.get'>): Promise<Way> {
  const app = oneApp(caller, named);
  const { conversationId, seq } = parseMessageId(input.message_id)!;
  const [fact, receipts] = await Promise.all([factAt(domain, app, conversationId, seq), domain.storage.receipts(app, null, conversationId, seq)]);
  if (fact?.type !== 'message.created' || !receipts) throw new ProtocolError('not_found', 'There is no such message.', { field: 'message_id' });
  const { parts, missing } = await domain.ask('traces.get', input, app);
  const told = parts.map(({ part }) => part);
  return {
    message_id: input.message_id, conversation_id: conversationId, seq, position: fact.position, sender_id: fact.actor, committed_ms: fact.timeMs, trace_id: traceOf(fact),
    recorded: told.some((part) => part.recorded), steps: told.flatMap((part) => part.steps).sort((left, right) => left.at_ms - right.at_ms),
    writes: told.flatMap((part) => part.writes).sort((left, right) => left.at_ms - right.at_ms).slice(0, WRITES_MAX), writes_total: told.reduce((sum, part) => sum + part.writes_total, 0),
    members: receipts.members, delivered: receipts.delivered, read: receipts.read, marks: receipts.items?.map(({ user, delivered, read }) => ({ user_id: user, delivered, read })) ?? null,
    missing_nodes: [...missing],
  };
}

async function factAt(domain: Domain, app: string, stream: string, seq: number): Promise<EventRow | undefined> {
  const page = await domain.storage.facts({ app, stream, viewer: null, afterSeq: seq - 1, limit: 1 });
  return page?.facts.find((fact) => fact.seq === seq);
}
