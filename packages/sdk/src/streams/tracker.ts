/** Where this connection is in each stream: in order, without repeats, and aware of every gap (ORD1, ORD3). */
import { eventCheck, type Cursor, type Facts, type Head, type Truncated, type UpInput } from '@talaria/protocol';
import { toFact, type Fact, type Skipped } from './fact.js';

export interface Position {
  readonly seq: number;
  readonly check: number;
}

interface Track extends Position {
  /** The server sends live facts, or is catching this stream up. */
  following: boolean;
  /** Moved since the sync token: hello names it (RES2). */
  moved: boolean;
  /** Asked for again after a gap; frames until then are dropped. */
  waiting: boolean;
}

const fresh = (position: Position): Track => ({ ...position, following: false, moved: true, waiting: false });

export interface TrackerEvents {
  send(frame: UpInput): boolean;
  /** The next facts of a stream and what is left out between them, in order. `position` is the cursor behind them. */
  advance(stream: string, facts: readonly Fact[], skipped: readonly Skipped[], position: Position): void;
  /** The stream's log is another than the cursor's (RES5). */
  resync(stream: string): void;
  live(stream: string, marksVersion: number): void;
  /** A conversation that is not followed has moved. */
  head(stream: string, seq: number, following: boolean): void;
}

export class Tracker {
  private readonly tracks = new Map<string, Track>();
  /** Conversations that the app opened: hello always names them. */
  private readonly pinned = new Set<string>();
  /** Streams that the last hello named. */
  private claimed = new Set<string>();
  private syncToken: Uint8Array | undefined;
  private epoch = '';

  /** @param catchUpAll whether gaps are read in full or jumped over (RES3) */
  constructor(private readonly events: TrackerEvents, private readonly catchUpAll: () => boolean) {}

  /** A cursor from an earlier process. */
  restore(stream: string, position: Position): void {
    const known = this.tracks.get(stream);
    if (known && known.seq <= position.seq) return;
    this.tracks.set(stream, fresh(position));
  }

  position(stream: string): Position | undefined {
    return this.tracks.get(stream);
  }

  cursor(stream: string): Cursor | undefined {
    const track = this.tracks.get(stream);
    return track && { stream, seq: track.seq, check: track.check, epoch: this.epoch };
  }

  get storeEpoch(): string {
    return this.epoch;
  }

  /** What hello says of streams: the sync token, and the cursors that are not the token's. */
  resume(max: number): { readonly sync_token: Uint8Array | undefined; readonly cursors: Cursor[] } {
    const cursors: Cursor[] = [];
    if (this.epoch !== '') {
      for (const [stream, track] of this.tracks) {
        if ((track.moved || this.pinned.has(stream) || !this.syncToken) && cursors.length < max) cursors.push({ stream, seq: track.seq, check: track.check, epoch: this.epoch });
      }
    }
    this.claimed = new Set(cursors.map((cursor) => cursor.stream));
    return { sync_token: this.syncToken, cursors };
  }

  /** @returns false when the server's log is another one than before (RES5) */
  welcome(epoch: string, resumed: boolean): boolean {
    const same = this.epoch === '' || this.epoch === epoch;
    this.epoch = epoch;
    if (!resumed) this.syncToken = undefined;
    for (const track of this.tracks.values()) {
      track.waiting = false;
      // What did not move since the token is followed on; the heads name the rest.
      track.following = resumed && !track.moved;
    }
    if (!same) this.tracks.clear();
    for (const stream of this.pinned) if (!this.tracks.has(stream)) this.request(stream, false);
    return same;
  }

  /** The epoch that restored cursors belong to, before there was a connection. */
  restoreEpoch(epoch: string): void {
    this.epoch = epoch;
  }

  heads(heads: readonly Head[], first: boolean): void {
    for (const head of heads) {
      const track = this.tracks.get(head.stream);
      if (!track) {
        if (head.following) this.tracks.set(head.stream, { ...fresh(head), following: true });
      } else if (first && head.following) {
        track.following = true;
        // Too many cursors for one hello: the server began this one at its head.
        if (head.seq > track.seq && !this.claimed.has(head.stream) && !this.syncToken) this.fetch(head.stream, track);
      } else if (track.following && head.seq > track.seq && !first) this.fetch(head.stream, track);
      this.events.head(head.stream, head.seq, head.following);
    }
  }

  /** RES2: everything up to the token has been received. */
  synced(token: Uint8Array): void {
    this.syncToken = token.slice();
    for (const track of this.tracks.values()) track.moved = track.waiting || !track.following;
  }

  facts(frame: Facts): void {
    let track = this.tracks.get(frame.stream);
    if (!track) {
      track = { ...fresh({ seq: frame.from_seq - 1, check: 0 }), following: true };
      this.tracks.set(frame.stream, track);
    }
    if (frame.to_seq <= track.seq) return;
    if (frame.from_seq > track.seq + 1) {
      this.fetch(frame.stream, track);
      return;
    }
    const after = track.seq;
    const facts = frame.facts.filter((fact) => fact.seq > after).map((fact) => toFact(frame.stream, fact));
    const skipped = frame.omitted.filter((range) => range.to_seq > after)
      .map((range) => ({ stream: frame.stream, fromSeq: Math.max(range.from_seq, after + 1), toSeq: range.to_seq, cause: range.cause }));
    const last = facts.at(-1);
    const next = { seq: frame.to_seq, check: last?.seq === frame.to_seq ? eventCheck(last.eventId) : 0 };
    this.tracks.set(frame.stream, { ...track, ...next, moved: true, waiting: false });
    this.events.advance(frame.stream, facts, skipped, next);
  }

  following(stream: string, seq: number, check: number, marksVersion: number, once: boolean): void {
    const track = this.tracks.get(stream);
    if (!track) this.tracks.set(stream, { ...fresh({ seq, check }), following: !once });
    else {
      track.following = !once;
      track.waiting = false;
      if (seq > track.seq) this.fetch(stream, track);
    }
    this.events.live(stream, marksVersion);
  }

  /** RES3, VIS5: what cannot be replayed is declared, and the stream goes on behind it. */
  truncated(frame: Truncated): void {
    const track = this.tracks.get(frame.stream) ?? fresh({ seq: 0, check: 0 });
    this.tracks.set(frame.stream, track);
    const tooFar = frame.reason === 'too_far';
    if (!tooFar || !this.catchUpAll()) {
      const to = tooFar ? { seq: frame.head_seq, check: frame.head_check } : { seq: frame.floor_seq, check: 0 };
      if (to.seq > track.seq) {
        const skipped = [{ stream: frame.stream, fromSeq: track.seq + 1, toSeq: to.seq, cause: tooFar ? 'skipped' : 'retention' }];
        Object.assign(track, to);
        this.events.advance(frame.stream, [], skipped, to);
      }
    }
    track.waiting = true;
    this.request(frame.stream, false);
  }

  /** The server will not go on from this cursor. */
  refused(stream: string, code: string): void {
    if (!this.tracks.delete(stream)) return;
    if (code === 'resync_required') this.events.resync(stream);
  }

  /** Follows a stream from its cursor, or from the head when there is none. */
  follow(stream: string, options: { readonly once?: boolean; readonly pin?: boolean } = {}): void {
    const track = this.tracks.get(stream);
    if (options.pin) this.pinned.add(stream);
    if (track?.following || track?.waiting) return;
    if (track) track.waiting = true;
    this.request(stream, options.once ?? false);
  }

  /** Goes back to an earlier place: facts that were not taken come again. */
  rewind(stream: string, position: Position): void {
    this.tracks.set(stream, { ...(this.tracks.get(stream) ?? fresh(position)), ...position, following: false, waiting: false, moved: true });
    this.follow(stream);
  }

  /** Asks for what is missing behind the cursor, once. */
  private fetch(stream: string, track: Track): void {
    if (track.waiting) return;
    track.waiting = true;
    this.request(stream, false);
  }

  private request(stream: string, once: boolean): void {
    const cursor = this.cursor(stream);
    this.events.send({ follow: { stream, all: this.catchUpAll(), once, ...(cursor && { cursor }) } });
  }
}
