/** An address that a token may name, and that nobody may ask. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type AddressInfo } from 'node:net';

export interface Trap {
  readonly url: string;
  /** Connections to the address, and requests that this process makes to anywhere but the server under attack. */
  readonly visits: number;
  close(): Promise<void>;
}

/** Where Node tells of the requests that its libraries make; whatever they fetch keys with goes through one of these. */
const CHANNELS = ['undici:request:create', 'http.client.request.start'] as const;

/** @param ownPort of the server under attack: to ask that one is the attack's own business */
export async function openTrap(ownPort: number): Promise<Trap> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  const requested = (message: unknown): void => {
    if (!targetOf(message).endsWith(`:${ownPort}`)) visits += 1;
  };
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const channel of CHANNELS) subscribe(channel, requested);
  return {
    url: `http://127.0.0.1:${port}`,
    get visits() {
      return visits;
    },
    async close() {
      for (const channel of CHANNELS) unsubscribe(channel, requested);
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** Undici says an origin, and Node's own client a Host header. */
function targetOf(message: unknown): string {
  const { request } = message as { request: { readonly origin?: string; getHeader?(name: string): string } };
  return request.origin ?? request.getHeader?.('host') ?? '';
}
