/** Calls: who rings whom, who answers, and when it is over. */
import { inCall, parsePlaceId, placeId, ProtocolError } from '@talaria/protocol';
import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import { startOf } from '../../storage/call-reads.js';
import { Lane } from '../../storage/lane.js';
import type { EntryRow } from '../../storage/rows.js';
import { resolveOwner, viewerOf, type AppCaller } from '../caller.js';
import { commandResult, commit, headOf, ownHead, submit, type CommandHead, type CommandMeta, type CommandResult } from '../commands/submit.js';
import type { Domain } from '../domain.js';
import { openPage, sealPage } from '../page-cursor.js';
import { parseCall } from './live-call.js';

type CallView = OperationOutput<'calls.get'>;

/** Of how many conversations of a user it is asked whether a call is on. */
const ACTIVE_MAX = 200;

const noCall = (): ProtocolError => new ProtocolError('not_found', 'There is no such call, or it is not visible to you.', { field: 'call_id' });
/** What is kept is what is shown. */
const view = (row: EntryRow): CallView => parseCall(row) as CallView;

function placeOf(id: string): { readonly stream: string; readonly seq: number } {
  const place = parsePlaceId('call', 'conversation', id);
  if (!place) throw noCall();
  return place;
}

/** Calls everybody else. @throws ProtocolError not_found, forbidden, blocked, frozen, call_in_progress */
export async function startCall(domain: Domain, caller: AppCaller, input: OperationInput<'calls.start'>, meta: CommandMeta): Promise<CommandResult> {
  const made = await commit(domain, {
    ...await headOf(domain, caller, 'calls.start', input, meta), kind: 'call.start', conversation: input.conversation_id,
    callKind: input.kind, device: input.device_id, data: JSON.stringify(input.data), ringMs: input.ring_ms, notAfterMs: input.not_after_ms ?? null,
  }, meta.lane);
  return { ...commandResult(made), id: placeId('call', input.conversation_id, made.place.seq) };
}

type AboutCall = 'calls.answer' | 'calls.decline' | 'calls.leave' | 'calls.end';
interface CallHead extends CommandHead {
  readonly conversation: string;
  readonly callSeq: number;
}

async function headFor<Id extends AboutCall>(domain: Domain, caller: AppCaller, op: Id, input: OperationInput<Id>, meta: CommandMeta): Promise<CallHead> {
  const { stream, seq } = placeOf(input.call_id);
  return { ...await headOf(domain, caller, op, input, meta), conversation: stream, callSeq: seq };
}

const named = async (call_id: string, done: Promise<CommandResult>): Promise<CommandResult> => ({ ...await done, id: call_id });

/** Joins with one device. @throws ProtocolError not_found, forbidden, blocked, call_ended, already_answered, limit_reached */
export async function answerCall(domain: Domain, caller: AppCaller, input: OperationInput<'calls.answer'>, meta: CommandMeta): Promise<CommandResult> {
  const head = await headFor(domain, caller, 'calls.answer', input, meta);
  return named(input.call_id, submit(domain, { ...head, kind: 'call.answer', device: input.device_id }, meta.lane));
}

/** @throws ProtocolError not_found, forbidden, call_ended, conflict */
export async function declineCall(domain: Domain, caller: AppCaller, input: OperationInput<'calls.decline'>, meta: CommandMeta): Promise<CommandResult> {
  const head = await headFor(domain, caller, 'calls.decline', input, meta);
  return named(input.call_id, submit(domain, { ...head, kind: 'call.decline' }, meta.lane));
}

/** @throws ProtocolError not_found, forbidden, call_ended, conflict */
export async function leaveCall(domain: Domain, caller: AppCaller, input: OperationInput<'calls.leave'>, meta: CommandMeta): Promise<CommandResult> {
  const head = await headFor(domain, caller, 'calls.leave', input, meta);
  return named(input.call_id, submit(domain, { ...head, kind: 'call.leave' }, meta.lane));
}

/** @throws ProtocolError not_found, forbidden, call_ended */
export async function endCall(domain: Domain, caller: AppCaller, input: OperationInput<'calls.end'>, meta: CommandMeta): Promise<CommandResult> {
  const head = await headFor(domain, caller, 'calls.end', input, meta);
  return named(input.call_id, submit(domain, { ...head, kind: 'call.end', failed: input.reason === 'failed' }, meta.lane));
}

/** @throws ProtocolError not_found */
export async function getCall(domain: Domain, caller: AppCaller, input: OperationInput<'calls.get'>): Promise<CallView> {
  const { stream, seq } = placeOf(input.call_id);
  const page = await domain.storage.calls(caller.app, viewerOf(caller), stream, 1, seq + 1);
  const [found] = page?.items ?? [];
  if (!found || startOf(found) !== seq) throw noCall();
  return view(found);
}

/** @throws ProtocolError not_found */
export async function listCalls(domain: Domain, caller: AppCaller, input: OperationInput<'calls.list'>): Promise<OperationOutput<'calls.list'>> {
  const list = `calls ${caller.app} ${input.conversation_id}`;
  const after = openPage(domain, list, input.after);
  const page = await domain.storage.calls(caller.app, viewerOf(caller), input.conversation_id, input.limit, after === null ? null : Number(after));
  if (!page) throw new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.');
  const last = page.items.at(-1);
  return { items: page.items.map(view), next: sealPage(domain, list, page.more && last ? String(startOf(last)) : null) };
}

/** The calls that are on in a user's conversations. @throws ProtocolError forbidden, not_found */
export async function listActiveCalls(domain: Domain, caller: AppCaller, input: OperationInput<'calls.active'>): Promise<OperationOutput<'calls.active'>> {
  const user = await resolveOwner(domain, caller, input.user_id);
  return { items: (await domain.storage.liveCalls(caller.app, user, ACTIVE_MAX)).map(view) };
}

/**
 * Takes a user out of every call that they are in. The commands' ids are made of how they came in, so that a repeat does it once (SND2).
 *
 * @throws ProtocolError what a retry may mend
 */
export async function leaveAllCalls(domain: Domain, app: string, user: string): Promise<void> {
  const on = (await domain.storage.liveCalls(app, user, ACTIVE_MAX)).map(parseCall);
  await Promise.all(on.map(async (call) => {
    const own = inCall(call, user);
    if (!own) return;
    const head = { ...ownHead(domain, app, `leave ${call.id} ${user} ${own.joined_seq}`), user };
    await commit(domain, { ...head, kind: 'call.leave', conversation: call.conversation_id, callSeq: call.seq }, new Lane()).catch((error: unknown) => {
      // It has ended meanwhile.
      if (!(error instanceof ProtocolError) || error.retryable) throw error;
    });
  }));
}
