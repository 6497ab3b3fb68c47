/** What each frame of an open connection does. */
import { checkJsonText, isId, isStreamId, isUuid7, laneOf, limits, ProtocolError, type Call, type Mark, type Send, type UpFrame } from '@talaria/protocol';
import { findOperation } from '@talaria/protocol/operations';
import { asProtocolError, isFault } from '../domain/as-protocol-error.js';
import { authenticateUser } from '../domain/auth/sessions.js';
import type { Caller } from '../domain/caller.js';
import { heldOf, sendMessage } from '../domain/messages/send.js';
import { executeOperation } from '../domain/operations.js';
import { placeOf } from '../domain/insight/traces.js';
import { moveMark } from '../domain/receipts/marks.js';
import { checkObject } from './check-object.js';
import { endFollow } from './follows.js';
import type { GatewayParts } from './gateway-parts.js';
import { currentApp, greet, textMaxOf } from './hello.js';
import type { RefusalTarget } from './refusal.js';
import type { LaneState, OpenSession, Session } from './session.js';
import { signal } from './signals.js';

/** One decoded frame of a client, in whatever state the connection is. */
export function dispatch(parts: GatewayParts, session: Session, frame: UpFrame): void {
  const { state } = session;
  switch (state.kind) {
    case 'greeting':
      if (frame.frame === 'hello') void greet(parts, session, frame.hello);
      else refuseAndClose(session, 'unauthenticated');
      return;
    case 'authenticating':
      refuseAndClose(session, frame.frame === 'hello' ? 'already_authenticated' : 'unauthenticated');
      return;
    case 'open':
      dispatchOpen(parts, session, state.open, frame);
      return;
    case 'closed':
      return;
  }
}

function refuseAndClose(session: Session, code: 'unauthenticated' | 'already_authenticated'): void {
  session.refuse(new ProtocolError(code), {}, session.id);
  session.close(code);
}

function dispatchOpen(parts: GatewayParts, session: Session, open: OpenSession, frame: UpFrame): void {
  switch (frame.frame) {
    case 'hello': refuseAndClose(session, 'already_authenticated'); return;
    case 'send': send(parts, session, open, frame.send); return;
    case 'call': call(parts, session, open, frame.call); return;
    case 'mark': mark(parts, session, frame.mark); return;
    case 'signal': attempt(parts, session, { stream: frame.signal.stream }, () => signal(parts, session, open, frame.signal)); return;
    case 'watch': attempt(parts, session, {}, () => parts.watches.watch(session, frame.watch)); return;
    case 'away': turn(parts, session, open, frame.away.away); return;
    case 'pong':
      open.missedPongs = 0;
      open.pongMs = parts.domain.clock.now();
      return;
    case 'follow': {
      const { stream, cursor, all, once } = frame.follow;
      parts.followStream(session, stream, cursor, { all, once });
      return;
    }
    case 'unfollow': {
      const follow = open.follows.get(frame.unfollow.stream);
      if (follow && frame.unfollow.stream !== open.userId) {
        endFollow(session, follow);
        // From now on heartbeats tell when it moves (RES2).
        open.beyond = true;
      }
      return;
    }
    case 'abandon':
      if (isStreamId(frame.abandon.stream)) session.lane(frame.abandon.stream).lane.abandon(frame.abandon.client_id);
      return;
    case 'refresh': void refresh(parts, session, open, frame.refresh.token); return;
  }
}

/** The caller that this connection is. */
function callerOf(session: Session, open: OpenSession): Extract<Caller, { kind: 'user' }> {
  const caller = { kind: 'user', app: session.app.row.id, userId: open.userId } as const;
  return open.token.session === undefined ? caller : { ...caller, session: open.token.session };
}

function refuse(parts: GatewayParts, session: Session, error: unknown, target: RefusalTarget): void {
  const refusal = asProtocolError(error);
  if (isFault(refusal)) parts.failed(session, error);
  session.refuse(refusal, target, session.id);
}

/** Does what is answered only when it is refused. */
function attempt(parts: GatewayParts, session: Session, target: RefusalTarget, run: () => Promise<void> | undefined | void): void {
  try {
    run()?.catch((error: unknown) => refuse(parts, session, error, target));
  } catch (error) {
    refuse(parts, session, error, target);
  }
}

const RETRY_MS = 250;
// Made once: under overload they are said thousands of times a second.
const CONNECTION_FULL = new ProtocolError('overloaded', `More than ${limits.in_flight_max} commands of this connection wait.`, { retryAfterMs: RETRY_MS });
const STORAGE_FULL = new ProtocolError('overloaded', undefined, { retryAfterMs: RETRY_MS });

/**
 * Runs a command in its lane (SND4): in the order in which the frames came, through every asynchronous step; and after a
 * retryable refusal, which blocks the lane, the later ones are refused by the storage until the first comes again.
 */
function inLane(parts: GatewayParts, session: Session, open: OpenSession, command: LaneCommand): void {
  const state = session.lane(command.stream);
  const full = open.inFlight >= limits.in_flight_max ? CONNECTION_FULL : parts.domain.storage.full(session.app.row.id) ? STORAGE_FULL : undefined;
  if (full) {
    // FLW2: before anything is computed for it.
    state.lane.block(command.clientId);
    refuse(parts, session, full, command.target);
    return;
  }
  const ended = (): void => {
    open.inFlight -= 1;
    state.waiting -= 1;
  };
  open.inFlight += 1;
  state.waiting += 1;
  const run = (): Promise<void> => command.run(state).then(ended, (error: unknown) => {
    ended();
    const refusal = asProtocolError(error);
    if (!refusal.retryable) {
      // It may have failed before the storage saw it, and does not come again: what it has kept back goes on.
      state.lane.abandon(command.clientId);
    } else if (refusal.code !== 'predecessor_refused') state.lane.block(command.clientId);
    refuse(parts, session, error, command.target);
  });
  if (!state.tail && command.immediate) {
    void run();
    return;
  }
  const tail: Promise<unknown> = (state.tail ?? Promise.resolve()).then(() => (command.immediate ? void run() : run()));
  state.tail = tail;
  void tail.finally(() => {
    if (state.tail === tail) state.tail = undefined;
  });
}

interface LaneCommand {
  readonly stream: string;
  readonly clientId: string;
  readonly target: RefusalTarget;
  /** Whether `run` hands the command to the storage before it first waits. */
  readonly immediate: boolean;
  run(state: LaneState): Promise<void>;
}

function send(parts: GatewayParts, session: Session, open: OpenSession, frame: Send): void {
  const target = { clientId: frame.client_id, stream: frame.conversation_id };
  if (!isUuid7(frame.client_id) || !isId('conversation', frame.conversation_id)) {
    refuse(parts, session, new ProtocolError('invalid_argument', 'client_id must be a UUIDv7 and conversation_id the id of a conversation.'), target);
    return;
  }
  const readMs = readAt(parts);
  inLane(parts, session, open, {
    stream: frame.conversation_id, clientId: frame.client_id, target, immediate: true,
    async run({ lane }) {
      if (frame.data !== '') checkObject(frame.data, 'data');
      const sent = await sendMessage(parts.domain, callerOf(session, open), {
        conversationId: frame.conversation_id, text: frame.text, data: frame.data, silent: frame.silent, textMax: textMaxOf(parts, session),
      }, { clientId: frame.client_id, traceId: null, lane });
      const { place, duplicate } = sent;
      const held = heldOf(sent);
      // SND1: a message that waits has no seq in its conversation.
      session.write({
        ack: { client_id: frame.client_id, stream: frame.conversation_id, seq: held ? 0 : place.seq, time_ms: place.timeMs, duplicate, held_id: held?.id ?? '', held_reason: held?.reason ?? '' },
      });
      if (readMs !== undefined && !duplicate) answered(parts, session, frame.conversation_id, place.seq, readMs);
    },
  });
}

function call(parts: GatewayParts, session: Session, open: OpenSession, frame: Call): void {
  const target = { callId: frame.id, clientId: frame.client_id };
  const operation = findOperation(frame.op);
  if (!operation) {
    refuse(parts, session, new ProtocolError('unknown_operation', 'There is no such operation.'), target);
    return;
  }
  let input: unknown;
  try {
    input = checkJsonText(frame.json === '' ? '{}' : frame.json);
  } catch (error) {
    refuse(parts, session, error, target);
    return;
  }
  const caller = callerOf(session, open);
  if (!operation.command) {
    executeOperation(parts.domain, caller, frame.op, input, undefined).then(
      (output) => session.write({ reply: { id: frame.id, json: JSON.stringify(output) } }),
      (error: unknown) => refuse(parts, session, error, target),
    );
    return;
  }
  if (!isUuid7(frame.client_id)) {
    refuse(parts, session, new ProtocolError('invalid_argument', 'A command needs a client_id, a UUIDv7.', { field: 'client_id' }), target);
    return;
  }
  const readMs = readAt(parts);
  inLane(parts, session, open, {
    stream: laneOf(input), clientId: frame.client_id, target, immediate: false,
    async run({ lane }) {
      const output = await executeOperation(parts.domain, caller, frame.op, input, { clientId: frame.client_id, traceId: null, lane });
      session.write({ reply: { id: frame.id, json: JSON.stringify(output), duplicate: isDuplicate(output) } });
      const place = readMs === undefined ? undefined : placeOf(output);
      if (readMs !== undefined && place) answered(parts, session, place.stream, place.seq, readMs);
    },
  });
}

/** When a command has come; undefined when nobody wants to know. */
function readAt({ domain: { clock, traces } }: GatewayParts): number | undefined {
  return traces.running === undefined ? undefined : clock.monotonic();
}

/** For the trace of the message, if it has one. */
function answered({ domain }: GatewayParts, session: Session, stream: string, seq: number, readMs: number): void {
  domain.traces.of(session.app.row.id, stream)?.answered(seq, domain.clock.monotonic() - readMs);
}

const isDuplicate = (output: unknown): boolean => typeof output === 'object' && output !== null && 'duplicate' in output && output.duplicate === true;

function mark(parts: GatewayParts, session: Session, frame: Mark): void {
  const { open } = session;
  if (!open || !isId('conversation', frame.conversation_id)) {
    refuse(parts, session, new ProtocolError('invalid_argument', 'conversation_id must be the id of a conversation.'), { stream: frame.conversation_id });
    return;
  }
  moveMark(parts.domain, callerOf(session, open), {
    conversation_id: frame.conversation_id, delivered_seq: frame.delivered_seq, read_seq: frame.read_seq,
  }).then((stands) => {
    // Or the client would send it again, and take away what was put back as unread meanwhile.
    if (stands) session.write({ mark: { conversation_id: frame.conversation_id, user_id: open.userId, delivered_seq: stands.deliveredSeq, read_seq: stands.readSeq, version: stands.version } });
  }).catch((error: unknown) => refuse(parts, session, error, { stream: frame.conversation_id }));
}

/** The user has turned away from this device, or to it. */
function turn({ domain }: GatewayParts, session: Session, open: OpenSession, away: boolean): void {
  if (open.away === away) return;
  open.away = away;
  domain.presence.turned(session.app.row.id, open.userId, open.device, away);
}

/** RES6: a new token for the same user, without a new connection. */
async function refresh(parts: GatewayParts, session: Session, open: OpenSession, token: string): Promise<void> {
  try {
    const next = await authenticateUser(parts.domain, await currentApp(parts, session), token);
    if (next.user.id !== open.userId) throw new ProtocolError('invalid_token', undefined, { reason: 'another user' });
    open.token = next.token;
    session.write({ refreshed: { time_ms: parts.domain.clock.now(), token_expires_ms: next.token.expiresMs } });
  } catch (error) {
    refuse(parts, session, error, {});
  }
}
