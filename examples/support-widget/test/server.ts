/** The example's own program for its tests, a network that can be cut, and a page to put it on. */
import { buildExample, startProgram, type DevServer, type Running } from '@talaria/services';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

export interface Site extends Running {
  readonly visitors: string;
  readonly agents: string;
}

/** Builds the example, as `npm start` does, and serves its pages. @param url where these find the server */
export function startSite(server: DevServer, url: string): Promise<Site> {
  const example = buildExample(import.meta.url);
  execFileSync(process.execPath, [join(example, 'dist/bundle.js')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const words = [join(example, 'dist/main.js'), '--app', server.app_public_key, '--key', server.app_key, '--url', url, '--port', '0'];
  return startProgram(words, (out) => {
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
