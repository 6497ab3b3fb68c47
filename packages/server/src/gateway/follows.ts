/** How a connection comes to follow a stream, goes live, falls behind, and ends. */
import { checkOf } from './ring.js';
import type { Behind, BehindFollow, Follow, Grant, OpenSession, Session } from './session.js';
import type { LiveFollow, StreamFeed } from './stream-feed.js';

export interface FollowOptions {
  readonly cursorSeq: number;
  readonly grant: Grant | undefined;
  /** The client's check of the event at the cursor; undefined when the server placed the cursor itself. */
  readonly check: number | undefined;
  readonly all: boolean;
  readonly once: boolean;
  /** Whether the client is told when it has caught up. */
  readonly announce: boolean;
}

/** Starts following; the connection is behind until catch-up has looked at it. */
export function startFollow(session: Session, feed: StreamFeed, options: FollowOptions): BehindFollow | undefined {
  const { open } = session;
  if (!open) return undefined;
  const before = open.follows.get(feed.stream);
  if (before) endFollow(session, before);
  feed.follows += 1;
  return putBehind(session, open, feed, options);
}

/** ORD4: the cursor stands at the feed's head, in the same turn the socket joins the topic: no hole, no overlap. */
export function goLive(follow: BehindFollow): void {
  const { session, feed, at } = follow;
  const { open } = session;
  if (!at || !open) return;
  if (at.announce) session.write({ following: { stream: feed.stream, seq: feed.headSeq, check: checkOf(feed.headEventId), marks_version: feed.marksVersion, once: follow.once } });
  if (follow.once) {
    endFollow(session, follow);
    return;
  }
  noLongerBehind(open, follow);
  open.follows.put(feed.liveFollow(follow.all));
  feed.join(session.socket, session.codec);
  feed.traced?.live.add(session);
}

/** Where a follow stands; undefined when it has ended, or was replaced. */
export function placeOf(follow: Follow): Pick<Behind, 'cursorSeq' | 'check' | 'announce'> | undefined {
  return follow.kind === 'live' ? { cursorSeq: follow.feed.headSeq, check: undefined, announce: false } : follow.at;
}

/** ISO3: the catch-up of a former member has reached the fact with which they left. A client that asked is told so. */
export function endAtLeaving(follow: BehindFollow, seq: number, eventId: string): void {
  const { session, feed, at } = follow;
  if (at?.announce) {
    session.write({ following: { stream: feed.stream, seq, check: checkOf(eventId), marks_version: feed.marksVersion, once: true } });
  }
  endFollow(session, follow);
}

/** FLW1: off the topic, with the cursor where the topic was. */
export function fallBehind(session: Session, open: OpenSession, { feed, all }: LiveFollow): void {
  feed.leave(session.socket, session.codec);
  feed.traced?.live.delete(session);
  putBehind(session, open, feed, {
    all, once: false, cursorSeq: feed.headSeq, grant: { fromSeq: feed.headSeq + 1, atSeq: feed.headSeq }, check: undefined, announce: false,
  });
}

/** Stops following, in any state. */
export function endFollow(session: Session, follow: Follow): void {
  const { feed } = follow;
  const { open } = session;
  const current = open?.follows.get(feed.stream) === follow;
  if (follow.kind === 'live') {
    if (!current) return;
    feed.leave(session.socket, session.codec);
    feed.traced?.live.delete(session);
  } else {
    if (!follow.at) return;
    if (open) noLongerBehind(open, follow);
    else follow.at = undefined;
  }
  if (current) open?.follows.delete(feed.stream);
  feed.follows -= 1;
}

function putBehind(session: Session, open: OpenSession, feed: StreamFeed, { cursorSeq, grant, check, announce, all, once }: FollowOptions): BehindFollow {
  const follow: BehindFollow = { kind: 'behind', session, feed, all, once, at: { cursorSeq, grant, check, announce } };
  open.follows.put(follow);
  open.behind ??= new Set();
  open.behind.add(follow);
  return follow;
}

function noLongerBehind(open: OpenSession, follow: BehindFollow): void {
  follow.at = undefined;
  open.behind?.delete(follow);
}
