import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';
import { startKept, type KeptProcess } from './keeper.js';

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** Null when the server is somebody else's. */
  readonly process: KeptProcess | null;
  /** Starts the server again after it has ended, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface NatsOptions {
  /** Never the one that `TALARIA_TEST_NATS_URL` names: for what needs a server of another kind. */
  readonly own?: boolean;
  /** More arguments for `nats-server`. */
  readonly args?: readonly string[];
}

const READY_MS = 10_000;
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/talaria/', import.meta.url));

/** Whether it is one of its own, which can be stopped and started again. */
export const startsOwnNats = (): boolean => !process.env['TALARIA_TEST_NATS_URL'];

/**
 * A real NATS server: the one that `TALARIA_TEST_NATS_URL` names, else one of its own.
 *
 * @throws Error that says how to get one
 */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const given = process.env['TALARIA_TEST_NATS_URL'];
  if (given && !options.own) {
    return {
      url: given, port: Number(new URL(given).port || 4222), process: null,
      restart: () => Promise.reject(new Error('the server of TALARIA_TEST_NATS_URL is not started again')),
      stop: () => Promise.resolve(),
    };
  }
  const program = findProgram();
  const port = await freePort();
  const start = async (): Promise<KeptProcess> => {
    const started = await startKept(program, ['-a', '127.0.0.1', '-p', String(port), ...(options.args ?? [])]);
    await listening(port, started);
    return started;
  };
  let running = await start();
  return {
    url: `nats://127.0.0.1:${port}`, port,
    get process() {
      return running;
    },
    async restart() {
      await running.ended;
      running = await start();
    },
    stop: () => running.stop(),
  };
}

function findProgram(): string {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
  if (onPath) return onPath;
  const cached = join(CACHE, 'nats-server/usr/sbin/nats-server');
  if (!existsSync(cached)) unpackDebianPackage();
  return cached;
}

/** Fetches the package and unpacks it where it is found again. Nothing is installed. */
function unpackDebianPackage(): void {
  const folder = mkdtempSync(join(tmpdir(), 'talaria-nats-'));
  const fetch = (): void => void execFileSync('apt-get', ['download', 'nats-server'], { cwd: folder, stdio: 'pipe' });
  try {
    try {
      fetch();
    } catch {
      // The list of packages may be old, or not there yet.
      execFileSync('apt-get', ['update'], { stdio: 'pipe' });
      fetch();
    }
    const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (!file) throw new Error('apt-get has downloaded nothing');
    mkdirSync(CACHE, { recursive: true });
    // Made aside and moved, so that another process finds all of it or nothing.
    const aside = join(CACHE, `nats-server-${randomBytes(4).toString('hex')}`);
    execFileSync('dpkg-deb', ['-x', join(folder, file), aside], { stdio: 'pipe' });
    try {
      renameSync(aside, join(CACHE, 'nats-server'));
    } catch {
      // Another process was first.
      rmSync(aside, { recursive: true, force: true });
    }
  } catch (error) {
    throw new Error('There is no nats-server. Install one (on Debian: apt-get install nats-server), or name a running one in TALARIA_TEST_NATS_URL=nats://host:port.', { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function listening(port: number, server: KeptProcess): Promise<void> {
  const endMs = Date.now() + READY_MS;
  let over = false;
  void server.ended.then(() => {
    over = true;
  });
  while (!await accepts(port)) {
    if (over || Date.now() > endMs) throw new Error(`nats-server did not start: ${server.output().trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
