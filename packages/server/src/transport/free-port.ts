import { createServer, type AddressInfo } from 'node:net';

/**
 * Asks the system for a port that can be listened on, for a library that only says whether it could.
 *
 * @param port 0 for any
 * @returns the port, free again; rejects with node's own error, such as `EADDRINUSE`
 */
export function freePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host, port, exclusive: true }, () => {
      const { port: chosen } = probe.address() as AddressInfo;
      probe.close(() => resolve(chosen));
    });
  });
}
