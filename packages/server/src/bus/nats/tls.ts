/** TLS with NATS: whom we trust, and what is wrong when it is refused. */
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls';

/** PEM texts. */
export interface NatsTls {
  /** Of the authority that counts. Absent: those that the machine knows. */
  readonly ca?: string;
  /** What this node shows, when the server asks for it. */
  readonly cert?: string;
  readonly key?: string;
}

/** @throws Error with one sentence when a text is none, or certificate and key do not go together */
export function checkTls({ ca, cert, key }: NatsTls): void {
  if ((cert === undefined) !== (key === undefined)) throw new Error('nats_cert and nats_key need each other');
  for (const [name, text] of [['nats_ca', ca], ['nats_cert', cert]] as const) {
    if (text !== undefined && !text.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`${name} holds no certificate in PEM form`);
  }
  try {
    createSecureContext({ ca, cert, key });
  } catch (error) {
    throw new Error(`nats_ca, nats_cert and nats_key cannot be used together: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/**
 * Whether a certificate is for the server that was asked for. The client library names no server that has an address only, and
 * `localhost` is checked then.
 *
 * @param servers `host:port` each
 */
export function identityOf(servers: readonly string[]): (name: string, certificate: PeerCertificate) => Error | undefined {
  const hosts = servers.map((server) => server.slice(0, server.lastIndexOf(':')).replace(/^\[|\]$/g, ''));
  return (name, certificate) => {
    const candidates = name !== 'localhost' || hosts.includes(name) ? [name] : hosts.filter((host) => isIP(host) !== 0);
    const wrong = candidates.map((host) => checkServerIdentity(host, certificate));
    return wrong.includes(undefined) ? undefined : wrong[0];
  };
}
