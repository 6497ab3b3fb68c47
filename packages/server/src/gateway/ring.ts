import { eventCheck, isTombstone, type ServerCodec } from '@talaria/protocol';
import { redactedBody } from '../storage/message-body.js';
import type { EventRow } from '../storage/rows.js';
import { factInput } from './encode-fact.js';

export interface RingBounds {
  readonly facts_max: number;
  readonly bytes_max: number;
}

/** What an entry costs beside its body. */
const ENTRY_BYTES = 256;

/** One recent fact of a stream, encoded at most once for each subprotocol. */
export class RingEntry {
  private readonly encoded = new Map<ServerCodec, Uint8Array>();

  /** @param leaver the user whose membership ends with this fact */
  constructor(private event: EventRow, readonly leaver: string | null) {}

  get seq(): number {
    return this.event.seq;
  }

  get position(): number {
    return this.event.position;
  }

  get eventId(): string {
    return this.event.eventId;
  }

  get row(): EventRow {
    return this.event;
  }

  get bytes(): number {
    return ENTRY_BYTES + this.event.payload.length;
  }

  bytesFor(codec: ServerCodec): Uint8Array {
    let bytes = this.encoded.get(codec);
    if (!bytes) {
      bytes = codec.encodeFact(factInput(this.event));
      this.encoded.set(codec, bytes);
    }
    return bytes;
  }

  /** VIS4: what the database does to the row. */
  redact(): void {
    this.event = { ...this.event, redacted: true, payload: this.event.type === 'message.created' ? redactedBody(this.event.payload) : '{}' };
    this.encoded.clear();
  }

  about(targetSeq: number): boolean {
    return this.event.seq === targetSeq || (this.event.targetSeq === targetSeq && !isTombstone(this.event.type));
  }
}

/** The latest facts of one stream, without a hole, so that a short absence needs no read of the log. */
export class Ring {
  private entries: RingEntry[] = [];
  private bytes = 0;
  private cleared = 0;

  constructor(private readonly bounds: RingBounds) {}

  /** How often everything was forgotten: what was read from the log before that must not be kept after it. */
  get clears(): number {
    return this.cleared;
  }

  get facts_max(): number {
    return this.bounds.facts_max;
  }

  get empty(): boolean {
    return this.entries.length === 0;
  }

  rows(): readonly EventRow[] {
    return this.entries.map((entry) => entry.row);
  }

  /** The seq before the first kept fact. */
  get startSeq(): number {
    return (this.entries[0]?.seq ?? Number.MAX_SAFE_INTEGER) - 1;
  }

  /** @param entry the fact behind the last one */
  push(entry: RingEntry): void {
    this.entries.push(entry);
    this.bytes += entry.bytes;
    while (this.entries.length > 1 && (this.entries.length > this.bounds.facts_max || this.bytes > this.bounds.bytes_max)) {
      // Not `splice`, which moves all that stays: 2 µs of a send.
      this.bytes -= this.entries.shift()!.bytes;
    }
  }

  /**
   * Takes facts from before the first kept one, as many of the latest as the bounds allow.
   *
   * @param older ascending, without a hole, up to `startSeq`
   */
  reachBack(older: readonly RingEntry[]): void {
    let from = older.length;
    while (from > 0 && older.length - from + this.entries.length < this.bounds.facts_max && this.bytes + older[from - 1]!.bytes <= this.bounds.bytes_max) {
      from -= 1;
      this.bytes += older[from]!.bytes;
    }
    this.entries = [...older.slice(from), ...this.entries];
  }

  /** @returns the facts behind `seq` that fit, at least one if there is one; undefined when the ring does not reach back that far */
  after(seq: number, bounds: { readonly page: number; readonly page_chars: number }): readonly RingEntry[] | undefined {
    const first = this.entries[0];
    if (!first || seq < first.seq - 1) return undefined;
    const from = seq + 1 - first.seq;
    let chars = 0;
    let to = from;
    while (to < this.entries.length && to - from < bounds.page && (to === from || chars <= bounds.page_chars)) chars += this.entries[to++]!.bytes;
    return this.entries.slice(from, to);
  }

  at(seq: number): RingEntry | undefined {
    const first = this.entries[0];
    return first ? this.entries[seq - first.seq] : undefined;
  }

  /** The last fact at or below a position, when the ring reaches back that far. */
  lastAtPosition(position: number): RingEntry | undefined {
    if ((this.entries[0]?.position ?? Number.MAX_SAFE_INTEGER) > position) return undefined;
    return this.entries.findLast((entry) => entry.position <= position);
  }

  redact(targetSeq: number): void {
    for (const entry of this.entries) {
      if (!entry.about(targetSeq)) continue;
      this.bytes -= entry.bytes;
      entry.redact();
      this.bytes += entry.bytes;
    }
  }

  clear(): void {
    this.cleared += 1;
    this.entries = [];
    this.bytes = 0;
  }
}

/** The cursor's check of a fact (RES5). */
export function checkOf(eventId: string): number {
  return eventId === '' ? 0 : eventCheck(eventId);
}
