/** A replica of the database, for reads that may lag. */
import { randomUUID } from 'node:crypto';
import { createConversationCalls } from './conversation-calls.js';
import type { LaggingReads } from '../port.js';
import { ForeignReplicaError, type ReplicaPort } from '../replica.js';
import { createIdCodec } from './ids.js';
import { ConnectionLostError, type Line } from './line.js';
import { Lines, NoConnectionError } from './lines.js';
import { createLogCalls } from './log-calls.js';
import { sqlState } from './refusal.js';
import { runRuleRead } from './rule-reads.js';
import { createTenancyCalls } from './tenancy-calls.js';
import { createUserCalls } from './user-calls.js';

export interface PostgresReplicaOptions {
  /** The database itself. */
  readonly primary: { readonly url: string; readonly ca?: string };
  readonly replica: { readonly url: string; readonly ca?: string };
  /** Most connections to the replica at once, besides the one that looks how far it is. */
  readonly connections_max: number;
  readonly now: () => number;
  /** How long it may take to say something: then the database is asked instead. Default 2,000. */
  readonly answer_timeout_ms?: number;
}

const ANSWER_TIMEOUT_MS = 2_000;
/** Beats of nodes that are gone. */
const FORGOTTEN_MS = 86_400_000;

const BEAT = 'INSERT INTO replica_beats (node, beat, time_ms) VALUES ($1, $2, $3) ON CONFLICT (node) DO UPDATE SET beat = excluded.beat, time_ms = excluded.time_ms';

/** What a server and all its streaming replicas share, and no other has. */
const IDENTITY = 'SELECT (SELECT system_identifier FROM pg_control_system())::text AS system, (SELECT oid FROM pg_database WHERE datname = current_database())::text AS database';
interface Identity { readonly system: string; readonly database: string }

/**
 * Opens a replica. One that cannot be reached yet is no reason not to start.
 *
 * @throws ForeignReplicaError when it is no replica of the database; Error when its URL is none, or the database itself does not answer
 */
export async function openPostgresReplica(options: PostgresReplicaOptions): Promise<ReplicaPort> {
  const timeout_ms = options.answer_timeout_ms ?? ANSWER_TIMEOUT_MS;
  const bounds = {
    connect_timeout_ms: timeout_ms, statement_timeout_ms: timeout_ms, lock_timeout_ms: timeout_ms, idle_transaction_timeout_ms: timeout_ms,
    transaction_timeout_ms: timeout_ms, wait_timeout_ms: timeout_ms,
  };
  // To look and to beat has connections of its own: no read is in their way.
  const [beating, looking, reading] = [
    new Lines({ ...options.primary, ...bounds, connections_max: 1 }), new Lines({ ...options.replica, ...bounds, connections_max: 1 }),
    new Lines({ ...options.replica, ...bounds, connections_max: options.connections_max }),
  ];
  const node = randomUUID();
  const close = (): Promise<unknown> => Promise.all([beating, looking, reading].map((lines) => lines.close()));
  const identityIn = (lines: Lines): Promise<Identity> => lines.lend(async (line) => (await line.query<Identity>(IDENTITY)).rows[0]!);
  let known = false;

  async function identify(own: Identity): Promise<void> {
    const there = await identityIn(looking);
    if (there.system !== own.system) throw new ForeignReplicaError(`it is no replica of the database: it belongs to the Postgres system ${there.system}, not ${own.system}`);
    if (there.database !== own.database) throw new ForeignReplicaError('it is no replica of the database: it is another database of the same Postgres system; name the same one in both URLs');
    known = true;
  }

  try {
    const own = await identityIn(beating);
    await beating.lend((line) => line.query('DELETE FROM replica_beats WHERE time_ms < $1', [options.now() - FORGOTTEN_MS]));
    await identify(own).catch((error: unknown) => {
      // It may come, and be set right there, while the node works.
      if (!(error instanceof ConnectionLostError) && !(error instanceof NoConnectionError) && sqlState(error) === '') throw error;
    });
    return {
      reads: readsOn((run) => reading.lend(run)),
      beat: (beat) => beating.lend(async (line) => void await line.query(BEAT, [node, beat, options.now()])),
      async seen() {
        if (!known) await identify(own);
        const { rows: [row] } = await looking.lend((line) => line.query<{ beat: number }>('SELECT beat FROM replica_beats WHERE node = $1', [node]));
        return row?.beat ?? null;
      },
      async stop() {
        await beating.lend((line) => line.query('DELETE FROM replica_beats WHERE node = $1', [node])).catch(() => undefined);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Each as the database itself answers it. */
function readsOn(lend: <T>(run: (line: Line) => Promise<T>) => Promise<T>): LaggingReads {
  const ids = createIdCodec();
  const [users, conversations, tenancy, log] = [createUserCalls(ids), createConversationCalls(ids), createTenancyCalls(ids), createLogCalls(ids)];
  return {
    messages: (query) => lend((line) => runRuleRead(line, ids, 'messages', [query])),
    inbox: (...args) => lend((line) => runRuleRead(line, ids, 'inbox', args)),
    members: (...args) => lend((line) => runRuleRead(line, ids, 'members', args)),
    conversations: (...args) => lend((line) => conversations.conversations(line, ...args)),
    users: (...args) => lend((line) => users.users(line, ...args)),
    tenants: (...args) => lend((line) => tenancy.tenants(line, ...args)),
    apps: (...args) => lend((line) => tenancy.apps(line, ...args)),
    usage: (...args) => lend((line) => log.usage(line, ...args)),
  };
}
