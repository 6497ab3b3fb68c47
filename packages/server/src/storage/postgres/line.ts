import { connect as connectSocket, type Socket } from 'node:net';
import postgres from 'postgres';
import { startTls, tlsChoiceOf, type TlsChoice } from './tls.js';

export interface LineOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` where it is wanted. */
  readonly url: string;
  /** Of the authority that signed the server's certificate. With it, TLS is used and the certificate checked. */
  readonly ca?: string;
  readonly connect_timeout_ms: number;
  /** Told to the server: it ends a statement, or a wait for a lock, that takes longer, and a transaction that is left open. */
  readonly statement_timeout_ms: number;
  readonly lock_timeout_ms: number;
  readonly idle_transaction_timeout_ms: number;
}

/**
 * A statement is prepared once, when its table may be empty: the plan that Postgres then keeps must be the one for a full table.
 * Each of ours is an index range for each thing that is asked for.
 */
export const PLAN_SETTINGS = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' } as const;

/** The connection is gone: whether the last statements were carried out is not known. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

export type Parameter = string | number | boolean | null;

/** What a statement gave. */
export interface Answer<Row> {
  readonly rows: readonly Row[];
  /** Rows that were changed or found. */
  readonly count: number;
  /** The server's own name for what it did: `COMMIT`, say, or `ROLLBACK`. */
  readonly command: string;
}

/**
 * One connection to Postgres, which ends once. The library would connect again by itself, and would carry out what stood behind
 * a lost `BEGIN` outside of any transaction (porsager/postgres 1189, 1195): here there is no second socket, and all that waits
 * fails the moment the first one closes.
 */
export class Line {
  private readonly sql: postgres.Sql;
  /** What waits for an answer, to be told when none comes. */
  private readonly waiting = new Set<(error: Error) => void>();
  private socket: Socket | undefined;
  private over = false;

  /** @throws Error when the URL or the authority is none */
  constructor(options: LineOptions) {
    const tls = tlsChoiceOf(options.url, options.ca);
    this.sql = postgres(options.url, {
      max: 1, idle_timeout: 0, max_lifetime: null, fetch_types: false, prepare: true, backoff: () => 0, connect_timeout: options.connect_timeout_ms / 1_000,
      onnotice: () => undefined,
      ssl: false,
      // Seqs, positions and times stay below 2^53.
      types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
      connection: {
        application_name: 'talaria', statement_timeout: options.statement_timeout_ms, lock_timeout: options.lock_timeout_ms,
        idle_in_transaction_session_timeout: options.idle_transaction_timeout_ms, ...PLAN_SETTINGS,
      },
      socket: (given: SocketOptions) => this.connect(given, tls, options.connect_timeout_ms),
    } as postgres.Options<{ bigint: postgres.PostgresType<number> }>);
  }

  /** Whether it takes statements. */
  get alive(): boolean {
    return !this.over;
  }

  /**
   * Sends a statement. Those that are sent without waiting go together, and are carried out in order.
   *
   * @throws ConnectionLostError; the server's refusals as they come, with their `code`
   */
  query<Row extends object>(text: string, parameters: readonly Parameter[] = []): Promise<Answer<Row>> {
    if (this.over) return Promise.reject(new ConnectionLostError('the connection to Postgres is closed'));
    const answer = this.sql.unsafe<Row[]>(text, parameters as Parameter[], { prepare: true }).then(
      (rows) => ({ rows, count: rows.count, command: rows.command }),
      (error: unknown) => {
        throw isServerError(error) ? error : this.end(error);
      },
    );
    return this.orLost(answer);
  }

  /** Statements that `send` sends go out in one write, as far as they are long. @param send waits for nothing */
  together<T>(send: () => T): T {
    this.socket?.cork();
    try {
      return send();
    } finally {
      this.socket?.uncork();
    }
  }

  /** Runs a script of statements without parameters, as a migration is. @throws as `query` */
  async script(text: string): Promise<void> {
    if (this.over) throw new ConnectionLostError('the connection to Postgres is closed');
    await this.orLost(this.sql.unsafe(text).simple());
  }

  /** Ends it at once, whatever is under way. */
  break(why: string): void {
    this.end(new Error(why));
  }

  /** Ends it when what was sent has been answered. */
  async close(): Promise<void> {
    if (this.over) return;
    this.over = true;
    await this.sql.end({ timeout: 1 });
    this.socket?.destroy();
  }

  /** A race with one promise for all would keep every answer for as long as the connection lives. */
  private orLost<T>(answer: PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.add(reject);
      answer.then(
        (value) => {
          this.waiting.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.waiting.delete(reject);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  private end(cause: unknown): ConnectionLostError {
    const error = new ConnectionLostError(`the connection to Postgres was lost: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    if (!this.over) {
      this.over = true;
      for (const fail of this.waiting) fail(error);
      this.socket?.destroy();
      void this.sql.end({ timeout: 0 });
    }
    return error;
  }

  private connect(given: SocketOptions, tls: TlsChoice, timeout_ms: number): Promise<Socket> {
    if (this.socket) return Promise.reject(new Error('the connection has ended'));
    const [host = 'localhost', port = 5432] = [given.host[0], given.port[0]];
    const socket = given.path ? connectSocket(given.path) : connectSocket(port, host);
    this.socket = socket;
    socket.setNoDelay(true);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(new Error(`${host}:${port} did not answer in ${timeout_ms} ms`)), timeout_ms);
      const settled = (): void => clearTimeout(timer);
      const failed = (error: Error): void => {
        settled();
        reject(error);
      };
      socket.once('connect', () => {
        startTls(socket, tls, host).then((ready) => {
          settled();
          // What is destroyed in the end is what is written to.
          this.socket = ready;
          if (this.over) ready.destroy();
          resolve(ready);
        }, (error: Error) => {
          failed(error);
          socket.destroy();
        });
      });
      socket.on('error', failed);
      socket.once('close', () => {
        settled();
        reject(new Error('closed'));
        this.end(new Error('the server closed it'));
      });
    });
  }
}

interface SocketOptions {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

/** The server has answered, and the connection goes on; but for those that say it ends. */
function isServerError(error: unknown): error is postgres.PostgresError {
  if (!(error instanceof Error) || error.name !== 'PostgresError') return false;
  const { severity_local: severity } = error as postgres.PostgresError;
  return severity !== 'FATAL' && severity !== 'PANIC';
}
