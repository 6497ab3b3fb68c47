import { createServer } from 'node:net';

/** Says why an address cannot be listened on, where a library only says that it cannot. */
export function explainListenFailure(host: string, port: number): Promise<Error> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ host, port, exclusive: true }, () => {
      // It was free by now, so somebody else had it a moment ago.
      probe.close(() => resolve(Object.assign(new Error(`port ${port} on ${host} was in use`), { code: 'EADDRINUSE' })));
    });
  });
}
