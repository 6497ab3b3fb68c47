/** One connection between two devices of a call: negotiated as the specification of WebRTC proposes ("perfect negotiation", WebRTC 1.0, 10.7). */
import { Channel, type ChannelBounds, type ChannelEvents, type SignalKind } from './channel.js';
import type { CallRuntime } from './surroundings.js';

/** A session description, as `RTCSessionDescription` has it. */
export interface Description {
  readonly type: 'offer' | 'answer' | 'pranswer' | 'rollback';
  readonly sdp: string;
}

/** A candidate, as `RTCIceCandidate` has it and as its JSON has it. */
export interface Candidate {
  readonly candidate?: string;
  readonly sdpMid?: string | null;
  readonly sdpMLineIndex?: number | null;
  readonly usernameFragment?: string | null;
}

/** What a `PeerConnection` tells its listeners. */
export interface PeerEvent {
  readonly type: string;
  readonly candidate?: Candidate | null;
}

/** Of `RTCPeerConnection`, what signalling needs: the browser's own, or any that has the same. */
export interface PeerConnection {
  readonly signalingState: string;
  /** `connected` while media or data flow. */
  readonly connectionState: string;
  readonly localDescription: Description | null;
  setLocalDescription(): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  addIceCandidate(candidate: Candidate): Promise<void>;
  close(): void;
  addEventListener(type: string, listener: (event: PeerEvent) => void): void;
  removeEventListener(type: string, listener: (event: PeerEvent) => void): void;
}

export interface LinkOptions {
  readonly connection: PeerConnection;
  /** Gives way when both offer at once; of two sides one does. */
  readonly polite: boolean;
  readonly runtime: CallRuntime;
  readonly bounds: ChannelBounds;
  readonly transmit: ChannelEvents['transmit'];
  /** What the connection refuses, and what the other side should not have sent. */
  readonly error: (error: unknown) => void;
  /** The other side does not answer any more. */
  readonly failed: () => void;
}

export class Link {
  readonly channel: Channel;
  private readonly connection: PeerConnection;
  private makingOffer = false;
  private ignoringOffer = false;
  private settingAnswer = false;
  private candidates: Candidate[] = [];
  private cancelGather: (() => void) | undefined;
  /** One message after the other, each when what the one before asked for is done. */
  private tail: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly options: LinkOptions) {
    this.connection = options.connection;
    this.channel = new Channel(options.runtime, {
      transmit: options.transmit,
      receive: (kind, text) => {
        this.tail = this.tail.then(() => (this.closed ? undefined : this.receive(kind, text))).catch((error: unknown) => this.report(error));
      },
      alive: () => this.connection.connectionState === 'connected',
      failed: () => options.failed(),
    }, options.bounds);
    this.connection.addEventListener('negotiationneeded', this.offer);
    this.connection.addEventListener('icecandidate', this.candidate);
  }

  /** Says that this side is there, whoever offers: the other one may have been connected with what this was before. */
  begin(): void {
    this.send('candidate', []);
  }

  /** Ends the connection, too. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.connection.removeEventListener('negotiationneeded', this.offer);
    this.connection.removeEventListener('icecandidate', this.candidate);
    this.cancelGather?.();
    this.channel.close();
    this.connection.close();
  }

  private readonly offer = (): void => {
    this.makingOffer = true;
    this.connection.setLocalDescription().then(() => this.describe()).catch((error: unknown) => this.report(error)).finally(() => {
      this.makingOffer = false;
    });
  };

  private readonly candidate = (event: PeerEvent): void => {
    // The end of the candidates says nothing that the other side needs.
    if (!event.candidate) return;
    const { candidate = '', sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = event.candidate;
    this.candidates.push({ candidate, sdpMid, sdpMLineIndex, usernameFragment });
    this.cancelGather ??= this.options.runtime.after(this.options.bounds.gather_ms, () => this.sendCandidates());
  };

  private sendCandidates(): void {
    this.cancelGather?.();
    this.cancelGather = undefined;
    const gathered = this.candidates.splice(0);
    if (gathered.length > 0) this.send('candidate', gathered);
  }

  /** Says what the connection has just described. */
  private describe(): void {
    const { localDescription } = this.connection;
    if (this.closed || !localDescription) return;
    const { type, sdp } = localDescription;
    this.send(type === 'offer' ? 'offer' : 'answer', { type, sdp });
  }

  private send(kind: SignalKind, message: unknown): void {
    try {
      this.channel.send(kind, JSON.stringify(message));
    } catch (error) {
      this.report(error);
    }
  }

  private async receive(kind: SignalKind, text: string): Promise<void> {
    const message: unknown = JSON.parse(text);
    if (kind === 'candidate' && Array.isArray(message)) {
      for (const candidate of message as Candidate[]) await this.connection.addIceCandidate(candidate).catch((error: unknown) => this.unlessIgnored(error));
    } else if (kind === 'offer' || kind === 'answer') await this.receiveDescription(kind, message as Description);
  }

  private async receiveDescription(kind: 'offer' | 'answer', { sdp }: Description): Promise<void> {
    const { connection } = this;
    const ready = !this.makingOffer && (connection.signalingState === 'stable' || this.settingAnswer);
    this.ignoringOffer = kind === 'offer' && !ready && !this.options.polite;
    if (this.ignoringOffer) return;
    this.settingAnswer = kind === 'answer';
    try {
      // Whoever offers while the other side's offer comes rolls back by this.
      await connection.setRemoteDescription({ type: kind, sdp });
    } finally {
      this.settingAnswer = false;
    }
    if (kind === 'answer' || this.closed) return;
    await connection.setLocalDescription();
    this.describe();
  }

  /** Candidates of an offer that was not taken fit nothing. */
  private unlessIgnored(error: unknown): void {
    if (!this.ignoringOffer) this.report(error);
  }

  /** What goes wrong because the connection was closed meanwhile is no error. */
  private report(error: unknown): void {
    if (!this.closed) this.options.error(error);
  }
}
