/** Rules that only show on the wire, where the other side would mend what breaks them: what the server sends on one connection. */
import type { DownFrame } from '@talaria/protocol';
import { createClientCodec, createServerCodec } from '@talaria/protocol/codec';
import type { Wire } from './wire.js';

export interface Breach {
  readonly rule: string;
  readonly text: string;
}

export class Watch {
  readonly breaches: Breach[] = [];
  private readonly codec = createClientCodec();
  private readonly nodeCodec = createServerCodec();
  /** By connection, then by stream: where the server has told the client that it is. */
  private readonly places = new WeakMap<Wire, Map<string, number>>();
  /** Since when a message has been deleted, by place. */
  private readonly deletedMs = new Map<string, number>();
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

  /** Somebody has been told that it is deleted. */
  deleted(stream: string, seq: number, nowMs: number): void {
    this.deletedMs.set(`${stream} ${seq}`, nowMs);
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
    this.deletedMs.clear();
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
      const since = this.deletedMs.get(`${stream} ${fact.seq}`);
      if (since !== undefined && since < wire.openedMs && !fact.redacted) this.breach('VIS4', `${wire.user} was sent the text of ${stream} ${fact.seq} after its deletion`);
      // ISO2: behind one's own leaving another time begins.
      if (fact.type === 'member.left' && fact.json.includes(wire.user)) places.delete(stream);
    }
  }
}
