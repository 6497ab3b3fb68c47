import { cut, PARTS_MAX } from './parts.js';
import type { CallRuntime } from './surroundings.js';

/** What is said between two devices of a call. An `ack` says only what has arrived. */
export type SignalKind = 'offer' | 'answer' | 'candidate' | 'end' | 'ack';

/** One signal, as it stands in its JSON. */
export interface SignalData {
  readonly call: string;
  /** From which device, and to which device of whom. Who sends it is told by the server. */
  readonly from: string;
  readonly to: { readonly user: string; readonly device: string };
  /** Of the sender: a later one, in the order of texts, began anew. */
  readonly session: string;
  /** The number of the message, from 1; 0 of what is not repeated. */
  readonly n: number;
  readonly part: number;
  readonly parts: number;
  readonly text: string;
  /** Everything of the other side up to this number has arrived. */
  readonly ack: number;
  /** Of which of its sessions, and to which this is said; empty before the first signal of it. */
  readonly ack_session: string;
}

export interface ChannelBounds {
  /** Until the first repeat; it doubles each time, up to `repeat_ms_max`. */
  readonly repeat_ms: number;
  readonly repeat_ms_max: number;
  /** After so long without anything new having arrived there, the channel has failed. */
  readonly give_up_ms: number;
  /** Candidates and acks wait so long for more of them. */
  readonly gather_ms: number;
  /** Messages that wait for an ack, and that are kept because one before them is missing. */
  readonly messages_max: number;
}

export const defaultChannelBounds: ChannelBounds = { repeat_ms: 1_000, repeat_ms_max: 4_000, give_up_ms: 30_000, gather_ms: 50, messages_max: 128 };

export interface ChannelEvents {
  /** Gives a signal to the connection, which may lose it. */
  transmit(kind: SignalKind, message: Pick<SignalData, 'n' | 'part' | 'parts' | 'text' | 'ack'>): void;
  /** A message has arrived: each once, in the order in which it was sent. */
  receive(kind: SignalKind, text: string): void;
  /** Whether the other side is known to be there: then it is not given up. */
  alive(): boolean;
  /** The other side does not answer. */
  failed(): void;
}

interface Sent {
  readonly n: number;
  readonly kind: SignalKind;
  readonly parts: readonly string[];
}

interface Arriving {
  readonly kind: SignalKind;
  readonly parts: (string | undefined)[];
}

const KINDS: readonly string[] = ['offer', 'answer', 'candidate', 'end', 'ack'] satisfies SignalKind[];
const TYPE = 'call.';

/** The type of a signal of a call. */
export const typeOf = (kind: SignalKind): string => `${TYPE}${kind}`;

/**
 * What another client has sent, as far as it has the form of a signal of a call.
 *
 * @param type of the signal @param data its JSON: a stranger's word
 */
export function signalOf(type: string, data: Readonly<Record<string, unknown>>): { readonly kind: SignalKind; readonly signal: SignalData } | undefined {
  const kind = type.slice(TYPE.length);
  const { call, from, to, session, n, part, parts, text, ack, ack_session } = data as Partial<SignalData>;
  const texts = [call, from, session, text, ack_session].every((one) => typeof one === 'string');
  const numbers = [n, part, parts, ack].every((one) => Number.isSafeInteger(one));
  const fits = type.startsWith(TYPE) && KINDS.includes(kind) && texts && numbers && typeof to === 'object' && to !== null;
  return fits ? { kind: kind as SignalKind, signal: data as unknown as SignalData } : undefined;
}

/**
 * Messages in order and without repeats, over signals that may be lost, repeated and turned around: what has not been acked is said
 * again, for a while. Longer texts go in parts.
 */
export class Channel {
  private nextSent = 1;
  private readonly unacked: Sent[] = [];
  private nextReceived = 1;
  private readonly arriving = new Map<number, Arriving>();
  private cancelRepeat: (() => void) | undefined;
  private cancelAck: (() => void) | undefined;
  private waitedMs = 0;
  private repeatMs: number;
  private closed = false;

  constructor(private readonly runtime: CallRuntime, private readonly events: ChannelEvents, private readonly bounds: ChannelBounds) {
    this.repeatMs = bounds.repeat_ms;
  }

  /** @throws RangeError for a text that is too long, or when too many wait */
  send(kind: SignalKind, text: string): void {
    if (this.closed) return;
    const parts = cut(text);
    if (parts.length > PARTS_MAX) throw new RangeError(`A text of ${text.length} characters is too long to be signalled.`);
    if (this.unacked.length >= this.bounds.messages_max) throw new RangeError(`More than ${this.bounds.messages_max} messages wait.`);
    const message = { n: this.nextSent++, kind, parts };
    this.unacked.push(message);
    this.say(message);
    if (!this.cancelRepeat) this.repeatLater();
  }

  /** Takes a signal of the other side. What does not fit is nobody's, and is left. */
  take(kind: SignalKind, { n, part, parts, text }: Pick<SignalData, 'n' | 'part' | 'parts' | 'text'>): void {
    if (this.closed || n < 1) return;
    this.ackSoon();
    if (n < this.nextReceived || n >= this.nextReceived + this.bounds.messages_max || parts < 1 || parts > PARTS_MAX || part < 0 || part >= parts) return;
    const known = this.arriving.get(n) ?? { kind, parts: Array.from({ length: parts }, () => undefined) };
    if (known.kind !== kind || known.parts.length !== parts) return;
    known.parts[part] = text;
    this.arriving.set(n, known);
    this.deliver();
  }

  /** The other side has everything up to a number. */
  acked(upTo: number): void {
    if (this.unacked.length === 0 || this.unacked[0]!.n > upTo || upTo >= this.nextSent) return;
    while (this.unacked.length > 0 && this.unacked[0]!.n <= upTo) this.unacked.shift();
    this.waitedMs = 0;
    this.repeatMs = this.bounds.repeat_ms;
    this.cancelRepeat?.();
    this.cancelRepeat = undefined;
    if (this.unacked.length > 0) this.repeatLater();
  }

  get received(): number {
    return this.nextReceived - 1;
  }

  close(): void {
    this.closed = true;
    this.cancelRepeat?.();
    this.cancelAck?.();
  }

  private deliver(): void {
    for (let next = this.arriving.get(this.nextReceived); next && next.parts.every((part) => part !== undefined); next = this.arriving.get(this.nextReceived)) {
      this.arriving.delete(this.nextReceived);
      this.nextReceived += 1;
      this.events.receive(next.kind, next.parts.join(''));
      if (this.closed) return;
    }
  }

  private say({ n, kind, parts }: Sent): void {
    parts.forEach((text, part) => this.events.transmit(kind, { n, part, parts: parts.length, text, ack: this.received }));
  }

  private repeatLater(): void {
    const waitMs = this.repeatMs;
    this.cancelRepeat = this.runtime.after(waitMs, () => {
      this.waitedMs += waitMs;
      this.cancelRepeat = undefined;
      if (this.waitedMs >= this.bounds.give_up_ms && !this.events.alive()) {
        this.close();
        this.events.failed();
        return;
      }
      this.repeatMs = Math.min(this.repeatMs * 2, this.bounds.repeat_ms_max);
      for (const message of this.unacked) this.say(message);
      this.repeatLater();
    });
  }

  private ackSoon(): void {
    this.cancelAck ??= this.runtime.after(this.bounds.gather_ms, () => {
      this.cancelAck = undefined;
      this.events.transmit('ack', { n: 0, part: 0, parts: 1, text: '', ack: this.received });
    });
  }
}
