/** Two connections that behave as two of the browser do towards signalling (WebRTC 1.0, 4.3 and 4.4.1.5): offers, answers, rollback. */
import type { Candidate, Description, PeerConnection, PeerEvent } from '../../src/calling/link.js';

export class PeerDouble implements PeerConnection {
  signalingState = 'stable';
  connectionState = 'new';
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  readonly candidates: Candidate[] = [];
  rollbacks = 0;
  private readonly listeners = new Map<string, Set<(event: PeerEvent) => void>>();
  private offers = 0;
  private before: Description | null = null;

  constructor(readonly name: string, private readonly sdpChars = 20) {}

  async setLocalDescription(): Promise<void> {
    await this.open();
    if (this.signalingState === 'have-remote-offer') {
      this.localDescription = { type: 'answer', sdp: `answer of ${this.name} to ${this.remoteDescription?.sdp ?? ''}` };
      this.signalingState = 'stable';
      this.connectionState = 'connected';
      return;
    }
    this.before = this.localDescription;
    this.localDescription = { type: 'offer', sdp: `offer ${this.offers += 1} of ${this.name}`.padEnd(this.sdpChars, '\r\n') };
    this.signalingState = 'have-local-offer';
  }

  async setRemoteDescription(description: Description): Promise<void> {
    await this.open();
    const { type } = description;
    if (type === 'answer' && this.signalingState !== 'have-local-offer') throw new Error(`an answer in ${this.signalingState}`);
    if (type === 'offer' && this.signalingState === 'have-local-offer') {
      this.rollbacks += 1;
      this.localDescription = this.before;
    }
    this.remoteDescription = description;
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
    if (type === 'answer') this.connectionState = 'connected';
  }

  async addIceCandidate(candidate: Candidate): Promise<void> {
    await this.open();
    if (!this.remoteDescription) throw new Error('a candidate before any description');
    this.candidates.push(candidate);
  }

  close(): void {
    this.signalingState = 'closed';
    this.connectionState = 'closed';
  }

  addEventListener(type: string, listener: (event: PeerEvent) => void): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: string, listener: (event: PeerEvent) => void): void {
    this.listeners.get(type)?.delete(listener);
  }

  /** As when the app has added a track or a channel. */
  negotiate(): void {
    this.emit({ type: 'negotiationneeded' });
  }

  find(...candidates: readonly string[]): void {
    for (const candidate of candidates) this.emit({ type: 'icecandidate', candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: this.name } });
    this.emit({ type: 'icecandidate', candidate: null });
  }

  get watched(): boolean {
    return [...this.listeners.values()].some((set) => set.size > 0);
  }

  private emit(event: PeerEvent): void {
    for (const listener of this.listeners.get(event.type) ?? []) listener(event);
  }

  /** What the browser does takes a turn; nothing is done with a connection that is closed. */
  private async open(): Promise<void> {
    await Promise.resolve();
    if (this.signalingState === 'closed') throw new Error('the connection is closed');
  }
}
