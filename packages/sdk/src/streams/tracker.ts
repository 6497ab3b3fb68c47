/** Where this connection is in each stream: in order, without repeats, and aware of every gap (ORD1, ORD3). */
import { eventCheck, type Cursor, type Facts, type Following, type Head, type Refusal, type Truncated, type UpInput, type Welcome } from '@talaria/protocol';
import { backoffMs } from '../connection/backoff.js';
import type { Runtime } from '../runtime.js';
import { endOf, toFact, type Fact, type Step } from './fact.js';

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
  /** The user may not see it at the moment. If they may again, it goes on from here, and what lies between is declared (ORD1, ISO2). */
  gone: boolean;
}

/**
 * The check of a position whose fact this client has not seen. The server is then asked from the start of the stream, and what
 * comes up to the position is dropped.
 */
export const UNSEEN = -1;

const REFOLLOW = { base_ms: 250, max_ms: 30_000 };

const fresh = ({ seq, check }: Position): Track => ({ seq, check, following: false, moved: true, waiting: false, gone: false });

/** A follow that was refused for now. */
interface Retry {
  attempts: number;
  cancel: (() => void) | undefined;
}

export interface TrackerEvents {
  send(frame: UpInput): boolean;
  /** The next facts of a stream and what is left out between them, in order (ORD1). `position` is the cursor behind them. */
  advance(stream: string, steps: readonly Step[], position: Position): void;
  /** The stream's log is another than the cursor's (RES5). */
  resync(stream: string): void;
  live(stream: string, marksVersion: number): void;
  /** Where a stream is, as the server says, or where it begins for this user. `following`: what is new comes by itself. */
  head(stream: string, position: Position, following: boolean): void;
}

export interface TrackerChoice {
  /** Whether gaps are read in full or jumped over (RES3). */
  readonly catchUpAll: () => boolean;
  /** Whether the server follows a conversation by itself when the user is added. */
  readonly followsNew: boolean;
}

export class Tracker {
  private readonly tracks = new Map<string, Track>();
  /** Conversations that the app opened: hello always names them. */
  private readonly pinned = new Set<string>();
  /** Streams that the last hello named. */
  private claimed = new Set<string>();
  private syncToken: Uint8Array | undefined;
  private epoch = '';
  /** The user's own stream, and its head as this connection has told it. */
  private own = '';
  private ownHead = 0;
  /** Heads of conversations that are met while the own stream is behind: it may still tell that the user has just joined them. */
  private readonly unplaced = new Map<string, Head>();
  private readonly retries = new Map<string, Retry>();
  /** Heads that this connection was told and that no facts have reached yet; `late` since a heartbeat. */
  private readonly promised = new Map<string, { readonly seq: number; late: boolean }>();

  constructor(private readonly events: TrackerEvents, private readonly runtime: Pick<Runtime, 'after' | 'fraction'>, private readonly choice: TrackerChoice) {}

  /** A cursor from an earlier process. */
  restore(stream: string, position: Position): void {
    const known = this.tracks.get(stream);
    if (known && known.seq <= position.seq) return;
    this.tracks.set(stream, fresh(position));
  }

  position(stream: string): Position | undefined {
    const track = this.tracks.get(stream);
    return track && { seq: track.seq, check: track.check };
  }

  /** Whether the app has opened it. */
  opened(stream: string): boolean {
    return this.pinned.has(stream);
  }

  /** A stream that the app looks at no more: another may take its place. */
  unpin(stream: string): void {
    this.pinned.delete(stream);
  }

  /** Every stream that has a place. */
  get streams(): readonly string[] {
    return [...this.tracks.keys()];
  }

  private cursor(stream: string, { seq, check }: Position): Cursor {
    return { stream, ...(check === UNSEEN ? { seq: 0, check: 0 } : { seq, check }), epoch: this.epoch };
  }

  get storeEpoch(): string {
    return this.epoch;
  }

  /** What hello says of streams: the sync token, and the cursors that are not the token's. */
  resume(max: number): { readonly sync_token: Uint8Array | undefined; readonly cursors: Cursor[] } {
    const cursors: Cursor[] = [];
    if (this.epoch !== '') {
      for (const [stream, track] of this.tracks) {
        if (track.gone && !this.pinned.has(stream)) continue;
        if ((track.moved || this.pinned.has(stream) || !this.syncToken) && cursors.length < max) cursors.push(this.cursor(stream, track));
      }
    }
    this.claimed = new Set(cursors.map((cursor) => cursor.stream));
    return { sync_token: this.syncToken, cursors };
  }

  /** @returns false when the server's log is another one than before (RES5) */
  welcome({ epoch, resumed, user_stream: own }: Pick<Welcome, 'epoch' | 'resumed' | 'user_stream'>): boolean {
    const same = this.epoch === '' || this.epoch === epoch;
    this.epoch = epoch;
    this.own = own;
    this.ownHead = 0;
    this.unplaced.clear();
    this.promised.clear();
    if (!resumed) this.syncToken = undefined;
    for (const track of this.tracks.values()) {
      track.waiting = false;
      // What did not move since the token is followed on; the heads name the rest.
      track.following = resumed && !track.moved && !track.gone;
    }
    if (!same) this.tracks.clear();
    for (const stream of this.pinned) if (!this.tracks.has(stream)) this.request(stream, false);
    return same;
  }

  /** The connection is gone: the next hello names what is to be followed. */
  disconnect(): void {
    for (const { cancel } of this.retries.values()) cancel?.();
    this.retries.clear();
  }

  /** The epoch that restored cursors belong to, before there was a connection. */
  restoreEpoch(epoch: string): void {
    this.epoch = epoch;
  }

  heads(heads: readonly Head[], first: boolean): void {
    const own = heads.find(({ stream }) => stream === this.own);
    if (own) {
      this.ownHead = Math.max(this.ownHead, own.seq);
      this.head(own, first);
    }
    for (const head of heads) if (head !== own) this.head(head, first);
    if (own) this.place();
    for (const { stream, seq } of heads) if (seq > (this.tracks.get(stream)?.seq ?? seq)) this.promised.set(stream, { seq, late: false });
  }

  /** A heartbeat. ORD3: what was told before the last one, and has not come, was lost on the way. */
  beat(): void {
    for (const [stream, promise] of this.promised) {
      const track = this.tracks.get(stream);
      if (!track?.following || track.seq >= promise.seq) this.promised.delete(stream);
      else if (promise.late) this.fetch(stream, track);
      else promise.late = true;
    }
  }

  private head(head: Head, first: boolean): void {
    const track = this.tracks.get(head.stream);
    if (!track) {
      if (this.ownBehind) {
        this.unplace(head);
        return;
      }
      if (head.following) this.follows(head.stream, head);
    } else if (track.gone && head.following) {
      Object.assign(track, { following: true, gone: false });
      if (head.seq > track.seq) this.fetch(head.stream, track);
    } else if (first && head.following) {
      track.following = true;
      // The server began this one at its head: there were too many cursors for one hello, or its log is another one, which it will say (RES5).
      if (!this.claimed.has(head.stream) && !this.syncToken) this.fetch(head.stream, track);
    } else if (!head.following && !track.waiting) track.following = false;
    else if (track.following && head.seq > track.seq && !first) this.fetch(head.stream, track);
    this.events.head(head.stream, { seq: head.seq, check: head.check }, head.following);
  }

  /** A stream that has no place yet. */
  private begin(stream: string, position: Position): Track {
    const track = fresh(position);
    this.tracks.set(stream, track);
    return track;
  }

  /** The server sends what comes behind that place. */
  private follows(stream: string, position: Position, following = true): void {
    this.begin(stream, position).following = following;
  }

  private get ownBehind(): boolean {
    const own = this.tracks.get(this.own);
    return own !== undefined && own.seq < this.ownHead;
  }

  private unplace(head: Head): void {
    if (!this.unplaced.has(head.stream)) this.unplaced.set(head.stream, head);
  }

  /**
   * ORD3: a conversation that is met without a word of it in the own stream. That word may have been lost, and with it the first
   * facts, which whoever wants everything must not miss: the own stream is asked.
   */
  private doubts(head: Head): boolean {
    const own = this.tracks.get(this.own);
    if (!own || head.stream === this.own || !this.choice.catchUpAll()) return false;
    this.unplace(head);
    this.fetch(this.own, own);
    return true;
  }

  /**
   * ORD1: the user is in a conversation since its fact `seq`. Whoever meets it for the first time begins there and not at its
   * head, so that nothing is lost of a conversation that began while there was no connection.
   */
  private joined(stream: string, seq: number): void {
    const wanted = this.choice.followsNew || this.choice.catchUpAll() || this.pinned.has(stream);
    const known = this.tracks.get(stream);
    if (known) known.gone = false;
    if (known || !wanted) return;
    const head = this.unplaced.get(stream);
    this.unplaced.delete(stream);
    const track = this.begin(stream, seq > 1 ? { seq: seq - 1, check: UNSEEN } : { seq: 0, check: 0 });
    // The server follows a conversation that it told with a head from there on, any other from where the user joined.
    if (head?.following) this.fetch(stream, track);
    this.events.head(stream, head ? { seq: head.seq, check: head.check } : this.position(stream)!, head?.following ?? true);
  }

  /**
   * ISO2: what was said until the user left is theirs. The server names only conversations that one is in, so whoever was away
   * when that ended asks for the rest. Not once: the user may be back in by now.
   */
  private left(stream: string, seq: number): void {
    const track = this.tracks.get(stream);
    if (track && track.seq < seq && (track.following || this.choice.catchUpAll())) this.fetch(stream, track);
  }

  /** The own stream is where the server said: what it did not name is older than this client, and begins at its head. */
  private place(): void {
    if (this.unplaced.size === 0 || this.ownBehind) return;
    const heads = [...this.unplaced.values()];
    this.unplaced.clear();
    for (const head of heads) {
      this.head(head, false);
      const track = this.tracks.get(head.stream);
      // What came meanwhile was dropped.
      if (track && head.following) this.fetch(head.stream, track);
    }
  }

  /** RES2: everything up to the token has been sent. What was told and has not come yet may be lost: the next hello names it. */
  synced(token: Uint8Array): void {
    this.syncToken = token.slice();
    for (const [stream, track] of this.tracks) track.moved = track.waiting || !track.following || track.seq < (this.promised.get(stream)?.seq ?? 0);
  }

  facts(frame: Facts): void {
    let track = this.tracks.get(frame.stream);
    if (!track) {
      // Asked for again when its place is known.
      if (this.unplaced.has(frame.stream)) return;
      const place = { seq: frame.from_seq - 1, check: UNSEEN };
      if (this.doubts({ stream: frame.stream, ...place, marks_version: 0, following: true })) return;
      this.follows(frame.stream, place);
      this.events.head(frame.stream, place, true);
      track = this.tracks.get(frame.stream)!;
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
    const next = { seq: frame.to_seq, check: last?.seq === frame.to_seq ? eventCheck(last.eventId) : UNSEEN };
    this.tracks.set(frame.stream, { ...next, following: true, moved: true, waiting: false, gone: false });
    const steps = skipped.length > 0 ? [...facts, ...skipped].sort((a, b) => endOf(a) - endOf(b)) : facts;
    this.events.advance(frame.stream, steps, next);
    if (frame.stream === this.own) this.ownFacts(facts);
  }

  private ownFacts(facts: readonly Fact[]): void {
    for (const { type, body } of facts) {
      if (type === 'conversation.added') this.joined(String(body['conversation_id']), Number(body['joined_seq']));
      else if (type === 'conversation.removed') this.left(String(body['conversation_id']), Number(body['left_seq']));
    }
    this.place();
  }

  following({ stream, seq, check, marks_version: marksVersion, once }: Following): void {
    const head: Head = { stream, seq, check, marks_version: marksVersion, following: !once };
    this.retries.get(stream)?.cancel?.();
    this.retries.delete(stream);
    const track = this.tracks.get(stream);
    if (track) {
      Object.assign(track, { following: !once, waiting: false, gone: false });
      if (seq > track.seq) this.fetch(stream, track);
    } else if (this.ownBehind) this.unplace(head);
    else if (!this.doubts(head)) {
      this.follows(stream, head, !once);
      // RES5: a consumer whose cursor was of another log begins anew, where it is to begin.
      this.events.head(stream, { seq, check }, !once);
    }
    this.events.live(stream, marksVersion);
    if (stream === this.own) this.place();
  }

  /** RES3, VIS5: what cannot be replayed is declared, and the stream goes on behind it. */
  truncated(frame: Truncated): void {
    const track = this.tracks.get(frame.stream) ?? fresh({ seq: 0, check: 0 });
    this.tracks.set(frame.stream, track);
    const tooFar = frame.reason === 'too_far';
    if (!tooFar || !this.choice.catchUpAll()) {
      const to = tooFar ? { seq: frame.head_seq, check: frame.head_check } : { seq: frame.floor_seq, check: 0 };
      if (to.seq > track.seq) {
        const skipped = [{ stream: frame.stream, fromSeq: track.seq + 1, toSeq: to.seq, cause: tooFar ? 'skipped' : 'retention' }];
        Object.assign(track, to);
        this.events.advance(frame.stream, skipped, to);
      } else if (track.check === UNSEEN) Object.assign(track, to);
    }
    track.waiting = true;
    this.request(frame.stream, false);
    if (frame.stream === this.own) this.place();
  }

  /** A follow, a mark or a signal was refused: the server does not say which. */
  refused({ stream, code, retryable, retry_after_ms: afterMs }: Pick<Refusal, 'stream' | 'code' | 'retryable' | 'retry_after_ms'>): void {
    const track = this.tracks.get(stream);
    if (code === 'resync_required') {
      if (this.tracks.delete(stream)) this.events.resync(stream);
    } else if (retryable) {
      // Only signals and marks have a rate.
      if (track ? code !== 'rate_limited' || track.waiting : this.pinned.has(stream)) this.followLater(stream, track, afterMs);
    } else if (code === 'too_large' && this.makeRoom(stream)) this.request(stream, false);
    // These are never said of a follow.
    else if (track && code !== 'forbidden' && code !== 'blocked' && (track.waiting || code === 'not_found')) Object.assign(track, { following: false, waiting: false, gone: true });
    if (stream === this.own) this.place();
  }

  /** SND5: the server could not read the log just now, and has ended the follow. */
  private followLater(stream: string, track: Track | undefined, afterMs: number): void {
    const retry = this.retries.get(stream) ?? { attempts: 0, cancel: undefined };
    this.retries.set(stream, retry);
    if (track) Object.assign(track, { following: false, moved: true, waiting: true });
    if (retry.cancel) return;
    retry.cancel = this.runtime.after(afterMs + backoffMs(retry.attempts, REFOLLOW, this.runtime.fraction()), () => {
      retry.cancel = undefined;
      this.request(stream, false);
    });
    retry.attempts += 1;
  }

  /** Follows a stream from its cursor, or from the head when there is none. */
  follow(stream: string, options: { readonly once?: boolean; readonly pin?: boolean } = {}): void {
    const track = this.tracks.get(stream);
    if (options.pin) this.pinned.add(stream);
    if (track?.following || track?.waiting) return;
    if (track) track.waiting = true;
    this.request(stream, options.once ?? false);
  }

  /** A connection follows a bounded number of streams: one that the app has opened takes the place of one that it has not. */
  private makeRoom(stream: string): boolean {
    if (!this.pinned.has(stream)) return false;
    for (const [other, track] of this.tracks) {
      if (!track.following || other === this.own || this.pinned.has(other)) continue;
      Object.assign(track, { following: false, moved: true });
      this.events.send({ unfollow: { stream: other } });
      return true;
    }
    return false;
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
    const track = this.tracks.get(stream);
    this.events.send({ follow: { stream, all: this.choice.catchUpAll(), once, ...(track && { cursor: this.cursor(stream, track) }) } });
  }
}
