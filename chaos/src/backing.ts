/** What the nodes of a cluster share: a Postgres and a NATS, each node's way there through a proxy of its own. */
import { startProxy, type Proxy, type Scene } from '@talaria/probe/harness';
import { startNats, startPostgres, type NatsServer, type PostgresOptions, type PostgresServer } from '@talaria/services';
import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import postgres from 'postgres';
import type { Net } from './net.js';
import type { Seat } from './seat.js';

export interface Way {
  readonly postgres: Proxy;
  readonly nats: Proxy;
  /** Tells a node of it, as it is now. */
  readonly seat: Seat;
}

export interface BackingOptions {
  /** How Postgres is set up. It waits for the disk in any case. */
  readonly postgres?: PostgresOptions;
  /** Nodes live in namespaces of their own, and go to both directly. */
  readonly net?: Net;
}

export interface Backing {
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  readonly ways: readonly Way[];
  /** Where nodes live, when not on this machine's own network. */
  readonly net: Net | undefined;
  /** Of the installation: every node has the same. */
  readonly secret: string;
  /** The database that nodes use, past their proxies. */
  readonly url: string;
  /** Nodes that are started from now on use another database. */
  use(url: string): void;
  /** A session of its own, as an operator has one. @param url of another database */
  session<T>(work: (sql: postgres.Sql) => Promise<T>, url?: string): Promise<T>;
}

const CONNECT_S = 10;

/** @throws Error when there is no Postgres or NATS to be had, or one is given that this command cannot break */
export async function openBacking(scene: Scene, nodes: number, { postgres: how = {}, net }: BackingOptions = {}): Promise<Backing> {
  // Postgres does not run as root, and may have to enter.
  chmodSync(scene.directory, 0o711);
  const starting = [startPostgres({ ...how, durable: true, ...(net ? { address: { own: net.address, from: net.subnet } } : {}) }), startNats(net ? { address: net.address } : {})] as const;
  // Both, whether they start or not: what has started must end with the scene.
  for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') scene.onClose(() => one.value.stop());
  const [database, nats] = await Promise.all(starting);
  if (!database.process || !nats.process) throw new Error('it breaks Postgres and NATS: leave TALARIA_TEST_POSTGRES_URL and TALARIA_TEST_NATS_URL unset');
  const used = { url: await database.createDatabase() };
  const ways = await Promise.all(Array.from({ length: nodes }, async (_, at): Promise<Way> => {
    const way = { postgres: await startProxy(database.port), nats: await startProxy(nats.port) };
    scene.onClose(() => way.postgres.close());
    scene.onClose(() => way.nats.close());
    return {
      ...way,
      get seat() {
        const url = new URL(used.url);
        if (net) url.hostname = net.address;
        else url.port = String(way.postgres.port);
        return { ...net?.seat(at), env: { TALARIA_DATABASE_URL: url.href, TALARIA_NATS_URL: net ? nats.url : `nats://127.0.0.1:${way.nats.port}` } };
      },
    };
  }));
  return {
    postgres: database, nats, ways, net, secret: randomBytes(32).toString('base64'),
    get url() {
      return used.url;
    },
    use(url) {
      used.url = url;
    },
    async session(work, url = used.url) {
      const sql = postgres(url, { max: 1, connect_timeout: CONNECT_S, onnotice: () => undefined, connection: { application_name: 'operator' } });
      try {
        return await work(sql);
      } finally {
        await sql.end({ timeout: 2 });
      }
    },
  };
}
