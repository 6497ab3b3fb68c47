import type { Welcome } from '@talaria/protocol';
import type { TalariaError } from '../errors.js';

/** Where the connection is, as the app sees it. */
export type Status =
  /** The first connection is being made. */
  | { readonly state: 'connecting' }
  | { readonly state: 'connected'; readonly userId: string }
  /** The connection was lost; the next attempt comes by itself. */
  | { readonly state: 'reconnecting'; readonly reason: string; readonly attempt: number; readonly retryInMs: number }
  /** It has not come back for a while. Attempts go on, far apart. */
  | { readonly state: 'suspended'; readonly reason: string; readonly attempt: number; readonly retryInMs: number }
  /** For good: by `close()`, or because the server will not have this client. */
  | { readonly state: 'closed'; readonly reason: string; readonly error: TalariaError | undefined };

export type ServerInfo = Pick<Welcome, 'connection_id' | 'user_id' | 'epoch' | 'heartbeat_ms' | 'in_flight_max' | 'token_expires_ms'>;
