import type { Exchange } from './exchange.js';

/** How the client sees this server: by the request itself, or by what a trusted proxy says of it. */
export interface Site {
  /** Whether the client speaks TLS; to the proxy, which says so. */
  readonly secure: boolean;
  /** As browsers write it; undefined when the request names no host that could be one. */
  readonly origin: string | undefined;
  /** Whether the name is of the client's own machine: what goes there crosses no network, whatever carries it on. */
  readonly loopback: boolean;
}

const LOOPBACK = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** A name or an address, and a port. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

export function siteOf({ request: { headers }, proxied }: Exchange): Site {
  // Of several proxies the first one has seen the client.
  const said = (name: string): string | undefined => (proxied ? headers.get(name)?.split(',')[0]?.trim() : undefined);
  const secure = said('x-forwarded-proto')?.toLowerCase() === 'https';
  const host = said('x-forwarded-host') ?? headers.get('host') ?? '';
  const text = `${secure ? 'https' : 'http'}://${host}`;
  const url = HOST.test(host) && URL.canParse(text) ? new URL(text) : undefined;
  return { secure, origin: url?.origin, loopback: url !== undefined && LOOPBACK.test(url.hostname) };
}
