/**
 * The one catch-up mechanism: first connect, reconnect, slow socket, lost bus message and change of node all end here.
 * From the ring while that is enough, else from the log, page by page, as fast as the socket takes it; then the cut-over.
 */
import { ProtocolError, type OmittedInput } from '@talaria/protocol';
import { asProtocolError } from '../domain/as-protocol-error.js';
import type { Counts } from '../domain/counts.js';
import type { FactsPage, Storage } from '../storage/port.js';
import type { EventRow } from '../storage/rows.js';
import { factInput } from './encode-fact.js';
import { stall } from './flow.js';
import { endAtLeaving, endFollow, goLive } from './follows.js';
import { checkOf, type RingEntry } from './ring.js';
import type { Behind, BehindFollow, OpenSession, Session } from './session.js';
import type { StreamFeed } from './stream-feed.js';
import { recordCaughtUp } from './tracing.js';

/** Facts read or sent at once, and about how many characters they may have together. */
export interface PageBounds {
  readonly page: number;
  readonly page_chars: number;
}

export interface CatchUpBounds {
  /** Above this many unsent bytes nothing more is read for a connection (FLW1). */
  readonly high_water_bytes: number;
  readonly near: PageBounds;
  /** For whom a near page would not do, and who takes what is sent. */
  readonly far: PageBounds;
}

export interface CatchUpDeps {
  readonly storage: Storage;
  readonly bounds: CatchUpBounds;
  readonly counts: Pick<Counts, 'deliveries' | 'slow'>;
  /** Asks the log for what the feed has not heard of yet. */
  readonly refresh: (feed: StreamFeed) => Promise<void>;
  /** Reads what memory can hold of the feed's past. */
  readonly reachBack: (feed: StreamFeed) => Promise<void>;
  /** A user's own stream brought facts: conversations may have to be followed. */
  readonly own: (session: Session, facts: readonly EventRow[]) => void;
  readonly failed: (session: Session, error: unknown) => void;
}

/** Brings every follow of the connection that is behind to the head, one after the other. Runs once per connection. */
export async function catchUp(deps: CatchUpDeps, session: Session): Promise<void> {
  const { open } = session;
  if (!open || open.catchingUp || open.stalled) return;
  open.catchingUp = true;
  try {
    // A set: what falls behind meanwhile comes up, too.
    for (const follow of open.behind ?? []) {
      let first = true;
      while (follow.at && session.open === open && !open.stalled) {
        if (follow.feed.filling) {
          await follow.feed.filling;
          continue;
        }
        // What memory has goes out with the welcome, in one write.
        const waiting = step(deps, follow, follow.at, first);
        if (waiting) await waiting;
        first = false;
        if (session.open === open) holdBack(deps, session, open, follow);
      }
      if (session.open !== open || open.stalled) return;
    }
    open.behind = undefined;
  } catch (error) {
    deps.failed(session, error);
  } finally {
    open.catchingUp = false;
  }
}

/** One page at most. @returns what has to be waited for; undefined when memory was enough */
function step(deps: CatchUpDeps, follow: BehindFollow, state: Behind, first: boolean): Promise<void> | undefined {
  const { feed, session } = follow;
  // The log may be ahead of what the bus has brought here. What memory has by then may have been deleted there (VIS4).
  if (first && Math.max(state.cursorSeq, state.grant?.atSeq ?? 0) > feed.headSeq) return deps.refresh(feed);
  if (first && tooFar(follow, state)) return undefined;
  const checked = state.check === undefined || checkFromMemory(follow, state);
  if (checked && state.cursorSeq === feed.headSeq && (state.grant || feed.stream === session.userId)) {
    goLive(follow);
    return undefined;
  }
  if (checked && fromRing(deps, follow, state)) return undefined;
  return reachesBack(feed, state) ? deps.reachBack(feed) : fromLog(deps, follow, state);
}

/** After a start memory is empty and everybody comes back: the first one reads for all. A lone follower reads for itself. */
function reachesBack(feed: StreamFeed, { cursorSeq, grant }: Behind): boolean {
  return feed.follows > 1 && grant !== undefined && cursorSeq + 1 >= grant.fromSeq && feed.mayReachBackTo(cursorSeq);
}

/** FLW1: nothing more is read for a connection that does not take what it has. */
function holdBack(deps: CatchUpDeps, session: Session, open: OpenSession, { at, feed }: BehindFollow): void {
  if (at && at.cursorSeq < feed.headSeq) session.flush();
  if (session.socket.buffered() > deps.bounds.high_water_bytes) {
    deps.counts.slow += 1;
    stall(session, open);
  }
}

/**
 * A page takes a turn of the event loop, and under load that is long: near pages alone may be slower than what is said in the
 * conversation meanwhile, and the client would never come to its head. Who takes nothing gets no more for that (FLW1).
 */
function pageBounds({ bounds }: CatchUpDeps, { feed, session }: BehindFollow, { cursorSeq }: Behind): PageBounds {
  return feed.headSeq - cursorSeq > bounds.near.page && session.socket.buffered() === 0 ? bounds.far : bounds.near;
}

/** RES5: whether the client's cursor names the event that memory has there; false sends the question to the log. */
function checkFromMemory(follow: BehindFollow, state: Behind): boolean {
  if (state.cursorSeq === 0) return true;
  const { feed } = follow;
  const eventId = state.cursorSeq === feed.headSeq ? feed.headEventId : feed.ring.at(state.cursorSeq)?.eventId;
  return eventId !== undefined && checkOf(eventId) === state.check;
}

/** RES3: more than the client wants replayed. It says how it goes on. */
function tooFar(follow: BehindFollow, state: Behind): boolean {
  const { session, feed } = follow;
  if (follow.all || feed.headSeq - state.cursorSeq <= (session.open?.replayMax ?? 0)) return false;
  session.write({ truncated: { stream: feed.stream, head_seq: feed.headSeq, head_check: checkOf(feed.headEventId), floor_seq: 0, reason: 'too_far' } });
  endFollow(session, follow);
  return true;
}

/** @returns whether the ring had what was needed and the grant covered it */
function fromRing(deps: CatchUpDeps, follow: BehindFollow, state: Behind): boolean {
  const { feed, session } = follow;
  const own = feed.stream === session.userId;
  if (!own && (!state.grant || state.cursorSeq + 1 < state.grant.fromSeq || feed.ring.startSeq > Math.min(state.cursorSeq, state.grant.atSeq))) return false;
  const entries = feed.ring.after(state.cursorSeq, pageBounds(deps, follow, state));
  if (!entries || entries.length === 0) return false;
  if (!own && leftBefore(follow, state)) return false;
  const left = entries.findIndex((entry) => entry.leaver === session.userId);
  const visible = left < 0 ? entries : entries.slice(0, left + 1);
  sendEntries(deps, follow, visible);
  const leaving = entries[left];
  if (leaving) endAtLeaving(follow, leaving.seq, leaving.eventId);
  else follow.at = { ...state, check: undefined, cursorSeq: visible.at(-1)!.seq };
  return true;
}

/** Whether the membership ended between the grant and the cursor: then only the log knows what is visible. */
function leftBefore(follow: BehindFollow, state: Behind): boolean {
  for (let seq = (state.grant?.atSeq ?? 0) + 1; seq <= state.cursorSeq; seq += 1) {
    if (follow.feed.ring.at(seq)?.leaver === follow.session.userId) return true;
  }
  return false;
}

function sendEntries(deps: CatchUpDeps, follow: BehindFollow, entries: readonly RingEntry[]): void {
  const { session, feed } = follow;
  session.send(feed.frame(session.codec, entries));
  deps.counts.deliveries += entries.length;
  if (feed.traced !== undefined) recordCaughtUp(feed.traced.trace, session, entries.map(({ row }) => row));
  if (feed.stream === session.userId) deps.own(session, entries.map((entry) => entry.row));
}

async function fromLog(deps: CatchUpDeps, follow: BehindFollow, state: Behind): Promise<void> {
  const { feed, session } = follow;
  const { page: limit, page_chars: chars_max } = pageBounds(deps, follow, state);
  let page: FactsPage | null;
  try {
    page = await deps.storage.facts({ app: feed.app, stream: feed.stream, viewer: session.userId, afterSeq: state.cursorSeq, limit, chars_max, withCursor: state.check !== undefined });
  } catch (error) {
    session.refuse(asProtocolError(error), { stream: feed.stream });
    endFollow(session, follow);
    return;
  }
  // The follow may have ended, or been replaced, while the log was read.
  if (follow.at !== state) return;
  if (!page || (!page.active && state.cursorSeq > page.endSeq)) {
    session.refuse(new ProtocolError('not_found', 'There is no such conversation, or it is not visible to you.'), { stream: feed.stream });
    endFollow(session, follow);
    return;
  }
  if (state.cursorSeq < page.floorSeq) {
    session.write({ truncated: { stream: feed.stream, head_seq: page.endSeq, head_check: checkOf(page.endEventId), floor_seq: page.floorSeq, reason: 'retention' } });
    endFollow(session, follow);
    return;
  }
  if ((state.cursorSeq > page.endSeq || !sameEvent(state, page))) {
    session.refuse(new ProtocolError('resync_required'), { stream: feed.stream });
    endFollow(session, follow);
    return;
  }
  sendPage(deps, follow, page);
  if (!page.active && page.toSeq >= page.endSeq) {
    endAtLeaving(follow, page.endSeq, page.endEventId);
    return;
  }
  follow.at = { ...state, cursorSeq: page.toSeq, check: undefined, grant: page.toSeq >= page.endSeq ? { fromSeq: page.toSeq + 1, atSeq: page.endSeq } : undefined };
  if (page.toSeq > feed.headSeq) await deps.refresh(feed);
}

/** RES5: the cursor's event must stand in the log, unless the cursor stands at the floor or before the first fact. */
function sameEvent(state: Behind, page: FactsPage): boolean {
  if (state.check === undefined || state.cursorSeq === 0 || state.cursorSeq === page.floorSeq) return true;
  return page.cursorEventId !== null && checkOf(page.cursorEventId) === state.check;
}

function sendPage(deps: CatchUpDeps, follow: BehindFollow, page: FactsPage): void {
  const { session, feed } = follow;
  if (page.toSeq < page.fromSeq) return;
  const omitted: OmittedInput[] = page.omitted.map((range) => ({ from_seq: range.fromSeq, to_seq: range.toSeq, cause: range.cause }));
  const facts = page.facts.map((event) => feed.ring.at(event.seq)?.bytesFor(session.codec) ?? session.codec.encodeFact(factInput(event)));
  session.send(session.codec.factsFrame({ stream: feed.stream, from_seq: page.fromSeq, to_seq: page.toSeq, omitted }, facts));
  deps.counts.deliveries += facts.length;
  if (feed.traced !== undefined) recordCaughtUp(feed.traced.trace, session, page.facts);
  if (feed.stream === session.userId) deps.own(session, page.facts);
}
