/** A TCP proxy between the clients and the server: it can keep answers back, and cut every connection. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** Where connections lead from now on. While that is nowhere, new ones wait, as at a load balancer without a server. */
  leadTo(port: number | undefined): void;
  /** Keeps back what the server sends; what clients send still arrives. */
  hold(): void;
  /** Cuts every connection; what was kept back is lost with it. New ones are not held. @returns how many were cut */
  cut(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Starts on a free port of this machine. */
export async function startProxy(serverPort: number): Promise<Proxy> {
  let target: number | undefined = serverPort;
  let holding = false;
  const waiting = new Set<Socket>();
  const pairs = new Set<Pair>();
  const listener = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    waiting.add(client);
    client.once('close', () => waiting.delete(client)).on('error', () => client.destroy());
    admit();
  });

  function admit(): void {
    if (target === undefined) return;
    for (const client of waiting) join(client, connect({ host: '127.0.0.1', port: target, noDelay: true }));
    waiting.clear();
  }

  function join(client: Socket, server: Socket): void {
    const pair: Pair = { client, server };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.pipe(server);
    server.pipe(client);
    if (holding) server.unpipe(client).pause();
  }

  function cut(): number {
    const count = pairs.size;
    holding = false;
    for (const { client, server } of [...pairs]) {
      client.destroy();
      server.destroy();
    }
    return count;
  }

  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (listener.address() as AddressInfo).port,
    leadTo(port) {
      target = port;
      admit();
    },
    hold() {
      holding = true;
      for (const { client, server } of pairs) server.unpipe(client).pause();
    },
    cut,
    close: () => new Promise((resolve) => {
      listener.close(() => resolve());
      cut();
      for (const client of waiting) client.destroy();
    }),
  };
}
