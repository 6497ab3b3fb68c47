/** Sites of built pages: what is served, to whom it is new, and what it may do. For each transport. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptsGzip, matchesTag } from '../../src/http/negotiation.js';
import { createStaticSite, pagePolicy } from '../../src/http/static-site.js';
import { rawRequest } from './support/raw-http.js';
import { expectProblem } from './support/reply.js';
import { startStage, type Stage } from './support/stage.js';

const SCRIPT = 'document.title = "a < b";';
const PAGE = `<!doctype html><title>Guide</title><script src="/docs/assets/app.12345678.js"></script><script id="x">${SCRIPT}</script>`;
const NOT_FOUND = '<!doctype html><title>Nothing</title>';
/** No text: every byte there is, which UTF-8 would change. */
const BYTES = Uint8Array.from({ length: 4_096 }, (_, at) => (at * 7) % 256);
const MODULE = `export const long = ${JSON.stringify('x'.repeat(5_000))};`;

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talaria-site-'));
  const site = join(folder, 'site');
  const files: Record<string, string | Uint8Array> = {
    'index.html': '<!doctype html><title>Start</title>', 'guide.html': PAGE, 'guide.html.gz': gzipSync(PAGE), '404.html': NOT_FOUND, 'deep/index.html': '<!doctype html><title>Deep</title>', 'deep/page.html': PAGE,
    'assets/app.12345678.js': MODULE, 'assets/app.12345678.js.gz': gzipSync(MODULE), 'assets/picture.12345678.png': BYTES, 'plain.css': 'a { color: red }', 'llms.txt': '# Talaria\n', 'with space.txt': 'text', 'odd.unknown': BYTES,
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(site, name, '..'), { recursive: true });
    writeFileSync(join(site, name), content);
  }
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  symlinkSync(join(folder, 'secret.txt'), join(site, 'link.txt'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['uws', 'ws'] as const)('over %s', (transport) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await startStage({ transport, documentation: join(folder, 'site') });
  });
  afterAll(() => stage.stop());

  /** Neither follows nor unpacks anything, as `fetch` would. */
  const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Got> => new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: stage.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })).on('error', reject);
    }).on('error', reject).end();
  });

  it.each(['/', '/docs'])('%s leads to the site', async (path) => {
    const { status, headers } = await get(path);
    expect([status, headers['location']]).toEqual([307, '/docs/']);
  });

  it.each([
    ['/docs/', 'Start'], ['/docs/guide', 'Guide'], ['/docs/guide.html', 'Guide'], ['/docs/deep/', 'Deep'], ['/docs/deep', 'Deep'], ['/docs/deep/page', 'Guide'], ['/docs/guide?from=here', 'Guide'],
  ])('%s is a page', async (path, title) => {
    const { status, headers, body } = await get(path);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, 'text/html; charset=utf-8', 'no-cache']);
    expect(body.toString()).toContain(`<title>${title}</title>`);
    expect([headers['x-content-type-options'], headers['x-frame-options'], headers['referrer-policy']]).toEqual(['nosniff', 'DENY', 'no-referrer']);
  });

  it('a page with a slash too many leads to the page', async () => {
    const { status, headers } = await get('/docs/guide/');
    expect([status, headers['location']]).toEqual([308, '/docs/guide']);
  });

  it('bytes come as they are', async () => {
    const { headers, body } = await get('/docs/assets/picture.12345678.png');
    expect([headers['content-type'], headers['content-length'], headers['vary']]).toEqual(['image/png', '4096', undefined]);
    expect(body.equals(Buffer.from(BYTES))).toBe(true);
    expect((await get('/docs/odd.unknown')).headers['content-type']).toBe('application/octet-stream');
  });

  it('what has a hash in its name is kept for good, everything else is asked about', async () => {
    expect((await get('/docs/assets/app.12345678.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await get('/docs/plain.css')).headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/css; charset=utf-8' });
  });

  it('gzip comes to whoever takes it, with a tag of its own', async () => {
    const plain = await get('/docs/assets/app.12345678.js', { 'accept-encoding': 'identity' });
    const packed = await get('/docs/assets/app.12345678.js', { 'accept-encoding': 'br, gzip;q=0.8' });
    expect([plain.headers['content-encoding'], plain.body.toString(), plain.headers['vary']]).toEqual([undefined, MODULE, 'accept-encoding']);
    expect([packed.headers['content-encoding'], packed.headers['vary'], packed.headers['content-type']]).toEqual(['gzip', 'accept-encoding', 'text/javascript; charset=utf-8']);
    expect(packed.body.length).toBeLessThan(plain.body.length / 10);
    expect(gunzipSync(packed.body).toString()).toBe(MODULE);
    expect(packed.headers['etag']).not.toBe(plain.headers['etag']);
    expect((await get('/docs/assets/app.12345678.js', { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding']).toBeUndefined();
    // The packed file is no page of its own.
    expect((await get('/docs/assets/app.12345678.js.gz')).status).toBe(404);
  });

  it('whoever has a page is told that it is still good, with the policy of the page', async () => {
    const first = await get('/docs/guide');
    const tag = first.headers['etag'] as string;
    expect(tag).toMatch(/^"[\w-]{27}"$/);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await get('/docs/guide', { 'if-none-match': known });
      expect([again.status, again.body.length, again.headers['etag'], again.headers['cache-control'], again.headers['content-security-policy']])
        .toEqual([304, 0, tag, 'no-cache', first.headers['content-security-policy']]);
    }
    expect((await get('/docs/guide', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('HEAD is GET without the body', async () => {
    for (const path of ['/docs/guide', '/docs/assets/picture.12345678.png', '/docs/nothing']) {
      const [head, full] = [await rawRequest(stage.port, [`HEAD ${path} HTTP/1.1`]), await get(path)];
      expect([head.status, head.text, head.headers.get('content-length'), head.headers.get('content-type'), head.headers.get('etag')])
        .toEqual([full.status, '', String(full.body.length), full.headers['content-type'], full.headers['etag'] ?? null]);
    }
  });

  it('a page may run the scripts that it came with, and load from here', async () => {
    const policy = String((await get('/docs/guide')).headers['content-security-policy']);
    expect(policy).toContain(`script-src 'self' 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.split(';').find((directive) => directive.includes('script-src'))).not.toContain('unsafe');
    expect(policy).not.toMatch(/https?:|\*/);
  });

  it('what is not there has the page for that', async () => {
    const { status, headers, body } = await get('/docs/nothing/here');
    expect([status, body.toString(), headers['cache-control'], headers['etag']]).toEqual([404, NOT_FOUND, 'no-cache', undefined]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it.each(['/docs/../secret.txt', '/docs/%2e%2e/secret.txt', '/docs/..%2fsecret.txt', '/docs/%2e%2e%2fsecret.txt', '/docs/assets/..%5c..%5csecret.txt', '/docs//etc/passwd', '/docs/link.txt', '/docs/%00', '/docs/guide%00.html'])(
    '[BAD http.path] %s leads nowhere', async (path) => {
      const { status, body } = await get(path);
      expect([400, 404]).toContain(status);
      expect(body.toString()).not.toMatch(/^secret/);
    });

  it('a name is decoded once', async () => {
    expect((await get('/docs/with%20space.txt')).body.toString()).toBe('text');
    expect((await get('/docs/with%2520space.txt')).status).toBe(404);
  });

  it('the page of the API stays, and nothing else is changed', async () => {
    expect((await get('/docs/api')).body.toString()).toContain('<title>Talaria HTTP API</title>');
    expect((await get('/docs/guide', {}, 'POST')).status).toBe(405);
    expectProblem(await stage.ask('GET', '/nothing'), 'not_found');
  });

  it('language models find their index at the root, too', async () => {
    const [root, below] = [await get('/llms.txt'), await get('/docs/llms.txt')];
    expect([root.status, root.headers['content-type'], root.body.toString()]).toEqual([200, 'text/plain; charset=utf-8', '# Talaria\n']);
    expect(below.body.equals(root.body)).toBe(true);
    expectProblem(await stage.ask('GET', '/llms-full.txt'), 'not_found');
  });
});

it('without a site there is nothing below the prefix', async () => {
  const stage = await startStage({ documentation: join(folder, 'nowhere') });
  for (const path of ['/docs/', '/docs/guide', '/llms.txt']) expectProblem(await stage.ask('GET', path), 'not_found');
  expect((await stage.ask('GET', '/docs')).headers.get('location')).toBe('/docs/api');
  await stage.stop();
});

it('a second site has its own prefix and policy', async () => {
  const site = createStaticSite({ folder: join(folder, 'site'), prefix: '/dashboard/', immutable: /^$/, policy: { 'connect-src': "'self' ws:" } });
  const asked = { method: 'GET', query: '', headers: new Map<string, string>(), address: '', body: new Uint8Array() };
  const page = await site.answer({ ...asked, path: '/dashboard/guide' });
  expect(page.headers.find(([name]) => name === 'content-security-policy')?.[1]).toContain("connect-src 'self' ws:");
  expect((await site.answer({ ...asked, path: '/dashboard/deep/page/' })).headers).toContainEqual(['location', '/dashboard/deep/page']);
});

it('policies name each inline script once, and none that is loaded', () => {
  expect(pagePolicy('<script src="/a.js"></script>', {})).toMatch(/; script-src 'self'$/);
  expect(pagePolicy('<script>a</script><script type="module">a</script><script>b</script>', {}).match(/sha256-/g)).toHaveLength(2);
});

describe('negotiation', () => {
  it.each([
    [undefined, false], ['', false], ['gzip', true], ['GZIP', true], ['br, gzip', true], ['gzip;q=0', false], ['gzip; q=0.5', true], ['*', true], ['*;q=0', false], ['*;q=0, gzip', true], ['identity', false], ['gzip;q=x', false],
  ])('accept-encoding %j takes gzip: %s', (header, verdict) => {
    expect(acceptsGzip(header)).toBe(verdict);
  });

  it.each([[undefined, false], ['"a"', true], ['W/"a"', true], ['"b", "a"', true], ['*', true], ['"b"', false], ['a', false]])('if-none-match %j is of "a": %s', (header, verdict) => {
    expect(matchesTag(header, '"a"')).toBe(verdict);
  });
});
