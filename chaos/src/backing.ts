/** What the nodes of a cluster share: a Postgres and a NATS, each node's way there through a proxy of its own. */
import { startProxy, type Proxy, type Scene } from '@talaria/probe/harness';
import { startNats, startPostgres, type NatsServer, type PostgresServer } from '@talaria/services';
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';

export interface Way {
  readonly postgres: Proxy;
  readonly nats: Proxy;
  /** Tells a node of it. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Backing {
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  readonly ways: readonly Way[];
  /** Of the installation: every node has the same. */
  readonly secret: string;
  /** A session of its own, as an operator has one. */
  session<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T>;
}

/** @throws Error when there is no Postgres or NATS to be had, or one is given that this command cannot break */
export async function openBacking(scene: Scene, nodes: number): Promise<Backing> {
  const [database, nats] = await Promise.all([startPostgres({ durable: true }), startNats()]);
  scene.onClose(() => database.stop());
  scene.onClose(() => nats.stop());
  if (!database.process || !nats.process) throw new Error('it breaks Postgres and NATS: leave TALARIA_TEST_POSTGRES_URL and TALARIA_TEST_NATS_URL unset');
  const url = await database.createDatabase();
  const ways = await Promise.all(Array.from({ length: nodes }, async () => {
    const way = { postgres: await startProxy(database.port), nats: await startProxy(nats.port) };
    scene.onClose(() => way.postgres.close());
    scene.onClose(() => way.nats.close());
    const own = new URL(url);
    own.port = String(way.postgres.port);
    return { ...way, env: { TALARIA_DATABASE_URL: own.href, TALARIA_NATS_URL: `nats://127.0.0.1:${way.nats.port}` } };
  }));
  return {
    postgres: database, nats, ways, secret: randomBytes(32).toString('base64'),
    async session(work) {
      const sql = postgres(url, { max: 1, onnotice: () => undefined, connection: { application_name: 'operator' } });
      try {
        return await work(sql);
      } finally {
        await sql.end({ timeout: 2 });
      }
    },
  };
}
