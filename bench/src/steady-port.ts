import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections. */
const [FROM, TO] = [20_000, 30_000];
const ATTEMPTS = 50;

/**
 * A free port for a server that goes away for a while and comes back to it. A port that the system chooses would not do: a client
 * that tries meanwhile could be given that very port, connect to itself, and hold it.
 */
export async function steadyPort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FROM + Math.floor(Math.random() * (TO - FROM));
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => void probe.close(() => resolve(true)));
  });
}
