/** What is wrong when NATS cannot be used, and no time will heal it. */
import { errors } from '@nats-io/transport-node';
import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { certificateFault } from '../../runtime/certificate-fault.js';
import type { Cancel, Clock } from '../../runtime/clock.js';
import { identityOf, type NatsTls } from './tls.js';

export interface AskedServer {
  /** `host:port` each. */
  readonly servers: readonly string[];
  readonly tls: NatsTls | undefined;
  readonly clock: Clock;
  readonly timeout_ms: number;
}

/** One sentence that says what to set right; undefined for what may heal: a server that is away, or has no certificate that is valid now. */
export async function startProblem(error: unknown, asked: AskedServer): Promise<string | undefined> {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) return `NATS refuses this node: ${error.message}; see nats_url and nats_credentials`;
  const known = ofCertificate(error, asked);
  if (known !== undefined) return known;
  if (error.message.includes("does not support 'tls'")) return 'NATS does not speak TLS; switch it on there, or leave out nats_ca, nats_cert and tls://';
  if (error.message.includes('parse credentials')) return 'nats_credentials holds no credentials as nsc writes them';
  // The library does not tell why a server has hung up on it.
  return error instanceof errors.TimeoutError ? ofCertificate(await hungUp(asked), asked) : undefined;
}

function ofCertificate(error: unknown, { servers, tls }: AskedServer): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const fault = certificateFault(code);
  if (fault === 'unsigned') return `NATS has a certificate that is not signed by ${tls?.ca === undefined ? 'an authority that this machine knows; name its authority in nats_ca' : 'the authority in nats_ca'}`;
  if (fault === 'other_name') return `NATS has a certificate that is not for ${servers.join(' or ')}, as nats_url calls it`;
  if (!/^ERR_SSL_.*ALERT/.test(code)) return undefined;
  return tls?.cert === undefined ? 'NATS asks for a certificate of this node; set nats_cert and nats_key' : 'NATS does not take the certificate in nats_cert; its own authority must have signed it';
}

/** Talks with the server as far as it lets, and gives what ended it; undefined when nothing did. */
async function hungUp({ servers: [server = ''], tls, clock, timeout_ms }: AskedServer): Promise<unknown> {
  const at = server.lastIndexOf(':');
  const [host, port] = [server.slice(0, at).replace(/^\[|\]$/g, ''), Number(server.slice(at + 1))];
  const sockets: Socket[] = [];
  let cancel: Cancel | undefined;
  try {
    return await new Promise((resolve) => {
      cancel = clock.after(timeout_ms, () => resolve(undefined));
      const socket = connectSocket(port, host);
      sockets.push(socket);
      socket.once('error', resolve);
      // The server speaks first. It goes on with TLS, or has hung up for another reason.
      socket.once('data', () => {
        const secure = connectTls({ socket, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls, checkServerIdentity: identityOf([server]) });
        sockets.push(secure);
        secure.once('error', resolve);
        secure.once('close', () => resolve(undefined));
        secure.once('data', () => resolve(undefined));
      });
    });
  } finally {
    cancel?.();
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.destroy();
    }
  }
}
