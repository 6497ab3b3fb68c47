/** What docs/react.md shows type-checks, and is an app in a browser: two users of it write to each other. */
import { connect } from '@talaria/sdk';
import { startChromium } from '@talaria/services';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blocksIn, diagnose, root } from './support/page-samples.js';
import { startPageServer } from './support/page-stage.js';

const here = createRequire(import.meta.url);
const { build } = createRequire(here.resolve('tsup'))('esbuild') as { build(options: object): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }> };

const MOUNT = `
  import { createRoot } from 'react-dom/client';
  import { StrictMode } from 'react';
  import { App } from './sample';
  createRoot(document.querySelector('#app')!).render(<StrictMode><App {...(window as unknown as { access: { url: string; app: string; token: string } }).access} /></StrictMode>);
`;

it('docs/react.md: the samples are an app', async () => {
  // Inside the workspace, so that the published packages are found.
  const workshop = mkdtempSync(join(root, 'e2e/.react-page-'));
  const server = await startPageServer();
  const browser = await startChromium();
  const http = createServer();
  try {
    const sample = join(workshop, 'sample.tsx');
    writeFileSync(sample, blocksIn('docs/react.md', 'tsx').join('\n'));
    expect(diagnose(sample)).toEqual([]);
    writeFileSync(join(workshop, 'mount.tsx'), MOUNT);
    const { outputFiles: [script] } = await build({ entryPoints: [join(workshop, 'mount.tsx')], bundle: true, write: false, format: 'esm', target: 'es2022', platform: 'browser', jsx: 'automatic', define: { 'process.env.NODE_ENV': '"development"' }, logLevel: 'silent' });
    const { environment: { url, app, token, bobsToken } } = await server.open();
    http.on('request', (request, response) => {
      if (request.url === '/app.js') response.setHeader('content-type', 'text/javascript').end(script!.text);
      else response.setHeader('content-type', 'text/html').end(`<!doctype html><div id="app"></div><script>window.access = ${JSON.stringify({ url, app, token: request.url === '/bob' ? bobsToken : token })}</script><script type="module" src="/app.js"></script>`);
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const maker = connect({ url, app, token });
    await maker.ready();
    await maker.conversations.create({ name: 'Kitchen', members: ['ext:bob'] });
    await maker.close();
    const [alice, bob] = [await browser.open(`${origin}/alice`), await browser.open(`${origin}/bob`)];
    for (const { page } of [alice, bob]) await page.click('nav button');
    await alice.page.fill('input', 'Soup for forty');
    await bob.page.waitForFunction("document.querySelector('#typing').textContent !== ''", undefined, { timeout: 20_000 });
    await alice.page.press('input', 'Enter');
    await bob.page.waitForSelector('li:has-text("alice Soup for forty")');
    await alice.page.waitForFunction("document.querySelector('input').value === ''", undefined, { timeout: 20_000 });
    await bob.page.waitForSelector('nav button:has-text("Kitchen (1)")');
    await bob.page.hover('ol');
    await bob.page.waitForSelector('nav button:has-text("Kitchen (0)")');
    expect([...alice.errors, ...bob.errors]).toEqual([]);
  } finally {
    await browser.stop();
    http.close();
    await server.stop();
    rmSync(workshop, { recursive: true });
  }
}, 300_000);
