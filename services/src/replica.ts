/** A streaming replica of a Postgres that was started here: the server's files are copied while it works, and its log is followed from there. */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { startKept, startRestartable, type KeptProcess } from './keeper.js';
import { ready, withClient } from './postgres-client.js';

export interface PostgresReplica {
  readonly port: number;
  /** Of the primary's first database, as the replica has it. */
  readonly url: string;
  /** A database of the primary, as the replica has it. */
  urlOf(primaryUrl: string): string;
  readonly process: KeptProcess;
  /** What arrives is kept, and shows no more. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
  /** Starts it again after it has ended, on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What is copied. */
export interface PrimaryFiles {
  readonly url: string;
  readonly data: string;
  readonly program: string;
  /** As `postgres -c name=value`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly who: { readonly uid?: number; readonly gid?: number };
}

/** What a running server has for itself alone; the log is sent. */
const NOT_COPIED = /^(?:postmaster\.(?:pid|opts)|(?:pg_wal|pg_replslot|pg_notify|pg_dynshmem|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/.*|base\/pgsql_tmp.*)$/;

export async function startReplica(primary: PrimaryFiles): Promise<PostgresReplica> {
  const folder = mkdtempSync(join(tmpdir(), 'talaria-replica-'));
  const data = join(folder, 'data');
  const slot = `replica_${randomBytes(6).toString('hex')}`;
  const own = (path: string): void => {
    if (primary.who.uid !== undefined && primary.who.gid !== undefined) chownSync(path, primary.who.uid, primary.who.gid);
  };
  own(folder);
  try {
    await withClient(primary.url, async (sql) => {
      // From here on the primary keeps its log for this replica.
      await sql`SELECT pg_create_physical_replication_slot(${slot}, true)`;
      await sql`SELECT pg_backup_start('replica', true)`;
      copyTree(primary.data, data, '', own);
      const [row] = await sql<{ labelfile: string }[]>`SELECT labelfile FROM pg_backup_stop(false)`;
      writeFileSync(join(data, 'backup_label'), row!.labelfile);
    });
    writeFileSync(join(data, 'standby.signal'), '');
    chmodSync(data, 0o700);
    for (const name of ['backup_label', 'standby.signal']) own(join(data, name));
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const port = await freePort();
  const { hostname, port: from, username, password } = new URL(primary.url);
  const settings = {
    ...primary.settings, port: String(port), hot_standby: 'on', primary_slot_name: slot,
    primary_conninfo: `host=${hostname} port=${from} user=${username} password=${password} application_name=${slot}`,
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const urlOf = (primaryUrl: string): string => {
    const here = new URL(primaryUrl);
    here.port = String(port);
    return here.href;
  };
  const start = async (): Promise<KeptProcess> => {
    const started = await startKept(primary.program, args, { ...primary.who, cwd: folder });
    await ready(urlOf(primary.url), started);
    return started;
  };
  const server = await startRestartable(start);
  return {
    port, url: urlOf(primary.url), urlOf,
    get process() {
      return server.process;
    },
    pauseReplay: () => withClient(urlOf(primary.url), async (sql) => {
      await sql`SELECT pg_wal_replay_pause()`;
      // What is being replayed comes to its end first.
      for (;;) {
        const [row] = await sql<{ state: string }[]>`SELECT pg_get_wal_replay_pause_state() AS state`;
        if (row?.state === 'paused') return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }),
    resumeReplay: () => withClient(urlOf(primary.url), async (sql) => void await sql`SELECT pg_wal_replay_resume()`),
    restart: () => server.restart(),
    async stop() {
      await server.process.stop();
      rmSync(folder, { recursive: true, force: true });
      // A primary that has ended already keeps nothing.
      await withClient(primary.url, (sql) => sql`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ${slot} AND NOT active`).catch(() => undefined);
    },
  };
}

/** A file that goes away meanwhile is none that the replica needs: the log says so too. */
function copyTree(from: string, to: string, below: string, own: (path: string) => void): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  own(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory() && !NOT_COPIED.test(path)) copyTree(source, target, path, own);
    else if (entry.isFile() && !NOT_COPIED.test(path)) copyFile(source, target, own);
  }
}

function copyFile(from: string, to: string, own: (path: string) => void): void {
  try {
    copyFileSync(from, to);
    own(to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
