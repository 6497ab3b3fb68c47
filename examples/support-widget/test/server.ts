/** A real server for a test: `talaria dev`, on a free port; and the example's own. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface Running {
  stop(): Promise<void>;
}

export interface DevServer extends Running {
  readonly url: string;
  readonly app_public_key: string;
  readonly app_key: string;
}

export interface Site extends Running {
  readonly visitors: string;
  readonly agents: string;
}

/** Starts a program, and waits until it has written what it is waited for. */
async function start<T>(words: readonly string[], told: (out: string) => T | undefined): Promise<T & Running> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const found = await new Promise<T>((resolve, reject) => {
    let out = '';
    child.once('exit', (code) => reject(new Error(`${words[0] ?? ''} ended with ${code}: ${out}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const value = told(out);
      if (value !== undefined) resolve(value);
    });
  });
  return { ...found, stop: () => stop(child) };
}

export function startDevServer(): Promise<DevServer> {
  const manifest = require.resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { talaria: string } };
  const words = [join(dirname(manifest), bin.talaria), 'dev', '-o', 'json', '--port', '0', '--log-level', 'warn'];
  return start(words, (out) => (out.trimEnd().endsWith('\n}') ? JSON.parse(out) as Omit<DevServer, 'stop'> : undefined));
}

/** Builds the example, as `npm start` does, and serves its pages. @param url where these find the server */
export function startSite(server: DevServer, url: string): Promise<Site> {
  const example = fileURLToPath(new URL('..', import.meta.url));
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b'], { cwd: example, stdio: 'inherit' });
  execFileSync(process.execPath, [join(example, 'dist/bundle.js')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const words = [join(example, 'dist/main.js'), '--app', server.app_public_key, '--key', server.app_key, '--url', url, '--port', '0'];
  return start(words, (out) => {
    const [visitors, agents] = out.match(/http:\S+/g) ?? [];
    return visitors === undefined || agents === undefined || !out.endsWith('\n') ? undefined : { visitors, agents };
  });
}

export interface Network extends Running {
  readonly url: string;
  /** Ends what goes through it, and lets nothing through until it is whole again. */
  cut(is: boolean): void;
}

/** The way to a server, which can be cut: an open socket of a browser does not mind being told that it is offline. */
export async function startNetwork(to: string): Promise<Network> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let cut = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createTcpServer((socket) => {
    keep(socket);
    if (cut) {
      socket.destroy();
      return;
    }
    const beyond = keep(connectTcp(Number(port), hostname));
    socket.on('close', () => beyond.destroy()).pipe(beyond).on('close', () => socket.destroy()).pipe(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut(is) {
      cut = is;
      if (is) end();
    },
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      end();
    }),
  };
}

/** Somebody else's page, on an origin of its own. */
export async function serveHtml(html: string): Promise<Running & { readonly url: string }> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(html));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
