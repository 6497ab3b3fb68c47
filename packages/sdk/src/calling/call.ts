/** One call, as a device of the user sees it. */
import { foldCall, inCall, type CallState, type StateFact } from '@talaria/protocol';
import type { Client } from '../client.js';
import type { Conversation } from '../conversation/conversation.js';
import { Emitter } from '../emitter.js';
import { defaultChannelBounds, typeOf, type SignalData, type SignalKind } from './channel.js';
import type { PeerConnection } from './link.js';
import { Peers, type CallPeer, type PeerListeners } from './peers.js';
import { randomName, type CallRuntime } from './surroundings.js';

/**
 * Why a call does not ring here any more: it was answered on this device or on another one of the user, declined on any of them, is
 * over, or has rung for as long as it was to.
 */
export type StopReason = 'answered' | 'answered_elsewhere' | 'declined' | 'ended' | 'timeout';

/** What a call tells. */
export interface CallEvents {
  /** Something is different: who is in it, who has declined, whether it is over. */
  change: CallState;
  /** It does not ring here any more. Once. */
  stop: StopReason;
  /** It is over; `reason` says why. Once. */
  ended: CallState;
}

/** What calls of one device share. */
export interface CallContext {
  readonly client: Client;
  readonly device: string;
  readonly runtime: CallRuntime;
}

/** Signals that come before it is known here that their device is in the call. */
const EARLY_MAX = 64;

/** One call, as one device sees it. Made by `createCalls`. */
export class Call {
  private readonly events = new Emitter<CallEvents>();
  private readonly conversation: Conversation;
  private current: CallState;
  private isRinging = false;
  private cancelRing: (() => void) | undefined;
  private peers: Peers | undefined;
  private readonly early: { readonly user: string; readonly kind: SignalKind; readonly signal: SignalData }[] = [];

  /** @internal */
  constructor(private readonly context: CallContext, state: CallState) {
    this.current = state;
    this.conversation = context.client.conversations.open(state.conversation_id);
  }

  get id(): string {
    return this.current.id;
  }

  /** As `calls.get` shows it. */
  get state(): CallState {
    return this.current;
  }

  /** Whether it rings on this device now. */
  get ringing(): boolean {
    return this.isRinging;
  }

  /** Whether this device is in the call. */
  get joined(): boolean {
    return this.own !== undefined;
  }

  /** @returns how to stop listening */
  on<Name extends keyof CallEvents>(name: Name, listener: (event: CallEvents[Name]) => void): () => void {
    return this.events.on(name, listener);
  }

  /** Answers on this device. @throws TalariaError already_answered when another device of the user was faster; call_ended, limit_reached, closed */
  async accept(): Promise<void> {
    await this.context.client.command('calls.answer', { call_id: this.id, device_id: this.context.device });
    await this.refresh();
  }

  /** Does not answer, on none of the user's devices. @throws TalariaError call_ended, conflict, closed */
  async decline(): Promise<void> {
    await this.context.client.command('calls.decline', { call_id: this.id });
  }

  /** Leaves: a direct call ends by it, and a call that has rung for nobody yet. @throws TalariaError call_ended, conflict, closed */
  async leave(): Promise<void> {
    this.peers?.close(true);
    await this.context.client.command('calls.leave', { call_id: this.id });
  }

  /** Ends it for everybody. @param reason `failed` when no connection came about @throws TalariaError call_ended, forbidden, closed */
  async end(reason: 'hung_up' | 'failed' = 'hung_up'): Promise<void> {
    this.peers?.close(true);
    await this.context.client.command('calls.end', { call_id: this.id, reason });
  }

  /**
   * Connects with every other device in the call, as they come and go, for as long as this one is in it. The connections are the app's:
   * what is signalled for them is done here.
   *
   * @param create makes the connection to a device, an `RTCPeerConnection` with what it is to carry. It is asked again for a device that
   *   has begun anew, as a page that was loaded again
   * @returns how to part from all of them
   */
  connect(create: (peer: CallPeer) => PeerConnection, listeners: PeerListeners = {}): () => void {
    const { client, device, runtime } = this.context;
    this.peers?.close(false);
    const peers = new Peers({
      ...listeners, callId: this.id, user: client.userId, device, session: `${client.now().toString(36).padStart(9, '0')}${randomName(runtime)}`, create, runtime, bounds: defaultChannelBounds,
      send: (kind, signal) => this.conversation.signal(typeOf(kind), signal),
    });
    this.peers = peers;
    this.updatePeers();
    return () => {
      peers.close(true);
      if (this.peers === peers) this.peers = undefined;
    };
  }

  /** @internal Takes a fact about it. */
  fold(fact: StateFact): void {
    this.put(foldCall(this.current, fact));
  }

  /** @internal Takes what the server says of it, unless more is known here. */
  put(state: CallState): void {
    if (state.changed_seq <= this.current.changed_seq) return;
    this.current = state;
    const stopped = this.stopReason();
    if (stopped) this.stop(stopped);
    this.updatePeers();
    this.events.emit('change', state);
    if (state.state === 'ended') this.events.emit('ended', state);
  }

  /** @internal Reads it anew. */
  async refresh(): Promise<void> {
    this.put(await this.context.client.call('calls.get', { call_id: this.id }));
  }

  /** @internal Rings until somebody answers, or its time is over. @returns whether it does */
  ring(): boolean {
    const leftMs = this.current.rings_until_ms - this.context.client.now();
    if (this.stopReason() || this.current.started_by === this.context.client.userId || leftMs <= 0) return false;
    this.isRinging = true;
    this.cancelRing = this.context.runtime.after(leftMs, () => this.stop('timeout'));
    return true;
  }

  /** @internal Takes a signal that is for this call. */
  signalled(user: string, kind: SignalKind, signal: SignalData): void {
    const { userId } = this.context.client;
    if (signal.to.user !== userId || signal.to.device !== this.context.device) return;
    if (this.peers?.knows(user, signal.from)) this.peers.take(user, kind, signal);
    else if (this.current.state !== 'ended' && this.early.length < EARLY_MAX) this.early.push({ user, kind, signal });
  }

  /** @internal */
  close(): void {
    this.stop('ended');
    this.peers?.close(true);
    this.peers = undefined;
  }

  private get own() {
    const own = inCall(this.current, this.context.client.userId);
    return own?.device_id === this.context.device ? own : undefined;
  }

  private stopReason(): StopReason | undefined {
    const { userId } = this.context.client;
    if (this.current.declined.includes(userId)) return 'declined';
    const own = this.current.participants.find((one) => one.user_id === userId);
    if (own) return own.device_id === this.context.device ? 'answered' : 'answered_elsewhere';
    return this.current.state === 'ended' ? 'ended' : undefined;
  }

  private stop(reason: StopReason): void {
    this.cancelRing?.();
    if (!this.isRinging) return;
    this.isRinging = false;
    this.events.emit('stop', reason);
  }

  private updatePeers(): void {
    const { peers, own } = this;
    if (!peers) return;
    const { userId } = this.context.client;
    peers.update(own, this.current.participants.filter((one) => one.left_ms === null && one.user_id !== userId));
    for (const one of this.early.splice(0)) this.signalled(one.user, one.kind, one.signal);
    if (this.current.state === 'ended') this.early.length = 0;
  }
}
