/** Rules that only show on the wire, where the other side would mend what breaks them: what the server sends on one connection. */
import { isTombstone, type DownFrame } from '@talaria/protocol';
import { createClientCodec, createServerCodec } from '@talaria/protocol/codec';
import type { Wire } from './wire.js';

export interface Breach {
  readonly rule: string;
  readonly text: string;
}

export class Watch {
  readonly breaches: Breach[] = [];
  /** Types of facts that an app has folded. */
  readonly folded = new Set<string>();
  private readonly codec = createClientCodec();
  private readonly nodeCodec = createServerCodec();
  /** By connection, then by stream: where the server has told the client that it is. */
  private readonly places = new WeakMap<Wire, Map<string, number>>();
  /** Since when a message has been deleted, or another text has been erased, by place. */
  private readonly goneMs = new Map<string, number>();
  private readonly refused = new Set<string>();

  /** @returns the frame, so that it is decoded once */
  sent(wire: Wire, bytes: Uint8Array): DownFrame {
    const frame = this.codec.decodeDown(bytes);
    const places = this.places.get(wire) ?? new Map<string, number>();
    this.places.set(wire, places);
    switch (frame.frame) {
      // Once: what may come later belongs to another time of the user in the conversation.
      case 'following': if (frame.following.once) places.delete(frame.following.stream); else places.set(frame.following.stream, frame.following.seq); break;
      case 'truncated': places.delete(frame.truncated.stream); break;
      case 'refusal': places.delete(frame.refusal.stream); break;
      case 'facts': this.facts(wire, places, frame.facts); break;
      default:
    }
    return frame;
  }

  /** A client that names a cursor goes on from there, and leaves out what it has already. */
  taken(wire: Wire, bytes: Uint8Array): void {
    const frame = this.nodeCodec.decodeUp(bytes);
    if (frame.frame !== 'follow') return;
    const { stream, cursor } = frame.follow;
    const places = this.places.get(wire);
    const place = places?.get(stream);
    if (cursor && place !== undefined) places?.set(stream, Math.max(place, cursor.seq));
  }

  /** Somebody has been told that its text is erased. */
  gone(stream: string, seq: number, nowMs: number): void {
    const place = `${stream} ${seq}`;
    if (!this.goneMs.has(place)) this.goneMs.set(place, nowMs);
  }

  /** The server has refused it for good, whether or not the client hears of it. */
  refusedFinally(clientId: string): void {
    this.refused.add(clientId);
  }

  /** SND4: a refusal that is lost with its connection is not kept. The retry is judged anew, and may be accepted behind later sends. */
  judgedAnew(text: string): boolean {
    return [...this.refused].some((clientId) => text.includes(clientId));
  }

  /** Nothing that was true of the old log is of this one. */
  restored(): void {
    this.goneMs.clear();
  }

  breach(rule: string, text: string): void {
    this.breaches.push({ rule, text });
  }

  private facts(wire: Wire, places: Map<string, number>, { stream, from_seq: from, to_seq: to, facts }: Extract<DownFrame, { frame: 'facts' }>['facts']): void {
    const place = places.get(stream);
    // ORD4: behind `following` and between live frames there is no hole, whatever the client would do about one.
    if (place !== undefined && from > place + 1) this.breach('ORD4', `${wire.user} was sent ${stream} from ${from}, behind ${place}`);
    places.set(stream, Math.max(to, place ?? 0));
    for (const fact of facts) {
      // An edit goes with its message.
      const since = this.goneMs.get(`${stream} ${fact.type === 'message.updated' ? fact.target_seq : fact.seq}`);
      if (since !== undefined && since < wire.openedMs && !fact.redacted) this.breach('VIS4', `${wire.user} was sent the text of ${fact.type} ${stream} ${fact.seq} after it was erased`);
      const erased = erasedBy(fact.type, fact.target_seq, fact.json);
      if (erased !== undefined) this.gone(stream, erased, wire.nowMs);
      // ISO2: behind one's own leaving another time begins.
      if (fact.type === 'member.left' && fact.json.includes(wire.user)) places.delete(stream);
    }
  }
}

/** VIS4: the seq of another fact of its stream that a fact says has been emptied: a message that is gone, a draft that was replaced, and what waits no more. */
export function erasedBy(type: string, targetSeq: number, json: string): number | undefined {
  if (isTombstone(type)) return targetSeq;
  if (!ERASING.has(type)) return undefined;
  const { replaces, scheduled_seq: scheduled, held_seq: held } = JSON.parse(json === '' ? '{}' : json) as { replaces?: number; scheduled_seq?: number; held_seq?: number };
  return replaces ?? scheduled ?? held;
}

const ERASING: ReadonlySet<string> = new Set(['draft.set', 'draft.cleared', 'message.unscheduled', 'message.released', 'message.rejected']);
