/** How a connection comes to follow a stream, goes live, falls behind, and ends. */
import { eventCheck } from '@talaria/protocol';
import type { Follow, FollowState, Grant, Session } from './session.js';
import type { StreamFeed } from './stream-feed.js';

export interface FollowOptions {
  readonly cursorSeq: number;
  readonly grant: Grant | undefined;
  /** The client's check of the event at the cursor; undefined when the server placed the cursor itself. */
  readonly check: number | undefined;
  readonly all: boolean;
  readonly once: boolean;
  readonly role: string | null;
  /** Whether the client is told when it has caught up. */
  readonly announce: boolean;
}

/** These hold nothing, and there are many follows. */
const LIVE: FollowState = { kind: 'live' };
const ENDED: FollowState = { kind: 'ended' };

/** Starts following; the connection is behind until catch-up has looked at it. */
export function startFollow(session: Session, feed: StreamFeed, options: FollowOptions): Follow | undefined {
  const { open } = session;
  if (!open) return undefined;
  const before = open.follows.get(feed.stream);
  if (before) endFollow(before);
  const follow: Follow = {
    session, feed, all: options.all, once: options.once, role: options.role, toldSeq: options.cursorSeq, toldMarks: feed.marksVersion,
    state: { kind: 'behind', cursorSeq: options.cursorSeq, grant: options.grant, check: options.check, announce: options.announce },
  };
  open.follows.set(feed.stream, follow);
  open.behind.add(follow);
  feed.follows += 1;
  return follow;
}

/** ORD4: the cursor stands at the feed's head, in the same turn the socket joins the topic: no hole, no overlap. */
export function goLive(follow: Follow): void {
  const { session, feed, state } = follow;
  if (state.kind !== 'behind') return;
  const check = feed.headEventId === '' ? 0 : eventCheck(feed.headEventId);
  session.open?.behind.delete(follow);
  if (state.announce) session.write({ following: { stream: feed.stream, seq: feed.headSeq, check, marks_version: feed.marksVersion, once: follow.once } });
  // What is queued must arrive before what is published from now on.
  session.flush();
  if (follow.once) {
    endFollow(follow);
    return;
  }
  follow.state = LIVE;
  follow.toldSeq = feed.headSeq;
  feed.join(session.socket, session.codec);
}

/** ISO3: the catch-up of a former member has reached the fact with which they left. A client that asked is told so. */
export function endAtLeaving(follow: Follow, seq: number, eventId: string): void {
  const { session, feed, state } = follow;
  if (state.kind === 'behind' && state.announce) {
    session.write({ following: { stream: feed.stream, seq, check: eventCheck(eventId), marks_version: feed.marksVersion, once: true } });
  }
  endFollow(follow);
}

/** FLW1: off the topic, with the cursor where the topic was. */
export function fallBehind(follow: Follow): void {
  if (follow.state.kind !== 'live') return;
  const { feed, session } = follow;
  feed.leave(session.socket, session.codec);
  follow.state = { kind: 'behind', cursorSeq: feed.headSeq, grant: { fromSeq: feed.headSeq + 1, atSeq: feed.headSeq }, check: undefined, announce: false };
  session.open?.behind.add(follow);
}

/** Stops following, in any state. */
export function endFollow(follow: Follow): void {
  if (follow.state.kind === 'ended') return;
  const { session, feed } = follow;
  if (follow.state.kind === 'live') feed.leave(session.socket, session.codec);
  follow.state = ENDED;
  session.open?.behind.delete(follow);
  if (session.open?.follows.get(feed.stream) === follow) session.open.follows.delete(feed.stream);
  feed.follows -= 1;
}
