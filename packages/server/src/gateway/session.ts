import type { DownInput, ProtocolError, ServerCodec } from '@talaria/protocol';
import { errorInfo, type ErrorCode } from '@talaria/protocol';
import type { VerifiedToken } from '../domain/auth/token-claims.js';
import type { Counts } from '../domain/counts.js';
import type { AppEntry } from '../domain/tenancy/app-directory.js';
import { Lane } from '../storage/lane.js';
import type { Cancel } from '../runtime/clock.js';
import type { LogFields } from '../runtime/log.js';
import type { FollowList } from './follow-list.js';
import type { LogFeed } from './log-feeds.js';
import { refusalFrame, type RefusalTarget } from './refusal.js';
import type { LiveFollow, StreamFeed } from './stream-feed.js';
import type { Socket } from './transport-port.js';

/** What is known to be visible without asking the log again (RES4). */
export interface Grant {
  /** Everything from here … */
  readonly fromSeq: number;
  /** … to here is visible; beyond it only a `member.left` of the user ends it. */
  readonly atSeq: number;
}

/** Where a follow stands that is behind: off the topic, to be caught up by the one catch-up mechanism. */
export interface Behind {
  readonly cursorSeq: number;
  readonly grant: Grant | undefined;
  /** The client's, until it has been compared (RES5). */
  readonly check: number | undefined;
  /** Whether the client is told when it has caught up. */
  readonly announce: boolean;
}

/** One connection that is behind on one stream. */
export interface BehindFollow {
  readonly kind: 'behind';
  readonly session: Session;
  readonly feed: StreamFeed;
  readonly all: boolean;
  /** Replay to the head, then leave. */
  readonly once: boolean;
  /** Undefined when it has gone live, has ended, or was replaced. */
  at: Behind | undefined;
}

/** One connection following one stream. */
export type Follow = LiveFollow | BehindFollow;

/** Where a connection is. Each state has only what belongs to it. */
export type SessionState =
  /** Waits for hello. */
  | { readonly kind: 'greeting'; readonly cancelTimeout: Cancel }
  /** Hello has come; token and resume are being looked at. */
  | { readonly kind: 'authenticating' }
  | { readonly kind: 'open'; readonly open: OpenSession }
  | { readonly kind: 'closed' };

/** What an authenticated connection has. */
export interface OpenSession {
  readonly userId: string;
  /** The log that the app's facts stand in. */
  readonly log: LogFeed;
  readonly agent: string;
  /** As the client names its device; empty when it does not. */
  readonly deviceId: string;
  readonly openedMs: number;
  /** As presence tells devices apart. */
  readonly device: number;
  /** The user has turned away from it. */
  away: boolean;
  /** Whether others are shown that the user is typing; a promise while that is being read, undefined until it is, and when it may have changed. */
  typing: boolean | Promise<boolean> | undefined;
  token: VerifiedToken;
  readonly follows: FollowList<Follow>;
  /** Made when the first command comes: most connections only listen. */
  lanes: Map<string, LaneState> | undefined;
  /** Conversations the client wants followed by itself. */
  readonly followRecent: number;
  readonly replayMax: number;
  /** Follows that are not live. */
  behind: Set<BehindFollow> | undefined;
  catchingUp: boolean;
  /** The socket takes no more for now: off the topics until it has drained (FLW1). */
  stalled: boolean;
  /** Commands that wait for their answer. */
  inFlight: number;
  /** The user has conversations beyond the followed ones; heartbeats bring their heads. */
  beyond: boolean;
  toldPosition: number;
  /** What heartbeats have told: everything that moved up to this tick of the feed. */
  toldTick: number;
  nextBeatMs: number;
  missedPongs: number;
  /** When the last answer to a beat came; null before the first. */
  pongMs: number | null;
}

/** Commands of this connection for one stream. */
export interface LaneState {
  readonly lane: Lane;
  /** The last command that is not handed to the storage yet. */
  tail: Promise<unknown> | undefined;
  /** Commands that wait for their answer: it may block the lane. */
  waiting: number;
}

const LANES_MAX = 256;

/** One connection: its socket, its subprotocol, its state, and the frames that wait for the end of the turn. */
export class Session {
  socket!: Socket;
  private current: SessionState;
  private out: Uint8Array[] = [];

  /** @param flushLater asks for `flush` at the end of the turn */
  constructor(
    readonly id: string, readonly app: AppEntry, readonly codec: ServerCodec, readonly address: string, readonly origin: string | undefined,
    /** The trace of whoever opened the connection, or a new one; on every line of the log about it. */
    readonly traceId: string,
    private readonly flushLater: (session: Session) => void,
    private readonly counts: Pick<Counts, 'refusals'>,
  ) {
    this.current = { kind: 'authenticating' };
  }

  get state(): SessionState {
    return this.current;
  }

  /** The only way the state changes. Closed is final. */
  become(next: SessionState): void {
    if (this.current.kind === 'closed') return;
    if (this.current.kind === 'greeting') this.current.cancelTimeout();
    this.current = next;
  }

  get open(): OpenSession | undefined {
    return this.current.kind === 'open' ? this.current.open : undefined;
  }

  get userId(): string {
    return this.open?.userId ?? '';
  }

  /** Queues a frame; frames of one turn leave in one write. */
  write(frame: DownInput): void {
    if (this.current.kind !== 'closed') this.send(this.codec.encodeDown(frame));
  }

  /** Queues a refusal (SND5). */
  refuse(error: ProtocolError, target: RefusalTarget = {}, requestId = ''): void {
    this.counts.refusals[error.code] += 1;
    this.write(refusalFrame(error, target, requestId));
  }

  /** Queues an encoded frame. */
  send(bytes: Uint8Array): void {
    if (this.current.kind === 'closed') return;
    if (this.out.length === 0) this.flushLater(this);
    this.out.push(bytes);
  }

  flush(): void {
    if (this.out.length === 0 || this.current.kind === 'closed') return;
    const frames = this.out;
    this.out = [];
    this.socket.batch(() => {
      for (const frame of frames) this.socket.send(frame, this.codec.binary);
    });
  }

  lane(stream: string): LaneState {
    const { open } = this;
    const known = open?.lanes?.get(stream);
    if (known) return known;
    const fresh: LaneState = { lane: new Lane(), tail: undefined, waiting: 0 };
    if (!open) return fresh;
    const lanes = open.lanes ??= new Map<string, LaneState>();
    if (lanes.size >= LANES_MAX) {
      for (const [name, one] of lanes) if (one.lane.idle && one.waiting === 0) lanes.delete(name);
    }
    lanes.set(stream, fresh);
    return fresh;
  }

  /** Ends the connection with the code's close code; the reason is the code itself. */
  close(code: ErrorCode): void {
    if (this.current.kind === 'closed') return;
    this.flush();
    this.socket.close(errorInfo(code).close ?? 4500, code);
  }
}

/** What every line of the log about a connection says. */
export const connectionFields = (session: Session): LogFields =>
  ({ connection: session.id, trace: session.traceId, app: session.app.row.id, user: session.userId || undefined, address: session.address });
