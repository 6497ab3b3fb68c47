/** What runs beside some subjects: one Postgres and one NATS for all subjects of a scenario, started when they are first needed. */
import { startNats, startPostgres, type NatsServer, type PostgresServer } from '@talaria/services';
import postgres from 'postgres';
import { treeCpuUs } from './process-tree.js';

export type ServiceName = 'postgres' | 'nats';
/** URLs. */
export type Places = Readonly<Partial<Record<ServiceName, string>>>;

/** What a database has on its disk, and has written to its log. */
export interface Stored {
  readonly bytes: number;
  readonly wal_bytes: number;
  readonly messages: number;
}

export class Services {
  private postgres: PostgresServer | undefined;
  private nats: NatsServer | undefined;

  /** Where they are for one subject: the database is its own, and empty. @throws Error that says how to get a server */
  async placesOf(needed: readonly ServiceName[]): Promise<Places> {
    return {
      ...(needed.includes('postgres') ? { postgres: await this.freshDatabase() } : {}),
      ...(needed.includes('nats') ? { nats: (this.nats ??= await startNats()).url } : {}),
    };
  }

  /** CPU time so far, of those that were started here. */
  cpuUs(): Readonly<Partial<Record<ServiceName, number>>> {
    const [postgresPid, natsPid] = [this.postgres?.process?.pid, this.nats?.process?.pid];
    return { ...(postgresPid === undefined ? {} : { postgres: treeCpuUs(postgresPid) }), ...(natsPid === undefined ? {} : { nats: treeCpuUs(natsPid) }) };
  }

  /** @param url of a subject's database */
  async stored(url: string): Promise<Stored> {
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    try {
      const [found] = await sql<{ bytes: string; wal_bytes: string; events: string | null }[]>`SELECT pg_database_size(current_database()) AS bytes, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS wal_bytes, to_regclass('events') AS events`;
      const [counted] = await sql<{ messages: string }[]>`SELECT count(*) AS messages FROM ${sql(found!.events === null ? 'messages' : 'events')}`;
      return { bytes: Number(found!.bytes), wal_bytes: Number(found!.wal_bytes), messages: Number(counted!.messages) };
    } finally {
      await sql.end();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.postgres?.stop(), this.nats?.stop()]);
    [this.postgres, this.nats] = [undefined, undefined];
  }

  private async freshDatabase(): Promise<string> {
    this.postgres ??= await startPostgres({ durable: true, settings: { max_locks_per_transaction: '1024' } });
    const url = await this.postgres.createDatabase();
    // What the subject before has left unwritten is not for the next one to pay.
    const sql = postgres(url, { max: 1, onnotice: () => undefined });
    await sql`CHECKPOINT`;
    await sql.end();
    return url;
  }
}
