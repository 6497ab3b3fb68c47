import type { ServerCodec } from '@talaria/protocol';
import type { Cancel } from '../runtime/clock.js';
import type { EventRow } from '../storage/rows.js';
import { parseStored } from '../storage/stored-json.js';
import { Ahead } from './ahead.js';
import { erasedBy } from './erased-by.js';
import { Ring, RingEntry, type RingBounds } from './ring.js';
import type { Standings } from './standings.js';
import type { ConversationTrace, TracedFollower } from '../domain/insight/traces.js';
import type { Socket } from './transport-port.js';

/**
 * On the topic: the client has or will get everything up to the feed's head. Nothing in it belongs to one connection, so
 * that all who follow a stream in the same way share it: most follows are live, and there are many.
 */
export interface LiveFollow {
  readonly kind: 'live';
  readonly feed: StreamFeed;
  /** RES3: page through everything instead of `truncated`, should it fall behind. */
  readonly all: boolean;
}

/** One stream on this node: its head, its recent facts, and how many follow it live. */
export class StreamFeed {
  readonly ring: Ring;
  /** Live followers of the binary subprotocol, and of the one in JSON. */
  private liveBinary = 0;
  private liveJson = 0;
  /** What live followers share, one for each way to follow. */
  private liveFollows: LiveFollow[] = [];
  /** Facts are missing between the head and what has been heard of. */
  gap = false;
  /** The last fact that this node has heard of, from the bus or from a look at the log. */
  heardSeq: number;
  headSeq: number;
  headEventId: string;
  headPosition: number;
  marksVersion: number;
  /** The feed's tick at which the head or a mark last moved. */
  movedTick = 0;
  /** Follows of any state; a feed without any is kept for a while, for those who come back. */
  follows = 0;
  idleSinceMs: number | undefined;
  readonly ahead = new Ahead();
  /** Who has sent signals here, and whether they may. Made when the first one comes. */
  standings: Standings | undefined;
  filling: Promise<void> | undefined;
  /** Facts that another node has sent are awaited for a moment; ends the wait. */
  missing: Cancel | undefined;
  /** The log is being read for what the ring can hold of the past. */
  reaching: Promise<void> | undefined;
  /** How often the ring had been cleared when it was last filled with the past. */
  private reachedAt = -1;
  /** While the stream is traced: what is recorded, and who is live. Undefined else, which is all that is looked at. */
  traced: { readonly trace: ConversationTrace; readonly live: Set<TracedFollower> } | undefined;
  /** Ends this node's interest in the stream's bus messages. */
  unfollow: () => void = () => undefined;
  /** The last batch per codec, shared by all who need the same range. */
  private shared: { readonly codec: ServerCodec; readonly fromSeq: number; readonly toSeq: number; readonly frame: Uint8Array }[] = [];

  constructor(
    readonly app: string, readonly stream: string, head: { seq: number; eventId: string; position: number; marksVersion: number }, bounds: RingBounds,
  ) {
    this.ring = new Ring(bounds);
    this.heardSeq = head.seq;
    this.headSeq = head.seq;
    this.headEventId = head.eventId;
    this.headPosition = head.position;
    this.marksVersion = head.marksVersion;
  }

  /** Each app, stream and subprotocol has a topic of its own (ISO1). */
  topic(codec: ServerCodec): string {
    return `${this.app}/${this.stream}/${codec.binary ? 'b' : 'j'}`;
  }

  /** Puts a live follower on the topic. */
  join(socket: Socket, codec: ServerCodec): void {
    if (codec.binary) this.liveBinary += 1;
    else this.liveJson += 1;
    socket.join(this.topic(codec));
  }

  /** Takes a live follower off the topic. */
  leave(socket: Socket, codec: ServerCodec): void {
    if (codec.binary) this.liveBinary -= 1;
    else this.liveJson -= 1;
    socket.leave(this.topic(codec));
  }

  liveWith(codec: ServerCodec): number {
    return codec.binary ? this.liveBinary : this.liveJson;
  }

  /** The same object for all who follow in this way. */
  liveFollow(all: boolean): LiveFollow {
    const known = this.liveFollows.find((one) => one.all === all);
    if (known) return known;
    const fresh: LiveFollow = { kind: 'live', feed: this, all };
    this.liveFollows.push(fresh);
    return fresh;
  }

  /** Takes the next fact of the stream. @returns its entry */
  advance(event: EventRow): RingEntry {
    const entry = new RingEntry(event, leaverOf(event));
    this.standings?.heard(event);
    const erased = erasedBy(event);
    if (erased !== null) this.redact(erased);
    this.ring.push(entry);
    this.headSeq = event.seq;
    this.headEventId = event.eventId;
    this.headPosition = event.position;
    return entry;
  }

  /** Whether the log could give the ring the facts from `seq` on, and was not asked for them before. */
  mayReachBackTo(seq: number): boolean {
    return this.reachedAt !== this.ring.clears && this.headSeq - seq < this.ring.facts_max;
  }

  /**
   * Takes the past as it was read from the log.
   *
   * @param clears how often the ring had been cleared when the read began
   */
  reachBack(facts: readonly EventRow[], clears: number): void {
    this.reachedAt = this.ring.clears;
    // What was forgotten meanwhile was to be forgotten.
    if (clears !== this.ring.clears) return;
    const startSeq = this.ring.empty ? this.headSeq : this.ring.startSeq;
    const end = facts.findIndex((fact) => fact.seq > startSeq);
    const older = withoutHole(end < 0 ? facts : facts.slice(0, end));
    if (older.at(-1)?.seq !== startSeq) return;
    const erased = this.ring.rows().map(erasedBy);
    this.ring.reachBack(older.map((event) => new RingEntry(event, leaverOf(event))));
    // VIS4: deleted after it was read.
    for (const seq of erased) if (seq !== null) this.ring.redact(seq);
  }

  /** VIS4: forgets the text of a message that was deleted. */
  redact(targetSeq: number): void {
    this.ring.redact(targetSeq);
    this.shared = [];
  }

  /** A facts frame of consecutive entries, encoded once for everyone who needs this range. */
  frame(codec: ServerCodec, entries: readonly RingEntry[]): Uint8Array {
    const fromSeq = entries[0]!.seq;
    const toSeq = entries.at(-1)!.seq;
    const known = this.shared.find((one) => one.codec === codec && one.fromSeq === fromSeq && one.toSeq === toSeq);
    if (known) return known.frame;
    const frame = codec.factsFrame({ stream: this.stream, from_seq: fromSeq, to_seq: toSeq, omitted: [] }, entries.map((entry) => entry.bytesFor(codec)));
    this.shared = [{ codec, fromSeq, toSeq, frame }, ...this.shared].slice(0, 4);
    return frame;
  }
}

/** The facts behind the last hole. */
function withoutHole(facts: readonly EventRow[]): readonly EventRow[] {
  const from = facts.findLastIndex((fact, at) => at > 0 && fact.seq !== facts[at - 1]!.seq + 1);
  return facts.slice(Math.max(0, from));
}

function leaverOf(event: EventRow): string | null {
  return event.type === 'member.left' ? (parseStored(event.payload) as { user_id: string }).user_id : null;
}
