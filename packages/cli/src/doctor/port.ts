import { createServer } from 'node:net';
import { codeOf, fail, ok, reasonOf, type Finding } from './finding.js';

const TIMEOUT_MS = 2_000;

/** Whether the server could listen, or is doing so already. */
export async function checkPort(host: string, port: number): Promise<Finding> {
  const name = 'port';
  if (port === 0) return ok(name, 'A free one is chosen.');
  const error = await tryToListen(host, port);
  if (error === undefined) return ok(name, `Port ${port} on ${host} is free.`);
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return (await isTalaria(host, port))
        ? ok(name, `Talaria answers on port ${port} of ${host}.`)
        : fail(name, `Port ${port} on ${host} is used by another program.`, 'Stop that program, or choose another port with --port.');
    case 'EACCES':
      return fail(name, `Port ${port} on ${host} is not allowed to this user.`, 'Choose a port above 1023 with --port.');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return fail(
        name,
        `${host} is no address of this machine.`,
        'Choose one with --host: 127.0.0.1 for this machine only, 0.0.0.0 for every address.',
      );
    default:
      return fail(name, reasonOf(error), 'Choose another address with --host and --port.');
  }
}

function tryToListen(host: string, port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}

/** Asks without a key: Talaria refuses that in a form of its own. */
async function isTalaria(host: string, port: number): Promise<boolean> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${address}:${port}/v1/status`, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'code' in body;
  } catch {
    return false;
  }
}
