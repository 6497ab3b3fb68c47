/** The server drives heartbeats. Each carries the heads that moved, so that a missed fact is noticed without another (ORD3). */
import type { GatewayParts } from './gateway-parts.js';
import { checkOf } from './ring.js';
import type { OpenSession, Session } from './session.js';

/** Most heads of unfollowed conversations in one beat. */
const BEYOND_MAX = 200;

/** Looks at every connection once: expiry of its token, and whether its beat is due. */
export function beat(parts: GatewayParts): void {
  const nowMs = parts.domain.clock.monotonic();
  const timeMs = parts.domain.clock.now();
  for (const session of parts.sessions.all) {
    const { open } = session;
    if (!open) continue;
    if (open.token.endsMs <= timeMs) session.close('token_expired');
    else if (open.nextBeatMs <= nowMs) beatOne(parts, session, open, nowMs);
  }
}

function beatOne(parts: GatewayParts, session: Session, open: OpenSession, nowMs: number): void {
  open.nextBeatMs = nowMs + parts.bounds.heartbeat_ms;
  if (open.missedPongs >= parts.bounds.missed_pongs_max) {
    session.close('heartbeat_timeout');
    return;
  }
  open.missedPongs += 1;
  // A socket that takes nothing has frames waiting already; another would only wait behind them.
  if (open.stalled) return;
  session.write({ ping: { time_ms: parts.domain.clock.now(), heads: movedHeads(open), sync_token: syncToken(session, open) } });
  if (open.beyond && open.toldPosition < open.log.feed.position) void tellBeyond(parts, session, open);
}

/** Streams that moved since the last beat; what is behind is being caught up and has no head to tell. */
function movedHeads(open: OpenSession) {
  const heads = [];
  for (const { kind, feed } of open.follows.values()) {
    if (kind !== 'live' || feed.movedTick <= open.toldTick) continue;
    heads.push({ stream: feed.stream, seq: feed.headSeq, check: checkOf(feed.headEventId), marks_version: feed.marksVersion, following: true });
  }
  open.toldTick = open.log.feed.tick;
  return heads;
}

/** RES2: only when everything up to it has been sent on this connection. */
function syncToken(session: Session, { behind, log: { feed, syncTokens }, userId }: OpenSession): Uint8Array | undefined {
  if ((behind?.size ?? 0) > 0 || feed.gaps > 0) return undefined;
  return syncTokens.make(session.app.row.id, userId, { position: feed.position, check: checkOf(feed.eventId) });
}

/** RES2: the rest of a large inbox, coalesced, in one query. */
async function tellBeyond(parts: GatewayParts, session: Session, open: OpenSession): Promise<void> {
  try {
    const answer = await parts.domain.storage.resume({
      app: session.app.row.id, user: open.userId, position: open.toldPosition, placed: [], recent: 0, limit: BEYOND_MAX, scan: 0,
    });
    if (!answer.more) open.toldPosition = answer.position;
    const heads = answer.conversations.filter((stream) => !open.follows.has(stream.stream)).map((stream) => ({
      stream: stream.stream, seq: stream.headSeq, check: checkOf(stream.headEventId), marks_version: stream.marksVersion, following: false,
    }));
    if (heads.length > 0) session.write({ heads: { heads, more: answer.more } });
  } catch (error) {
    parts.failed(session, error);
  }
}
