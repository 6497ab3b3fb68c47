/** What is no operation: probes, metrics, the API's description and its page. */
import { ProtocolError } from '@talaria/protocol';
import { createHash } from 'node:crypto';
import type { Domain } from '../domain/domain.js';
import type { HttpRequest, HttpResponse } from '../runtime/http-message.js';
import type { Metrics } from '../runtime/metrics.js';
import { apiPage, STYLE } from './api-page.js';
import type { Exchange } from './exchange.js';
import { identify } from './identify.js';
import { openApi } from './openapi.js';
import type { PageRoute, PathEntry } from './routes.js';
import { createStaticSite, type StaticSite } from './static-site.js';

export interface PagesOptions {
  readonly domain: Domain;
  readonly metrics: Metrics;
  readonly version: string;
  readonly ready: () => boolean;
  /** The folder of the documentation as a site; it may lack one. */
  readonly documentation?: string | undefined;
  /** The folder of the built dashboard; it may lack one. */
  readonly dashboard?: string | undefined;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const json = (status: number, value: unknown): HttpResponse => ({ status, headers: [['content-type', 'application/json']], body: JSON.stringify(value) });
/** Nothing of the dashboard stands in its page: no script, no style, no picture of somebody else. */
const DASHBOARD_POLICY = { 'style-src-attr': "'none'", 'require-trusted-types-for': "'script'", 'trusted-types': "'none'" };
const PROXY_HEADERS = ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'];

/** By path. */
export function createPages({ domain, metrics, version, ready, documentation, dashboard }: PagesOptions): Map<string, PathEntry> {
  // Made when somebody asks: it takes longer than the rest of the start.
  const text = once(() => JSON.stringify(openApi(version)));
  const page = once(() => apiPage(openApi(version)));
  const styleHash = createHash('sha256').update(STYLE).digest('base64');
  const docs = createStaticSite({ folder: documentation ?? '', prefix: '/docs/', immutable: /^assets\/.*\.[\w-]{8}\.(?:lean\.)?\w+$/ });
  const desk = createStaticSite({ folder: dashboard ?? '', prefix: '/dashboard/', immutable: /^assets\//, singlePage: true, policy: DASHBOARD_POLICY });
  /** Without a site the page of the API is all there is to read. */
  const start = (): string => (docs.built() ? '/docs/' : '/docs/api');
  const redirect = (location: string): HttpResponse => ({ status: 307, headers: [['location', location]], body: '' });

  return new Map([
    probe('/livez', 'livez', () => json(200, { status: 'alive' })),
    probe('/readyz', 'readyz', () => (ready() ? json(200, { status: 'ready' }) : json(503, { status: 'not_ready' }))),
    path('/metrics', 'metrics', false, async (exchange) => {
      await admitScraper(domain, exchange);
      const scraped = await metrics.scrape();
      return { status: 200, headers: [['content-type', scraped.contentType]], body: scraped.text };
    }),
    path('/openapi.json', 'openapi', false, () => ({ status: 200, headers: [['content-type', 'application/json'], ['access-control-allow-origin', '*']], body: text() })),
    path('/docs/api', 'docs', false, () => ({
      status: 200, body: page(),
      headers: [['content-type', 'text/html; charset=utf-8'], ['content-security-policy', `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'`]],
    })),
    path('/docs', 'docs', false, () => redirect(start())),
    path('/', 'root', false, () => redirect(start())),
    ...sitePaths(docs, '/docs/', 'docs'),
    // A fragment with a link to sign in by stays with the browser, and goes along.
    path('/dashboard', 'dashboard', false, () => redirect('/dashboard/')),
    ...sitePaths(desk, '/dashboard/', 'dashboard'),
    ...['llms.txt', 'llms-full.txt'].map((name) => path(`/${name}`, 'docs', false, async ({ request }) => {
      const file = await docs.file(name, request);
      if (!file) throw nothing();
      return file;
    })),
  ]);
}

type Answer = (exchange: Exchange) => HttpResponse | Promise<HttpResponse>;

function path(template: string, id: string, unlimited: boolean, answer: Answer): [string, PathEntry] {
  const route: PageRoute = { kind: 'page', id, unlimited, answer: async (exchange) => answer(exchange) };
  return [template, { template, methods: new Map([['GET', route]]) }];
}

/** A site at its prefix and at everything below. */
function sitePaths(site: StaticSite, prefix: string, id: string): readonly [string, PathEntry][] {
  const answer: Answer = ({ request }) => {
    if (!site.built()) throw nothing();
    return site.answer(request);
  };
  return [path(prefix, id, false, answer), path(`${prefix}*`, id, false, answer)];
}

const nothing = (): ProtocolError => new ProtocolError('not_found', 'There is nothing at this path.');

const probe = (template: string, id: string, answer: Answer): [string, PathEntry] => path(template, id, true, answer);

/** Rates and sizes tell about customers: they are for this machine, for operators, and for whoever has an admin key. */
async function admitScraper(domain: Domain, exchange: Exchange): Promise<void> {
  if (isLocal(exchange.request)) return;
  const { caller } = await identify(domain, exchange);
  if (caller.kind !== 'admin' && caller.kind !== 'operator') throw new ProtocolError('forbidden', 'Metrics need an admin key.');
}

/** Whether the request comes straight from this machine, and not through a proxy on it. */
function isLocal({ address, headers }: HttpRequest): boolean {
  const loopback = address === '::1' || address.startsWith('127.');
  return loopback && !PROXY_HEADERS.some((name) => headers.has(name));
}
