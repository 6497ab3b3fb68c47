import type { Cursor } from '@talaria/protocol';
import type { Domain } from '../domain/domain.js';
import type { LogFeeds } from './log-feeds.js';
import type { Session } from './session.js';
import type { Watches } from './watches.js';

export interface GatewayBounds {
  readonly hello_timeout_ms: number;
  readonly heartbeat_ms: number;
  /** Beats without an answer before a connection counts as dead. */
  readonly missed_pongs_max: number;
  /** Unsent bytes of a socket above which it is taken off the topics (FLW1). */
  readonly high_water_bytes: number;
  /** Unsent bytes below which it is caught up again. */
  readonly low_water_bytes: number;
  /** How often sockets are looked at. */
  readonly flow_sweep_ms: number;
  /** Facts read or sent at once in a catch-up. */
  readonly catch_up_page: number;
  /** About how many characters these may have together: what a slow socket may hold beyond the mark. */
  readonly catch_up_chars: number;
  /** The same for a client that is far behind and takes everything at once: small pages could be slower than what is said meanwhile. */
  readonly catch_up_page_far: number;
  readonly catch_up_chars_far: number;
  /** Connections of this node. */
  readonly connections_max: number;
}

export const defaultGatewayBounds: GatewayBounds = {
  hello_timeout_ms: 5_000, heartbeat_ms: 25_000, missed_pongs_max: 2, high_water_bytes: 262_144, low_water_bytes: 65_536, flow_sweep_ms: 100, catch_up_page: 200, catch_up_chars: 65_536,
  catch_up_page_far: 1_000, catch_up_chars_far: 262_144, connections_max: 100_000,
};

/** What the files of the gateway share. */
export interface GatewayParts {
  readonly domain: Domain;
  readonly feeds: LogFeeds;
  readonly bounds: GatewayBounds;
  readonly capabilities: readonly string[];
  /** Every connection that is open, and those of one user. */
  readonly sessions: SessionIndex;
  readonly watches: Watches;
  /** How many revocations this node has heard of. */
  revocations(): number;
  sessionOpened(session: Session): void;
  firstBeatMs(): number;
  /** Brings what is behind to the head. */
  catchUp(session: Session): Promise<void>;
  /** Follows a stream from the client's cursor, or from its head. */
  followStream(session: Session, stream: string, cursor: Cursor | undefined, options: { all: boolean; once: boolean }): void;
  /** Something went wrong in a connection: it is logged, once, without what the client sent. */
  failed(session: Session, error: unknown): void;
}

export interface SessionIndex {
  readonly all: ReadonlySet<Session>;
  ofUser(app: string, user: string): readonly Session[];
}
