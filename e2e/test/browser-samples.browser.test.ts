/** Samples of documentation pages that are for a browser type-check, and run in one. */
import { startChromium, type Chromium } from '@talaria/services';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserBlocksOf, diagnose, given, root } from './support/page-samples.js';
import { startPageServer, type PageServer } from './support/page-stage.js';

const pages = readdirSync(join(root, 'docs'), { recursive: true }).map(String).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`).filter((page) => browserBlocksOf(page).length > 0);
const entries = ['identity', 'indexeddb', 'live', 'state', 'calls'];
const imports = { '@talaria/sdk': '/index.js', ...Object.fromEntries(entries.map((name) => [`@talaria/sdk/${name}`, `/${name}.js`])) };

/** Inside the workspace, so that the published packages are found. */
const workshop = mkdtempSync(join(root, 'e2e/.samples-'));
let server: PageServer;
let http: Server;
let chromium: Chromium;
/** What the next page shows. */
let html = '';

beforeAll(async () => {
  server = await startPageServer();
  chromium = await startChromium();
  http = createServer(({ url = '/' }, response) => {
    const script = url.endsWith('.js');
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html').end(script ? readFileSync(join(root, 'packages/sdk/dist', url.slice(1))) : html);
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
}, 240_000);
afterAll(async () => {
  await chromium?.stop();
  http?.close();
  await server?.stop();
  rmSync(workshop, { recursive: true });
});

it('finds the pages', () => {
  expect(pages).toContain('docs/browser.md');
});

describe.each(pages)('%s', (page) => {
  it.each(browserBlocksOf(page).map((text, at) => [at + 1, text] as const))('sample %d type-checks, and runs to its end', async (at, text) => {
    const typed = join(workshop, `${page.replaceAll(/\W/g, '-')}-${at}.ts`);
    writeFileSync(typed, given + text);
    expect(diagnose(typed)).toEqual([]);

    const { environment } = await server.open();
    const script = ts.transpile(`${text}\nwindow.done = true;`, { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext });
    html = `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>
      <script>const { url, app, token, bobsToken } = ${JSON.stringify(environment)};</script><script type="module">${script}</script>`;
    const opened = await chromium.open(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`);
    await expect.poll(async () => [opened.errors, await opened.page.evaluate('window.done === true')], { timeout: 20_000 }).toEqual([[], true]);
    await opened.close();
  }, 60_000);
});
