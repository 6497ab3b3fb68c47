/** A Talaria server of this example's own, with a data directory that the next start goes on with. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

export interface Talaria {
  readonly url: string;
  readonly adminKey: string;
  /** As when its machine goes. */
  kill(): Promise<void>;
  /** Starts it again after it has ended, at the same address. @throws Error when it does not start */
  restart(): Promise<void>;
  /** In order. */
  stop(): Promise<void>;
}

export interface TalariaOptions {
  readonly data: string;
  /** Undefined: 7400, or another one when that is taken. */
  readonly port: number | undefined;
  readonly flags?: readonly string[];
}

const PORT = 7_400;
const require = createRequire(import.meta.url);

/** @throws Error when it does not start; the server has said why */
export async function startTalaria({ data, port, flags = [] }: TalariaOptions): Promise<Talaria> {
  const manifest = require.resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly bin: { readonly talaria: string } };
  const start = (at: number): ChildProcess => {
    const words = ['start', '-o', 'json', '--data', data, '--port', String(at), '--log-level', 'warn', '--drain-ms', '1000', ...flags];
    // In a group of its own: Ctrl-C is for this process, which then stops the server in order.
    return spawn(process.execPath, [join(dirname(manifest), bin.talaria), ...words], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  };
  let child = start(port ?? await freePort());
  process.once('exit', () => child.kill());
  const { url, admin_key_file: keyFile } = await started(child);
  if (keyFile === null) throw new Error(`${data} has no admin key: take the folder away to begin anew.`);
  return {
    url, adminKey: readFileSync(keyFile, 'utf8').trim(),
    async restart() {
      child = start(Number(new URL(url).port));
      await started(child);
    },
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
  };
}

interface Started {
  readonly url: string;
  readonly admin_key_file: string | null;
}

/** Waits until it has written all that it says at its start. */
function started(child: ChildProcess): Promise<Started> {
  return new Promise((resolve, reject) => {
    let out = '';
    child.once('exit', (code) => reject(new Error(`The server ended with ${String(code)}.`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.trimEnd().endsWith('\n}')) resolve(JSON.parse(out) as Started);
    });
  });
}

function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

async function freePort(): Promise<number> {
  return await isFree(PORT) ? PORT : 0;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken === port));
    });
  });
}
