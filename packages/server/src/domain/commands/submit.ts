import { isUserStream, messageId, ProtocolError } from '@talaria/protocol';
import { operations, type OperationId, type OperationInput, type OperationOutput } from '@talaria/protocol/operations';
import type { Command, Place } from '../../storage/command.js';
import type { Lane } from '../../storage/lane.js';
import { resolveUser, type AppCaller } from '../caller.js';
import { countCall } from '../calls/count-call.js';
import type { Domain } from '../domain.js';

export type CommandResult = OperationOutput<'messages.edit'>;
export type UserCommandResult = Omit<CommandResult, 'conversation_id'>;

/** What comes with a command beside its input. */
export interface CommandMeta {
  readonly clientId: string;
  /** 32 hex characters, or null: then the client_id's own 128 bits are the trace id. */
  readonly traceId: string | null;
  readonly lane: Lane;
}

export interface CommandHead {
  readonly app: string;
  readonly actor: string;
  readonly user: string | null;
  readonly clientId: string;
  readonly requestHash: string;
  readonly traceId: string | null;
}

/**
 * The part that every command has: who acts, under which client id, and what SND3 compares.
 *
 * @param request the request's own fields as one text, of which no two requests have the same
 */
export function commandHead(domain: Domain, caller: AppCaller, user: string | null, op: OperationId, request: string, meta: CommandMeta): CommandHead {
  return {
    app: caller.app, user, clientId: meta.clientId, traceId: meta.traceId,
    // A backend's keys rotate; its commands must still be found.
    actor: caller.kind === 'user' ? caller.userId : caller.app,
    requestHash: domain.keyring.requestHash(`${op} ${user ?? '-'} ${request}`),
  };
}

/**
 * The head of a command of the server's own. Its id is made of what it is about, so that it is done once: by whichever node, and however
 * often (SND2).
 *
 * @param name what it does, and to what; of no two commands the same
 */
export function ownHead(domain: Domain, app: string, name: string): CommandHead {
  return { app, actor: app, user: null, clientId: name, requestHash: domain.keyring.requestHash(name), traceId: null };
}

/**
 * The head of most commands: who acts is the caller, or whom a backend names, and the request is as `requestOf` writes it.
 *
 * @param resolved as `requestOf` takes them
 */
export async function headOf<Id extends OperationId>(
  domain: Domain, caller: AppCaller, op: Id, input: OperationInput<Id> & ActingAs, meta: CommandMeta, resolved?: Readonly<Record<string, unknown>>,
): Promise<CommandHead> {
  return commandHead(domain, caller, await actingUser(domain, caller, input.as_user_id), op, requestOf(op, input, resolved), meta);
}

interface ActingAs {
  readonly as_user_id?: string | undefined;
}

/** @param fields in the order of the operation's input; undefined counts as absent */
export function requestText(...fields: readonly unknown[]): string {
  return JSON.stringify(fields);
}

/** The user who acts: a user always as themselves, a backend as whom it names, or as itself. */
export async function actingUser(domain: Domain, caller: AppCaller, asUser: string | undefined): Promise<string | null> {
  if (caller.kind === 'user') {
    if (asUser !== undefined) throw new ProtocolError('forbidden', 'Only a backend may act for a user.', { field: 'as_user_id' });
    return caller.userId;
  }
  return asUser === undefined ? null : resolveUser(domain, caller, asUser, 'as_user_id');
}

/** A command that is in the log. */
export interface Committed {
  /** Of what concerns no conversation, the stream of the user. */
  readonly conversation: string;
  readonly place: Place;
  /** It was there before (SND2). */
  readonly duplicate: boolean;
}

/** Commits a command, and answers as operations do. @throws ProtocolError as `commit` */
export async function submit(domain: Domain, command: Command, lane: Lane): Promise<CommandResult> {
  return commandResult(await commit(domain, command, lane));
}

/** Commits a command that concerns no conversation. @throws ProtocolError as `commit` */
export async function submitForUser(domain: Domain, command: Command, lane: Lane): Promise<UserCommandResult> {
  const { conversation_id: _none, ...result } = await submit(domain, command, lane);
  return result;
}

/** The answer of an operation. */
export function commandResult({ conversation, place, duplicate }: Committed): CommandResult {
  return { id: resultId(place, conversation), conversation_id: conversation, seq: place.seq, stream: place.stream, time_ms: place.timeMs, duplicate };
}

/**
 * Appends a command and announces its facts. Resolves when it is committed (SND1). Within the limits it is handed to the
 * storage before the first await.
 *
 * @throws ProtocolError rate_limited, and what the rules or the storage refuse
 */
export async function commit(domain: Domain, command: Command, lane: Lane): Promise<Committed> {
  const limited = overLimit(domain, command);
  if (limited) await admitRepeat(domain, command, lane, limited);
  const { clock, counts, traces } = domain;
  const startedMs = clock.monotonic();
  const outcome = await domain.storage.append(command, lane);
  if (!outcome.ok) {
    counts.refused += 1;
    const { code, message, ...detail } = outcome.refusal;
    throw new ProtocolError(code, message, detail);
  }
  counts[outcome.duplicate ? 'duplicate' : 'committed'] += 1;
  counts.facts += outcome.facts.length;
  for (const fact of outcome.facts) countCall(counts, fact);
  const { place, duplicate } = outcome;
  const message = !duplicate && place.type === 'message.created';
  const tookMs = message ? clock.monotonic() - startedMs : 0;
  if (message) {
    counts.messages += 1;
    counts.sends.add(tookMs);
  }
  const trace = message && traces.running !== undefined ? traces.of(command.app, place.stream) : undefined;
  trace?.step(place.seq, 'committed', tookMs);
  // The bus only wakes followers up; a lost announcement is found by anti-entropy (CLU2, CLU3).
  if (outcome.facts.length > 0) domain.bus.publish({ kind: 'facts', facts: outcome.facts });
  trace?.step(place.seq, 'announced');
  return { conversation: 'conversation' in command ? command.conversation : place.stream, place, duplicate };
}

function overLimit(domain: Domain, command: Command): unknown {
  try {
    // What a backend does for a user is limited as what the app does.
    const user = command.actor === command.app ? null : command.user;
    domain.limits.take(command.app, user, 'conversation' in command ? command.conversation : null);
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * SND2: a command that has been executed is answered again, whatever the limits say. Its lane waits meanwhile (SND4).
 *
 * @throws ProtocolError `limited`, for a command that is new
 */
async function admitRepeat(domain: Domain, { app, actor, clientId }: Command, lane: Lane, limited: unknown): Promise<void> {
  lane.block(clientId);
  if (await domain.storage.commandKnown(app, actor, clientId)) return;
  domain.counts.refused += 1;
  throw limited;
}

/** Commands about a message answer with the message's id, all others with the conversation's, or the user's. */
function resultId(place: Place, conversation: string): string {
  if (isUserStream(conversation)) return conversation;
  if (place.type === 'message.created') return messageId(conversation, place.seq);
  return place.targetSeq === null ? conversation : messageId(conversation, place.targetSeq);
}

/**
 * What SND3 compares of most operations: the fields of the input in the order of its schema, without who acts, and with users under
 * their own ids.
 *
 * @param resolved fields that stand for the same thing in a form that has only one way to be written
 */
export function requestOf<Id extends OperationId>(op: Id, input: OperationInput<Id>, resolved: Readonly<Record<string, unknown>> = {}): string {
  const fields = Object.keys(operations[op].input.shape).filter((name) => name !== 'as_user_id');
  return requestText(...fields.map((name) => (Object.hasOwn(resolved, name) ? resolved[name] : (input as Readonly<Record<string, unknown>>)[name])));
}
