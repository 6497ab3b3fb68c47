import type { TokenContext } from './connection/connection.js';
import type { Runtime } from './runtime.js';
import type { Store } from './store/port.js';

/** Where, which app, who, and what is kept. */
export interface ConnectOptions {
  /** The server, e.g. `https://chat.example.com`. */
  readonly url: string;
  /** The app's public key, `pk_…`. */
  readonly app: string;
  /** A user token, or how to get one. It is asked for on connect, before it expires, and after it was refused; never twice at once. */
  readonly token: string | ((context: TokenContext) => Promise<string>);
  /** Where the outbox and cursors are kept. Default: in memory, as long as this client lives. */
  readonly store?: Store;
  /** Conversations that are followed without being opened, the most recently active first: 0 to 200. Default 200. */
  readonly follow?: number;
  /** What a gap that is too large to replay becomes for views (RES3). A client with a consumer always reads everything. Default `latest`. */
  readonly catchUp?: 'all' | 'latest';
  /** How long a read waits for its answer, in ms. Default 30,000. */
  readonly callTimeoutMs?: number;
  /** For tests and simulations. */
  readonly runtime?: Runtime;
}
