import { isUserStream, type ServerCodec } from '@talaria/protocol';
import type { Bus } from '../bus/port.js';
import type { Counts } from '../domain/counts.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { errorFields, type Log } from '../runtime/log.js';
import type { FactPlace, FactsPage, Moved, Storage } from '../storage/port.js';
import type { EventRow } from '../storage/rows.js';
import type { RingBounds, RingEntry } from './ring.js';
import { StreamFeed } from './stream-feed.js';
import { recordLive } from './tracing.js';

export interface FeedBounds {
  readonly ring: RingBounds;
  /** A feed without followers is kept this long, for those who come back. */
  readonly idle_ms: number;
  /** How often the log is asked for what the bus did not bring (CLU3). */
  readonly anti_entropy_ms: number;
  /** Facts of streams that nobody follows here whose place is remembered. */
  readonly recent_max: number;
  /** Facts of two nodes overtake each other on the bus: so long the missing ones may take before the log is read for them. */
  readonly overtaken_ms: number;
  /** Facts read at once when a gap is filled. */
  readonly page: number;
  /** Facts looked at at once when what was not announced is looked for: of them, one place a stream is read. */
  readonly sweep_page: number;
}

export const defaultFeedBounds: FeedBounds = {
  ring: { facts_max: 256, bytes_max: 262_144 }, idle_ms: 60_000, anti_entropy_ms: 1_000, recent_max: 65_536, overtaken_ms: 20, page: 500, sweep_page: 5_000,
};

export interface FeedOutput {
  readonly codecs: readonly ServerCodec[];
  publish(topic: string, bytes: Uint8Array, binary: boolean): void;
  /** What has been given to sockets is counted here. */
  readonly counts: Pick<Counts, 'deliveries'>;
  /** A stream is followed from now on: it may be traced. */
  opened(feed: StreamFeed): void;
  /** Facts have been published: the gateway looks at what those of a user's own stream mean for their connections. */
  published(feed: StreamFeed, entries: readonly RingEntry[]): void;
  /** There is a fact of a user's own stream, followed here or not. @param type undefined when only its place is known */
  passed(app: string, user: string, type: string | undefined): void;
  /** A membership ended with the fact just published: the user's live follows end (ISO3). */
  left(feed: StreamFeed, user: string): void;
}

interface Head { readonly seq: number; readonly eventId: string; readonly position: number; readonly marksVersion: number }

/** Who may see all of a stream. */
const viewerOf = ({ stream }: StreamFeed): string | null => (isUserStream(stream) ? stream : null);

const keyOf = (app: string, stream: string): string => `${app}/${stream}`;

/**
 * Listens to the bus, puts the facts of each followed stream in order, fills gaps from the log, and publishes each
 * fact once. Whoever is live on a stream has everything up to the feed's head: that is the invariant that joining
 * and leaving topics keep (ORD1, ORD4).
 */
export class Feed {
  /** Every fact up to this store-wide position has been applied. */
  position: number;
  /** Of the fact there; empty when there is none. */
  eventId: string;
  /** Counts what moves on this node, so that heartbeats find the streams that have moved. */
  tick = 0;
  /** Feeds that have not been given all that this node has heard of. While there is one, no sync token is made (RES2). */
  gaps = 0;
  private readonly feeds = new Map<string, StreamFeed>();
  /** Where streams stood at their last fact, ascending by position; covers everything above `recentFrom`. */
  private readonly recent = new Map<string, Head>();
  private recentFrom: number;
  /** Positions seen beyond a hole, with the ids of their events; the next sweep closes it. */
  private readonly beyond = new Map<number, string>();
  private arrived: EventRow[] = [];
  private cancel: Cancel | undefined;
  /** Since when an open transaction has kept the order of the store from being settled. */
  private heldSinceMs: number | undefined;
  private sweptMs: number;
  private sweeping = false;
  private sweepAgain = false;
  private stopped = false;

  constructor(
    private readonly storage: Storage, private readonly bus: Bus, private readonly clock: Clock, private readonly log: Log, private readonly output: FeedOutput,
    private readonly bounds: FeedBounds, place: { readonly position: number; readonly eventId: string },
  ) {
    this.position = place.position;
    this.eventId = place.eventId;
    this.recentFrom = place.position;
    this.sweptMs = clock.monotonic();
  }

  run(): void {
    this.cancel = this.clock.every(this.bounds.anti_entropy_ms, () => {
      if (!this.sweeping) void this.sweep();
    });
  }

  stop(): void {
    this.stopped = true;
    this.cancel?.();
    for (const [name, feed] of this.feeds) this.forget(name, feed);
  }

  get size(): number {
    return this.feeds.size;
  }

  /** How long ago the log was last looked at: as old may be what this node knows, whatever the bus has lost. */
  get lagMs(): number {
    return Math.round(this.clock.monotonic() - this.sweptMs);
  }

  /** CLU3: how long consumers in the order of the store have been waiting for an open transaction; 0 when they are not. */
  get heldMs(): number {
    return this.heldSinceMs === undefined ? 0 : this.clock.monotonic() - this.heldSinceMs;
  }

  find(app: string, stream: string): StreamFeed | undefined {
    return this.feeds.get(keyOf(app, stream));
  }

  /**
   * The feed of a stream, opened if need be. The bus is followed first and the head comes from a snapshot (ORD4); what was
   * announced between the two is known from `recent`, or asked from the log.
   *
   * @param snapshot the stream's head as read at store position `atPosition`
   */
  open(app: string, stream: string, snapshot: Head, atPosition: number): StreamFeed {
    const known = this.find(app, stream);
    if (known) return known;
    const feed = new StreamFeed(app, stream, snapshot, this.bounds.ring);
    this.feeds.set(keyOf(app, stream), feed);
    this.output.opened(feed);
    if (!this.stopped) feed.unfollow = this.bus.follow(app, stream);
    const announced = this.recent.get(keyOf(app, stream));
    feed.heardSeq = Math.max(feed.heardSeq, announced?.seq ?? 0);
    const missed = announced ? announced.seq > snapshot.seq : atPosition < this.recentFrom;
    if (missed) this.fill(feed);
    return feed;
  }

  /** Takes facts from the bus. Those of one turn go out together, so that a batch of commits makes few frames. */
  announce(facts: readonly EventRow[]): void {
    if (this.arrived.length === 0) queueMicrotask(() => this.apply());
    this.arrived.push(...facts);
  }

  /** The bus may have lost something: facts, and marks, which nothing else would bring (CNT3). */
  async doubt(): Promise<void> {
    await Promise.all([this.sweep(), this.readMarksVersions()]);
  }

  private async readMarksVersions(): Promise<void> {
    const feeds = [...this.feeds.values()].filter((feed) => feed.follows > 0);
    try {
      for (let at = 0; at < feeds.length; at += this.bounds.page) {
        const page = feeds.slice(at, at + this.bounds.page);
        const versions = await this.storage.marksVersions(page.map(({ app, stream }) => ({ app, stream })));
        page.forEach((feed, which) => this.marked(feed, versions[which] ?? 0));
      }
    } catch (error) {
      this.log.warn('feed.marks_not_read', errorFields(error));
    }
  }

  /** There are such facts, which have to be read from the log. */
  hint(places: readonly FactPlace[]): void {
    for (const place of places) this.hear(place);
  }

  /** Reads what the log has beyond the feed's head. */
  async refresh(feed: StreamFeed): Promise<void> {
    // What is being read may be from before now.
    await feed.filling;
    this.fill(feed);
    await feed.filling;
  }

  /** Reads what the ring can hold of the feed's past, once for all who need it. */
  async reachBack(feed: StreamFeed): Promise<void> {
    feed.reaching ??= this.readBack(feed).finally(() => {
      feed.reaching = undefined;
    });
    await feed.reaching;
  }

  private async readBack(feed: StreamFeed): Promise<void> {
    const { facts_max } = this.bounds.ring;
    const { clears } = feed.ring;
    try {
      const page = await this.storage.facts({ app: feed.app, stream: feed.stream, viewer: viewerOf(feed), afterSeq: Math.max(0, feed.headSeq - facts_max), limit: facts_max });
      feed.reachBack(page?.facts ?? [], clears);
    } catch (error) {
      // Everybody reads for themselves, and is told what is wrong.
      feed.reachBack([], clears);
      this.log.warn('feed.reach_back_failed', errorFields(error));
    }
  }

  /** CLU3: looks for facts that were committed and not announced, and forgets feeds that nobody came back to. */
  async sweep(): Promise<void> {
    if (this.sweeping) {
      // What is being read may be from before what was lost.
      this.sweepAgain = true;
      return;
    }
    this.sweeping = true;
    try {
      const beganMs = this.clock.monotonic();
      const before = this.position;
      let lastPosition = before;
      for (let from: number | null = before; from !== null;) {
        const page: Moved = await this.storage.moved(from, this.bounds.sweep_page);
        lastPosition = page.places.at(-1)?.position ?? lastPosition;
        // First what is missing, then how far everything is known: a sync token between the two would say too much.
        for (const place of page.places) this.hear(place);
        if (page.settled) this.reach(page.settled);
        from = page.next;
      }
      this.noteHeld(before, lastPosition);
      this.sweptMs = beganMs;
      for (const feed of this.feeds.values()) if (feed.gap) this.fill(feed);
    } catch (error) {
      this.log.warn('feed.sweep_failed', errorFields(error));
    } finally {
      this.sweeping = false;
    }
    this.forgetIdle();
    if (!this.sweepAgain) return;
    this.sweepAgain = false;
    await this.sweep();
  }

  /** A transaction that holds the horizon lets nothing be settled from one sweep to the next. */
  private noteHeld(before: number, lastPosition: number): void {
    if (lastPosition <= this.position || this.position !== before) this.heldSinceMs = undefined;
    else this.heldSinceMs ??= this.clock.monotonic();
  }

  /** There is such a fact. */
  private hear(place: FactPlace): void {
    this.note(place);
    if (isUserStream(place.stream)) this.output.passed(place.app, place.stream, undefined);
    const feed = this.find(place.app, place.stream);
    if (!feed || place.seq <= feed.headSeq) return;
    feed.heardSeq = Math.max(feed.heardSeq, place.seq);
    this.fill(feed);
  }

  private forgetIdle(): void {
    const beforeMs = this.clock.monotonic() - this.bounds.idle_ms;
    for (const [name, feed] of this.feeds) {
      if (feed.follows > 0) feed.idleSinceMs = undefined;
      else if (feed.idleSinceMs === undefined) feed.idleSinceMs = this.clock.monotonic();
      else if (feed.idleSinceMs < beforeMs) this.forget(name, feed);
    }
  }

  private forget(name: string, feed: StreamFeed): void {
    feed.unfollow();
    feed.missing?.();
    this.setGap(feed, false);
    this.feeds.delete(name);
  }

  private apply(): void {
    const facts = this.arrived;
    this.arrived = [];
    const byFeed = new Map<StreamFeed, EventRow[]>();
    for (const fact of facts) {
      this.note(fact);
      if (isUserStream(fact.stream)) this.output.passed(fact.app, fact.stream, fact.type);
      const feed = this.find(fact.app, fact.stream);
      if (!feed || fact.seq <= feed.headSeq) continue;
      feed.heardSeq = Math.max(feed.heardSeq, fact.seq);
      const list = byFeed.get(feed);
      if (list) list.push(fact);
      else byFeed.set(feed, [fact]);
    }
    for (const [feed, list] of byFeed) this.applyTo(feed, list);
  }

  private reach({ position, eventId }: Pick<FactPlace, 'position' | 'eventId'>): void {
    if (position > this.position) Object.assign(this, { position, eventId });
    for (const one of this.beyond.keys()) if (one <= this.position) this.beyond.delete(one);
  }

  /** Positions are contiguous over commits; `position` moves only over facts that were seen. */
  private note(fact: FactPlace): void {
    if (fact.position > this.position) this.beyond.set(fact.position, fact.eventId);
    for (let next = this.beyond.get(this.position + 1); next !== undefined; next = this.beyond.get(this.position + 1)) {
      this.position += 1;
      this.eventId = next;
      this.beyond.delete(this.position);
    }
    const name = keyOf(fact.app, fact.stream);
    const head = this.recent.get(name);
    if (head && head.seq >= fact.seq) return;
    this.recent.delete(name);
    this.recent.set(name, { seq: fact.seq, eventId: fact.eventId, position: fact.position, marksVersion: 0 });
    if (this.recent.size <= this.bounds.recent_max) return;
    const [oldest, { position }] = this.recent.entries().next().value!;
    this.recent.delete(oldest);
    this.recentFrom = Math.max(this.recentFrom, position);
  }

  private applyTo(feed: StreamFeed, facts: readonly EventRow[]): void {
    this.advance(feed, facts);
    if (feed.headSeq < feed.heardSeq) this.awaitMissing(feed);
    else this.noneMissing(feed);
  }

  /** What is missing is on its way, but for few: then the log has it. */
  private awaitMissing(feed: StreamFeed): void {
    if (this.bus.lossless || feed.filling) {
      this.fill(feed);
      return;
    }
    this.setGap(feed, true);
    feed.missing ??= this.clock.after(this.bounds.overtaken_ms, () => {
      feed.missing = undefined;
      this.fill(feed);
    });
  }

  private noneMissing(feed: StreamFeed): void {
    if (!feed.missing) return;
    feed.missing();
    feed.missing = undefined;
    if (!feed.filling) this.setGap(feed, false);
  }

  /** Takes facts in order, as far as there is no gap, and publishes them. */
  private advance(feed: StreamFeed, facts: readonly EventRow[]): void {
    const entries: RingEntry[] = [];
    for (const fact of facts) {
      if (fact.seq > feed.headSeq + 1) feed.ahead.add(fact);
      else if (fact.seq === feed.headSeq + 1) entries.push(feed.advance(fact));
      for (let next = feed.ahead.take(feed.headSeq + 1); next; next = feed.ahead.take(feed.headSeq + 1)) entries.push(feed.advance(next));
    }
    feed.ahead.dropUpTo(feed.headSeq);
    if (entries.length > 0) this.moved(feed);
    this.publish(feed, entries);
  }

  /** A mark of a member has been set (CNT3). @returns whether it is newer than what was known: an old one may come late, to clients that know no better */
  marked(feed: StreamFeed, version: number): boolean {
    if (version <= feed.marksVersion) return false;
    feed.marksVersion = version;
    this.moved(feed);
    return true;
  }

  private moved(feed: StreamFeed): void {
    this.tick += 1;
    feed.movedTick = this.tick;
  }

  /** ISO3: a `member.left` ends a run of facts; behind it the one who left gets nothing more. */
  private publish(feed: StreamFeed, entries: readonly RingEntry[]): void {
    let from = 0;
    entries.forEach((entry, at) => {
      if (entry.leaver === null && at < entries.length - 1) return;
      this.send(feed, entries.slice(from, at + 1));
      from = at + 1;
      if (entry.leaver !== null) this.output.left(feed, entry.leaver);
    });
  }

  private send(feed: StreamFeed, entries: readonly RingEntry[]): void {
    if (feed.follows === 0 || entries.length === 0) return;
    for (const codec of this.output.codecs) {
      const live = feed.liveWith(codec);
      if (live === 0) continue;
      this.output.publish(feed.topic(codec), feed.frame(codec, entries), codec.binary);
      this.output.counts.deliveries += live * entries.length;
    }
    if (feed.traced !== undefined) recordLive(feed.traced, entries.map(({ row }) => row));
    this.output.published(feed, entries);
  }

  /** Reads what is missing between the head and what has been heard of, or up to the log's head. */
  private fill(feed: StreamFeed): void {
    feed.missing?.();
    feed.missing = undefined;
    this.setGap(feed, true);
    feed.filling ??= this.fillFrom(feed).finally(() => {
      feed.filling = undefined;
    });
  }

  private async fillFrom(feed: StreamFeed): Promise<void> {
    try {
      for (;;) {
        const { heardSeq } = feed;
        const page = await this.storage.facts({ app: feed.app, stream: feed.stream, viewer: viewerOf(feed), afterSeq: feed.headSeq, limit: this.bounds.page });
        if (page) this.applyRead(feed, page);
        if (page && page.toSeq < page.endSeq) continue;
        // Without a page there is no such stream any more, and nothing is missing of it.
        if (page && feed.headSeq < feed.heardSeq) {
          if (feed.heardSeq > heardSeq) continue;
          throw new Error('the log does not have what was announced');
        }
        this.setGap(feed, false);
        return;
      }
    } catch (error) {
      // The next sweep tries again; until then no sync token is given out.
      this.log.warn('feed.fill_failed', errorFields(error));
    }
  }

  private setGap(feed: StreamFeed, gap: boolean): void {
    if (feed.gap === gap) return;
    feed.gap = gap;
    this.gaps += gap ? 1 : -1;
  }

  /** ORD1: whoever is live is told what nobody can send them any more. */
  private declareGone(feed: StreamFeed, toSeq: number): void {
    const range = { from_seq: feed.headSeq + 1, to_seq: toSeq };
    for (const codec of this.output.codecs) {
      if (feed.liveWith(codec) === 0) continue;
      this.output.publish(feed.topic(codec), codec.factsFrame({ stream: feed.stream, ...range, omitted: [{ ...range, cause: 'retention' }] }, []), codec.binary);
    }
  }

  private applyRead(feed: StreamFeed, { facts, toSeq, endSeq, endEventId }: FactsPage): void {
    const first = facts[0];
    // Retention may have removed facts that this feed never saw: the ring starts anew behind them.
    if (first && first.seq > feed.headSeq + 1 && !feed.ahead.has(feed.headSeq + 1)) this.jump(feed, first.seq - 1, '');
    this.advance(feed, facts);
    if (!first && toSeq >= endSeq && feed.headSeq < endSeq) this.jump(feed, endSeq, endEventId);
  }

  private jump(feed: StreamFeed, toSeq: number, eventId: string): void {
    this.declareGone(feed, toSeq);
    feed.ring.clear();
    feed.standings?.clear();
    feed.ahead.dropUpTo(toSeq);
    feed.headSeq = toSeq;
    feed.headEventId = eventId;
  }
}
