/** Where NATS is, and who we are there. */

export interface NatsServers {
  /** `host:port` each. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** A `tls://` URL was given. */
  readonly tls: boolean;
}

const DEFAULT_PORT = 4222;

/**
 * Reads URLs as the server's own tools write them: `nats://host:port`, `tls://…`, `nats://user:password@…`, `nats://token@…`.
 * The client library reads no credentials from them.
 *
 * @param urls of one cluster; whoever names credentials first names them for all
 * @throws Error naming the address, without its credentials, when one is none
 */
export function readServers(urls: readonly string[]): NatsServers {
  const read = urls.map(readUrl);
  const named = read.find((url) => url.username !== '');
  const user = decodeURIComponent(named?.username ?? '');
  const pass = decodeURIComponent(named?.password ?? '');
  return {
    servers: read.map((url) => `${url.hostname}:${url.port || DEFAULT_PORT}`), tls: read.some((url) => url.protocol === 'tls:'),
    ...(user === '' ? {} : pass === '' ? { token: user } : { user, pass }),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['nats:', 'tls:'].includes(url.protocol) || url.hostname === '') {
    throw new Error(`${text.replace(/\/\/[^@]*@/, '//…@')} is no address of a NATS server; write nats://host:port or tls://host:port`);
  }
  return url;
}
