/** The handshake: who is it, what has moved since, and what does the connection follow (RES2). */
import { errorInfo, isStreamId, limits, ProtocolError, type Cursor, type Hello } from '@talaria/protocol';
import { asProtocolError } from '../domain/as-protocol-error.js';
import { originAllowed } from '../domain/auth/allowed-origins.js';
import { authenticateUser, type AuthenticatedUser } from '../domain/auth/sessions.js';
import { deviceOf } from '../domain/presence/presence.js';
import type { AppEntry } from '../domain/tenancy/app-directory.js';
import type { ResumeAnswer, ResumeStream } from '../storage/port.js';
import { FollowList } from './follow-list.js';
import { startFollow } from './follows.js';
import type { GatewayParts } from './gateway-parts.js';
import type { LogFeed } from './log-feeds.js';
import { checkOf } from './ring.js';
import type { Follow, OpenSession, Session } from './session.js';
import type { SyncPlace } from './sync-token.js';

/** Most heads told at once; the rest of a large inbox is listed over `inbox.list`. */
const HEADS_MAX = 1_000;

type Resumed = ResumeAnswer & { readonly resumed: boolean };

/** Answers hello with welcome, the heads that moved, and the catch-up of what is followed. */
export async function greet(parts: GatewayParts, session: Session, hello: Hello): Promise<void> {
  session.become({ kind: 'authenticating' });
  try {
    const app = await currentApp(parts, session);
    const heard = parts.revocations();
    await openSession(parts, session, hello, await authenticateUser(parts.domain, app, hello.token), heard);
  } catch (error) {
    const refusal = asProtocolError(error);
    parts.failed(session, error);
    session.refuse(refusal, {}, session.id);
    session.close(errorInfo(refusal.code).close === undefined ? 'internal' : refusal.code);
  }
}

/** The socket was let in by what was known of the app, which may be old. */
export async function currentApp({ domain }: GatewayParts, session: Session): Promise<AppEntry> {
  const app = await domain.apps.byId(session.app.row.id);
  if (!app) throw new ProtocolError('invalid_token', undefined, { reason: 'the app is gone' });
  if (!originAllowed(app, session.origin)) throw new ProtocolError('origin_not_allowed');
  return app;
}

/** The app's bound of text, as it is known now: a send waits for nothing. */
export function textMaxOf({ domain }: GatewayParts, { app }: Session): number {
  return (domain.apps.knownById(app.row.id) ?? app).row.textMax;
}

/** @param heard how many revocations, before it was asked who this is */
async function openSession(parts: GatewayParts, session: Session, hello: Hello, who: AuthenticatedUser, heard: number): Promise<void> {
  const app = session.app.row.id;
  const userId = who.user.id;
  const followRecent = Math.min(hello.follow_recent, limits.follow_max);
  const log = parts.feeds.of(app);
  const given = hello.sync_token && hello.sync_token.length > 0 ? log.syncTokens.read(app, userId, hello.sync_token) : null;
  const cursors = new Map(hello.cursors.filter((cursor) => isStreamId(cursor.stream)).map((cursor) => [cursor.stream, cursor]));
  const answer = await parts.domain.storage.resume({
    app, user: userId, position: given?.position ?? null, placed: [...cursors.keys()], recent: followRecent, limit: HEADS_MAX, scan: limits.replay_facts_default,
  });
  const valid = given !== undefined && (given === null || isOfThisLog(given, answer));
  const resume = valid ? answer : await parts.domain.storage.resume({
    app, user: userId, position: null, placed: [...cursors.keys()], recent: followRecent, limit: HEADS_MAX, scan: 0,
  });
  // RES6: a revocation closes what is open. What came while this was not open yet is asked for again.
  for (let seen = heard; seen !== parts.revocations(); ) {
    seen = parts.revocations();
    await authenticateUser(parts.domain, session.app, hello.token);
  }
  if (session.state.kind !== 'authenticating') return;
  // The tenant's database may have been opened anew meanwhile, and be another one.
  if (parts.feeds.of(app) !== log) throw new ProtocolError('unavailable');
  const open = openState(parts, session.id, log, who, hello, followRecent, resume);
  session.become({ kind: 'open', open });
  parts.sessionOpened(session);
  session.write({ welcome: welcome(parts, session, open, hello, valid && given !== null) });
  if (!valid) session.refuse(new ProtocolError('resync_required', 'The sync token does not belong to this log.'), {});
  const follows = followAll(parts, session, open, { ...resume, resumed: valid && given !== null }, cursors);
  session.write({ heads: { heads: headsOf(resume, follows, valid && given ? given.position : null), more: resume.more } });
  void parts.catchUp(session);
}

function openState(parts: GatewayParts, id: string, log: LogFeed, who: AuthenticatedUser, hello: Hello, followRecent: number, resume: ResumeAnswer): OpenSession {
  return {
    userId: who.user.id, log, token: who.token, agent: hello.agent, deviceId: hello.device_id, openedMs: parts.domain.clock.now(), device: deviceOf(hello.device_id === '' ? id : hello.device_id), away: hello.away, typing: undefined, follows: new FollowList(), lanes: undefined, followRecent,
    replayMax: hello.replay_max === 0 ? limits.replay_facts_default : Math.min(hello.replay_max, 100_000),
    behind: undefined, catchingUp: false, stalled: false, inFlight: 0, beyond: resume.more || resume.conversations.length > followRecent,
    toldPosition: resume.position, toldTick: log.feed.tick, nextBeatMs: parts.firstBeatMs(), missedPongs: 0, pongMs: null,
  };
}

function welcome(parts: GatewayParts, session: Session, { userId, token, log }: OpenSession, hello: Hello, resumed: boolean) {
  return {
    connection_id: session.id, user_id: userId, user_stream: userId, epoch: log.epoch, time_ms: parts.domain.clock.now(),
    heartbeat_ms: parts.bounds.heartbeat_ms, follow_max: limits.follow_max, text_max: textMaxOf(parts, session), in_flight_max: limits.in_flight_max,
    token_expires_ms: token.expiresMs, resumed,
    capabilities: hello.capabilities.filter((name) => parts.capabilities.includes(name)),
  };
}

/** RES5: a position above the log's own is one of a log that is gone, and so is one where another fact stands now. */
function isOfThisLog({ position, check }: SyncPlace, answer: ResumeAnswer): boolean {
  return position <= answer.position && (answer.positionEventId === '' || checkOf(answer.positionEventId) === check);
}

/** Follows the user's own stream, the most recent conversations, and every stream that the client names. */
function followAll(parts: GatewayParts, session: Session, open: OpenSession, resume: Resumed, cursors: ReadonlyMap<string, Cursor>): Map<string, Follow> {
  const follows = new Map<string, Follow>();
  const add = (stream: ResumeStream): void => {
    const follow = followResumed(session, open, resume, stream, cursors.get(stream.stream));
    if (follow) follows.set(stream.stream, follow);
  };
  add(resume.userStream);
  for (const [at, stream] of resume.conversations.entries()) {
    if (at < open.followRecent || cursors.has(stream.stream)) add(stream);
    if (follows.size > limits.follow_max) break;
  }
  // A conversation that the user has left since is still owed up to where it ended (RES4).
  for (const cursor of cursors.values()) {
    if (!follows.has(cursor.stream) && cursor.stream !== session.userId && follows.size <= limits.follow_max) parts.followStream(session, cursor.stream, cursor, { all: false, once: false });
  }
  return follows;
}

function followResumed(session: Session, { log }: OpenSession, resume: Resumed, stream: ResumeStream, cursor: Cursor | undefined): Follow | undefined {
  if (cursor && cursor.epoch !== log.epoch) {
    session.refuse(new ProtocolError('resync_required'), { stream: stream.stream });
    return undefined;
  }
  const cursorSeq = cursor?.seq ?? stream.atPosition?.seq ?? (resume.resumed ? undefined : stream.headSeq);
  if (cursorSeq === undefined) {
    session.write({ truncated: { stream: stream.stream, head_seq: stream.headSeq, head_check: checkOf(stream.headEventId), floor_seq: 0, reason: 'too_far' } });
    return undefined;
  }
  const head = { seq: stream.headSeq, eventId: stream.headEventId, position: stream.headPosition, marksVersion: stream.marksVersion };
  const feed = log.feed.open(session.app.row.id, stream.stream, head, resume.position);
  return startFollow(session, feed, {
    cursorSeq, check: cursor?.check, all: false, once: false, announce: cursor !== undefined,
    grant: { fromSeq: stream.joinedSeq, atSeq: stream.headSeq },
  });
}

/** What the client does not know yet: everything on a first connect, what has moved on a resume. */
function headsOf(resume: ResumeAnswer, follows: ReadonlyMap<string, Follow>, position: number | null) {
  return [resume.userStream, ...resume.conversations]
    .filter((stream) => position === null || stream.headPosition > position)
    .map((stream) => ({
      stream: stream.stream, seq: stream.headSeq, check: checkOf(stream.headEventId), marks_version: stream.marksVersion, following: follows.has(stream.stream),
    }));
}
