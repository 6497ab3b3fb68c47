/**
 * Requests to addresses that somebody else chose, such as an app's issuer. They reach the public internet alone (server-side request
 * forgery, OWASP A10): the host is resolved once, every address of it is looked at, and the connection goes to the very one that was
 * looked at, so that a name that resolves to something else a moment later changes nothing.
 */
import { lookup } from 'node:dns/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from './clock.js';
import { isIn, isLoopbackAddress, isPublicAddress } from './public-address.js';

/** What went wrong; a sentence for the operator's log stands in the message. */
export type FetchFault = 'url_not_allowed' | 'unreachable' | 'timeout' | 'too_large' | 'coding';

export class FetchError extends Error {
  override readonly name = 'FetchError';

  constructor(readonly fault: FetchFault, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The addresses of a host, best first. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface SafeFetchOptions {
  readonly clock: Clock;
  readonly resolve: Resolve;
  /** For development: this machine's own addresses are reached, too, and those without TLS. */
  readonly loopback: boolean;
  /** Networks that are not reached although they are public, as CIDR. */
  readonly besides?: () => readonly string[];
  /** Whether public hosts are asked without TLS, too. Default false. */
  readonly plain?: boolean;
  /** PEM of authorities that are believed, in place of those that Node brings. */
  readonly ca?: string;
}

export interface FetchRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From the resolving of the host to the last byte. */
  readonly timeout_ms: number;
  /** Most bytes of a body. */
  readonly bytes_max: number;
  /** Whether a longer body is taken up to there, and not refused. Default false. */
  readonly cut?: boolean;
}

/** Any status: a redirect is an answer, too, and is not followed. */
export interface FetchAnswer {
  readonly status: number;
  /** @param name in small letters @returns undefined where there is none */
  header(name: string): string | undefined;
  readonly body: Buffer;
}

/** @throws FetchError */
export type SafeFetch = (url: string, request: FetchRequest) => Promise<FetchAnswer>;

const URL_CHARS_MAX = 2_048;
/** Of a host with many addresses, so many are tried. */
const ADDRESSES_MAX = 4;

/** Through the system's resolver. */
export const systemResolve: Resolve = async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

export function createSafeFetch(options: SafeFetchOptions): SafeFetch {
  const allowed = (address: string): boolean => isPublicAddress(address) || (options.loopback && isLoopbackAddress(address));

  async function addressesOf(url: URL): Promise<readonly string[]> {
    // What a URL parser leaves are the addresses themselves, whichever way they were written: 0x7f.1 is 127.0.0.1 by now.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const found = isIP(host) === 0 ? await resolved(host) : [host];
    const wrong = found.find((address) => !allowed(address));
    // One of several is enough: whoever chose the name chose all of its addresses.
    if (wrong !== undefined) throw new FetchError('url_not_allowed', `${host} is at ${wrong}, which is not of the public internet`);
    const besides = options.besides?.() ?? [];
    const own = found.find((address) => isIn(besides, address));
    if (own !== undefined) throw new FetchError('url_not_allowed', `${host} is at ${own}, which is of a network that is left out`);
    if (url.protocol !== 'https:' && !options.plain && !found.every(isLoopbackAddress)) throw new FetchError('url_not_allowed', `${host} is asked without TLS`);
    return found.slice(0, ADDRESSES_MAX);
  }

  async function resolved(host: string): Promise<readonly string[]> {
    const found = await options.resolve(host).catch((cause: unknown) => {
      throw new FetchError('unreachable', `${host} cannot be resolved`, { cause });
    });
    if (found.length === 0) throw new FetchError('unreachable', `${host} has no address`);
    return found;
  }

  async function run(url: URL, request: FetchRequest, signal: AbortSignal): Promise<FetchAnswer> {
    let last: unknown;
    for (const address of await addressesOf(url)) {
      try {
        return await exchange(url, address, request, options.ca, signal);
      } catch (error) {
        // Another address may answer where this one took no connection; where it took one, the request may have been acted on.
        if (!(error instanceof NotConnected)) throw error;
        last = error.cause;
      }
    }
    throw new FetchError('unreachable', `${url.host} takes no connection`, { cause: last });
  }

  return async (text, request) => {
    const url = parseUrl(text, options.loopback || options.plain === true);
    const abort = new AbortController();
    let cancel = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = options.clock.after(request.timeout_ms, () => reject(new FetchError('timeout', `${url.host} has not answered in ${request.timeout_ms} ms`)));
    });
    try {
      return await Promise.race([run(url, request, abort.signal), late]);
    } finally {
      cancel();
      // Whatever is still open ends.
      abort.abort();
    }
  };
}

/** @throws FetchError url_not_allowed */
function parseUrl(text: string, plain: boolean): URL {
  const url = text.length <= URL_CHARS_MAX && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new FetchError('url_not_allowed', 'it is no URL');
  if (url.protocol !== 'https:' && !(plain && url.protocol === 'http:')) throw new FetchError('url_not_allowed', 'it is no https URL');
  if (url.username !== '' || url.password !== '') throw new FetchError('url_not_allowed', 'it holds a user or a password');
  return url;
}

class NotConnected extends Error {}

function exchange(url: URL, address: string, { method = 'GET', headers = {}, body, bytes_max, cut = false }: FetchRequest, ca: string | undefined, signal: AbortSignal): Promise<FetchAnswer> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const shared = {
      method, host: address, port: url.port, path: `${url.pathname}${url.search}`, agent: false, signal,
      // A compressed body could unpack to anything.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'talaria', ...headers, host: url.host },
    };
    const sent = secure
      // The certificate is of the name, and the connection to the address.
      ? requestHttps({ ...shared, ...(isIP(host) === 0 ? { servername: host } : {}), ...(ca === undefined ? {} : { ca }) })
      : requestHttp(shared);
    let connected = false;
    sent.on('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', () => {
      connected = true;
    }));
    sent.on('error', (cause) => reject(connected ? new FetchError('unreachable', `${url.host} ended the connection`, { cause }) : new NotConnected('', { cause })));
    sent.on('response', (response) => {
      readBody(response, bytes_max, cut).then((read) => resolve({ status: response.statusCode ?? 0, body: read, header: (name) => headerOf(response, name) }), (error: unknown) => {
        reject(error instanceof FetchError ? error : new FetchError('unreachable', `${url.host} ended the connection`, { cause: error }));
        sent.destroy();
      });
    });
    sent.end(body);
  });
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const found = headers[name];
  return Array.isArray(found) ? found.join(', ') : found;
}

/** @throws FetchError before more than the bound is held, unless it is cut; what the socket says when it breaks */
async function readBody(response: IncomingMessage, bytes_max: number, cut: boolean): Promise<Buffer> {
  const tooLarge = (): FetchError => new FetchError('too_large', `the body has more than ${bytes_max} bytes`);
  if ((response.headers['content-encoding'] ?? 'identity') !== 'identity') throw new FetchError('coding', 'the body is compressed');
  if (!cut && Number(response.headers['content-length'] ?? 0) > bytes_max) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytes_max && !cut) throw tooLarge();
    chunks.push(chunk);
    // Whoever leaves the loop ends the connection.
    if (bytes >= bytes_max && cut) break;
  }
  return Buffer.concat(chunks).subarray(0, bytes_max);
}
