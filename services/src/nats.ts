import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { unpackedPackage } from './debian.js';
import { freePort } from './free-port.js';
import { startKept, startRestartable, type KeptProcess } from './keeper.js';

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
  /** An address of this machine that it listens on (default 127.0.0.1). */
  readonly address?: string;
}

const READY_MS = 10_000;

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
  const address = options.address ?? '127.0.0.1';
  const start = async (): Promise<KeptProcess> => {
    const started = await startKept(program, ['-a', address, '-p', String(port), ...(options.args ?? [])]);
    await listening(address, port, started);
    return started;
  };
  const server = await startRestartable(start);
  return {
    url: `nats://${address}:${port}`, port,
    get process() {
      return server.process;
    },
    restart: () => server.restart(),
    stop: () => server.process.stop(),
  };
}

function findProgram(): string {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
  if (onPath) return onPath;
  try {
    return join(unpackedPackage('nats-server'), 'usr/sbin/nats-server');
  } catch (error) {
    throw new Error('There is no nats-server. Install one (on Debian: apt-get install nats-server), or name a running one in TALARIA_TEST_NATS_URL=nats://host:port.', { cause: error });
  }
}

async function listening(address: string, port: number, server: KeptProcess): Promise<void> {
  const endMs = Date.now() + READY_MS;
  let over = false;
  void server.ended.then(() => {
    over = true;
  });
  while (!await accepts(address, port)) {
    if (over || Date.now() > endMs) throw new Error(`nats-server did not start: ${server.output().trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
