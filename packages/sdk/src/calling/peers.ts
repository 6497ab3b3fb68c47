/** The connections of one device to everybody else in a call. */
import type { CallParticipant } from '@talaria/protocol';
import type { ChannelBounds, SignalData, SignalKind } from './channel.js';
import { Link, type PeerConnection } from './link.js';
import type { CallRuntime } from './surroundings.js';

/** A device in the call that is to be connected with. */
export interface CallPeer {
  readonly userId: string;
  readonly deviceId: string;
  /** Of two sides one is: it makes what is there once, such as a data channel. It was in the call first. */
  readonly initiator: boolean;
}

/** What is told of the devices in a call. */
export interface PeerListeners {
  /** The other side has not answered for a while, or says that it is going; its connection is closed. */
  readonly onGone?: (peer: CallPeer) => void;
  /** What a connection refuses. */
  readonly onError?: (error: unknown, peer: CallPeer) => void;
}

export interface PeersOptions extends PeerListeners {
  readonly callId: string;
  readonly user: string;
  readonly device: string;
  /** Later ones come behind earlier ones in the order of texts. */
  readonly session: string;
  readonly create: (peer: CallPeer) => PeerConnection;
  readonly send: (kind: SignalKind, signal: SignalData) => void;
  readonly runtime: CallRuntime;
  readonly bounds: ChannelBounds;
}

interface Connected {
  readonly peer: CallPeer;
  /** When they came in: who comes again is connected with anew. */
  readonly joinedSeq: number;
  readonly link: Link;
  /** Of the other side; empty before its first signal. */
  theirSession: string;
  /** Closed, and not made anew until they come again. */
  gone: boolean;
}

export class Peers {
  private readonly connected = new Map<string, Connected>();

  constructor(private readonly options: PeersOptions) {}

  /**
   * Connects with who has come, and parts from who has left.
   *
   * @param own undefined while this device is not in the call
   * @param others who are in it
   */
  update(own: CallParticipant | undefined, others: readonly CallParticipant[]): void {
    const wanted = new Map(own ? others.map((one) => [one.user_id, one]) : []);
    for (const [user, { peer, joinedSeq }] of this.connected) {
      const one = wanted.get(user);
      if (one?.device_id !== peer.deviceId || one.joined_seq !== joinedSeq) this.part(user);
    }
    for (const one of wanted.values()) if (own && !this.connected.has(one.user_id)) this.connect(one, own.joined_seq < one.joined_seq).link.begin();
  }

  /** Whether the user's device is in the call, as far as is known here. */
  knows(user: string, device: string): boolean {
    return this.connected.get(user)?.peer.deviceId === device;
  }

  /** Takes a signal to this device. What is of a device that is not in the call, or to one that this was before, is left. */
  take(user: string, kind: SignalKind, signal: SignalData): void {
    const known = this.connected.get(user);
    if (known?.peer.deviceId !== signal.from || (signal.ack_session !== '' && signal.ack_session !== this.options.session) || signal.session < known.theirSession) return;
    const anew = known.theirSession !== '' && signal.session > known.theirSession;
    if (known.gone && !anew) return;
    if (kind === 'end') {
      this.gone(known);
      return;
    }
    const one = anew ? this.again(known) : known;
    one.theirSession = signal.session;
    if (anew) one.link.begin();
    if (signal.ack_session !== '') one.link.channel.acked(signal.ack);
    one.link.channel.take(kind, signal);
  }

  /** @param told whether the others are told at once; they learn it from the log in any case */
  close(told: boolean): void {
    for (const [user, one] of this.connected) {
      if (told && !one.gone) this.transmit(one, 'end', { n: 0, part: 0, parts: 1, text: '', ack: 0 });
      this.part(user);
    }
  }

  private connect({ user_id, device_id, joined_seq }: Pick<CallParticipant, 'user_id' | 'device_id' | 'joined_seq'>, initiator: boolean): Connected {
    const { options } = this;
    const peer: CallPeer = { userId: user_id, deviceId: device_id, initiator };
    const link = new Link({
      connection: options.create(peer), polite: options.user < user_id, runtime: options.runtime, bounds: options.bounds,
      transmit: (kind, message) => this.transmit(one, kind, message),
      error: (error) => options.onError?.(error, peer),
      failed: () => this.gone(one),
    });
    const one: Connected = { peer, joinedSeq: joined_seq, link, theirSession: '', gone: false };
    this.connected.set(user_id, one);
    return one;
  }

  /** A device that began anew, as a page that was loaded again, is connected with anew. */
  private again({ peer, joinedSeq }: Connected): Connected {
    this.part(peer.userId);
    return this.connect({ user_id: peer.userId, device_id: peer.deviceId, joined_seq: joinedSeq }, peer.initiator);
  }

  private transmit(one: Connected, kind: SignalKind, message: Pick<SignalData, 'n' | 'part' | 'parts' | 'text' | 'ack'>): void {
    const { callId, device, session, send } = this.options;
    send(kind, { call: callId, from: device, to: { user: one.peer.userId, device: one.peer.deviceId }, session, ack_session: one.theirSession, ...message });
  }

  private gone(one: Connected): void {
    one.gone = true;
    one.link.close();
    this.options.onGone?.(one.peer);
  }

  private part(user: string): void {
    this.connected.get(user)?.link.close();
    this.connected.delete(user);
  }
}
