/** Requests to addresses that somebody else chose, over real sockets. */
import { createAuthority } from '@talaria/services';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSafeFetch, FetchError, type FetchFault, type FetchRequest, type Resolve, type SafeFetch } from '../../src/runtime/safe-fetch.js';
import { manualClock } from '../support/manual-clock.js';

const authority = createAuthority();
const seen: IncomingMessage[] = [];
const sockets = new Set<Socket>();
let answer: RequestListener = (_request, response) => void response.end('hello');
const listener: RequestListener = (request, response) => {
  seen.push(request);
  answer(request, response);
};
const plain = createServer(listener);
const secure = createSecureServer(authority.issue(['issuer.example']), listener);

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
beforeAll(async () => {
  for (const server of [plain, secure]) {
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  }
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  plain.close();
  secure.close();
});

const BOUNDS: FetchRequest = { timeout_ms: 1_000, bytes_max: 1_000 };
const clock = manualClock();
/** Names lead to this machine. */
const here: Resolve = () => Promise.resolve(['127.0.0.1']);
const make = (options: { readonly loopback?: boolean; readonly resolve?: Resolve; readonly trusted?: boolean } = {}): SafeFetch =>
  createSafeFetch({ clock, resolve: options.resolve ?? here, loopback: options.loopback ?? true, ...(options.trusted === false ? {} : { ca: authority.ca }) });
const url = (path = '/'): string => `http://127.0.0.1:${portOf(plain)}${path}`;
const secureUrl = (host = 'issuer.example'): string => `https://${host}:${portOf(secure)}/keys`;

async function faultOf(asked: Promise<unknown>): Promise<FetchFault> {
  const error = await asked.then(() => undefined, (thrown: unknown) => thrown);
  if (error instanceof FetchError) return error.fault;
  throw new Error(`no fault: ${String(error)}`);
}

describe('an answer', () => {
  it('comes with its status, headers and body; the host is the name that was asked for', async () => {
    answer = (_request, response) => void response.writeHead(200, { 'X-One': 'yes', 'set-cookie': ['a=1', 'b=2'] }).end('hello');
    const got = await make()(`${url('/a?b=c')}#fragment`, { ...BOUNDS, headers: { accept: 'application/json' } });
    expect([got.status, got.body.toString(), got.header('x-one'), got.header('x-two'), got.header('set-cookie')]).toEqual([200, 'hello', 'yes', undefined, 'a=1, b=2']);
    const request = seen.at(-1)!;
    expect([request.method, request.url, request.headers.host, request.headers.accept, request.headers['accept-encoding']]).toEqual(['GET', '/a?b=c', `127.0.0.1:${portOf(plain)}`, 'application/json', 'identity']);
  });

  it('comes over TLS, whose certificate is of the name and not of the address', async () => {
    answer = (_request, response) => void response.end('secure');
    expect((await make()(secureUrl(), BOUNDS)).body.toString()).toBe('secure');
    expect(seen.at(-1)!.headers.host).toBe(`issuer.example:${portOf(secure)}`);
    expect(await faultOf(make()(secureUrl('other.example'), BOUNDS))).toBe('unreachable');
    expect(await faultOf(make({ trusted: false })(secureUrl(), BOUNDS))).toBe('unreachable');
  });

  it('has a body when one is sent', async () => {
    answer = (request, response) => void request.pipe(response);
    expect((await make()(url(), { ...BOUNDS, method: 'POST', body: 'given' })).body.toString()).toBe('given');
  });

  it('a redirect is an answer, and nobody goes there', async () => {
    answer = (_request, response) => void response.writeHead(302, { location: url('/elsewhere') }).end();
    const before = seen.length;
    const got = await make()(url(), BOUNDS);
    expect([got.status, got.header('location')]).toEqual([302, url('/elsewhere')]);
    expect(seen).toHaveLength(before + 1);
  });

  it('takes an address that answers after those that do not', async () => {
    answer = (_request, response) => void response.end('hello');
    // Nobody listens on that one.
    const got = await make({ resolve: () => Promise.resolve(['127.0.0.9', '127.0.0.1']) })(`http://several.example:${portOf(plain)}/`, BOUNDS);
    expect(got.status).toBe(200);
  });
});

describe('a URL', () => {
  it.each([
    ['ftp://127.0.0.1/'], ['file:///etc/passwd'], ['data:,x'], ['http://user@127.0.0.1/'], ['http://user:password@127.0.0.1/'], ['http://'], ['nothing'], [''],
    [`http://127.0.0.1/${'x'.repeat(2_048)}`], ['gopher://127.0.0.1:70/'],
  ])('%s is not asked', async (text) => {
    expect(await faultOf(make()(text, BOUNDS))).toBe('url_not_allowed');
  });

  it('of a public host is asked over TLS alone', async () => {
    expect(await faultOf(make({ resolve: () => Promise.resolve(['8.8.8.8']) })('http://public.example/', BOUNDS))).toBe('url_not_allowed');
  });

  it('of a public host is asked without TLS where that was said, and of no other', async () => {
    const plainly = (addresses: readonly string[]): SafeFetch => createSafeFetch({ clock, resolve: () => Promise.resolve(addresses), loopback: false, plain: true });
    // Reaching nobody there would show that it was tried; the address of a documentation network is not public.
    expect(await faultOf(plainly(['192.0.2.1'])('http://private.example/', BOUNDS))).toBe('url_not_allowed');
    expect(await faultOf(plainly(['127.0.0.1'])(url(), BOUNDS))).toBe('url_not_allowed');
    expect(await faultOf(plainly([])('http://public.example/', BOUNDS))).toBe('unreachable');
    expect(await faultOf(plainly(['8.8.8.8'])('ftp://public.example/', BOUNDS))).toBe('url_not_allowed');
  });

  it.each([
    'https://127.0.0.1/', 'https://0x7f.1/', 'https://2130706433/', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://169.254.169.254/latest/meta-data/', 'https://10.0.0.1/',
    'https://[fd00::1]/', 'https://[64:ff9b::a00:1]/', 'https://[2002:a00:1::]/', 'https://100.64.0.1/', 'http://127.0.0.1/',
  ])('%s is not asked outside of development', async (text) => {
    const before = seen.length;
    expect(await faultOf(make({ loopback: false })(text, BOUNDS))).toBe('url_not_allowed');
    expect(seen).toHaveLength(before);
  });

  it.each(['8.8.8.8', '2001:4860:4860::8888'])('%s is not asked where its network is left out', async (address) => {
    const asks = (besides: readonly string[]) => faultOf(createSafeFetch({ clock, resolve: () => Promise.resolve([address]), loopback: false, besides: () => besides })('https://name.example/', BOUNDS));
    expect(await asks(['10.0.0.1/8', '8.8.8.1/24', 'fe80::1/64', '2001:4860:4860::1/64'])).toBe('url_not_allowed');
  });

  it('of a private host is not asked in development either', async () => {
    expect(await faultOf(make()('https://10.0.0.1/', BOUNDS))).toBe('url_not_allowed');
  });
});

describe('a name', () => {
  it.each<[string, readonly string[]]>([
    ['to this machine', ['127.0.0.1']], ['to a private address', ['10.1.2.3']], ['to the cloud beside it', ['169.254.169.254']], ['to a mapped address', ['::ffff:10.0.0.1']],
    ['to a public and a private one', ['8.8.8.8', '10.0.0.1']], ['to no address', ['public.example']],
  ])('that leads %s is not asked', async (_, addresses) => {
    const before = sockets.size;
    expect(await faultOf(make({ loopback: false, resolve: () => Promise.resolve(addresses) })('https://name.example/', BOUNDS))).toBe('url_not_allowed');
    expect(sockets.size).toBe(before);
  });

  it('is resolved once: the connection goes to the address that was looked at, whatever the name says later', async () => {
    answer = (_request, response) => void response.end('first');
    let asked = 0;
    const rebinding: Resolve = () => {
      asked += 1;
      return Promise.resolve(asked === 1 ? ['127.0.0.1'] : ['10.0.0.1']);
    };
    expect((await make({ resolve: rebinding })(`http://rebinding.example:${portOf(plain)}/`, BOUNDS)).body.toString()).toBe('first');
    expect(asked).toBe(1);
  });

  it('that cannot be resolved, or has no address, is unreachable', async () => {
    expect(await faultOf(make({ resolve: () => Promise.reject(new Error('ENOTFOUND')) })('https://nobody.example/', BOUNDS))).toBe('unreachable');
    expect(await faultOf(make({ resolve: () => Promise.resolve([]) })('https://nobody.example/', BOUNDS))).toBe('unreachable');
  });
});

describe('a bound', () => {
  it.each<[string, RequestListener]>([
    ['says its length', (_request, response) => void response.writeHead(200, { 'content-length': 50_000_000 }).write('x')],
    ['comes in chunks without end', (_request, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(900), () => setImmediate(more));
      };
      more();
    }],
  ])('a body that is too large and %s is not read', async (_, hostile) => {
    answer = hostile;
    expect(await faultOf(make()(url(), BOUNDS))).toBe('too_large');
  });

  it('a body of exactly the bound is read', async () => {
    answer = (_request, response) => void response.end('x'.repeat(1_000));
    expect((await make()(url(), BOUNDS)).body).toHaveLength(1_000);
  });

  it.each<[string, number | undefined]>([['says its length', 50_000_000], ['comes in chunks', undefined]])('a body that is to be cut and %s is taken up to there, and the connection ends', async (_, length) => {
    answer = (_request, response) => {
      response.writeHead(200, length === undefined ? {} : { 'content-length': length });
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(900), () => setImmediate(more));
      };
      more();
    };
    const before = seen.length;
    const got = await make()(url(), { ...BOUNDS, cut: true });
    expect(got.body.toString()).toBe('x'.repeat(1_000));
    await vi.waitFor(() => expect(seen[before]!.socket.destroyed).toBe(true), { timeout: 10_000 });
  });

  it('a compressed body is not unpacked', async () => {
    answer = (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
    expect(await faultOf(make()(url(), BOUNDS))).toBe('coding');
  });

  it.each<[string, RequestListener]>([
    ['no answer', () => undefined],
    ['half a body', (_request, response) => void response.writeHead(200, { 'content-length': 10 }).write('half')],
  ])('%s ends in a timeout, and with it the connection', async (_, slow) => {
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    answer = (request, response) => {
      slow(request, response);
      arrived();
    };
    const fault = faultOf(make()(url(), BOUNDS));
    await asked;
    const ended = new Promise((resolve) => seen.at(-1)!.socket.once('close', resolve));
    clock.advance(1_000);
    expect(await fault).toBe('timeout');
    await ended;
  });

  it('a resolver that does not answer ends in a timeout', async () => {
    const fault = faultOf(make({ resolve: () => new Promise(() => undefined) })('https://slow.example/', BOUNDS));
    clock.advance(1_000);
    expect(await fault).toBe('timeout');
  });

  it('a connection that breaks is unreachable', async () => {
    answer = (request) => void request.socket.destroy();
    expect(await faultOf(make()(url(), BOUNDS))).toBe('unreachable');
    answer = (request, response) => void response.writeHead(200, { 'content-length': 10 }).write('half', () => request.socket.destroy());
    expect(await faultOf(make()(url(), BOUNDS))).toBe('unreachable');
  });
});
