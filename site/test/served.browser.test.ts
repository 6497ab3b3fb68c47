/** The site as a reader has it: served by a real server over each transport, and looked at in a real browser. */
import { createServer } from '@talaria/server';
import { startChromium, type Chromium } from '@talaria/services';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Server = Awaited<ReturnType<typeof createServer>>;

const PAGES = ['/docs/', '/docs/quickstart', '/docs/performance', '/docs/reference/sdk/client', '/docs/reference/http', '/docs/guides/from-stream'];
const WAIT = { timeout: 20_000 };
let browser: Chromium;

beforeAll(async () => {
  browser = await startChromium();
}, 300_000);
afterAll(() => browser.stop());

describe.each(['uws', 'ws'] as const)('over %s', (transport) => {
  const data = mkdtempSync(join(tmpdir(), 'talaria-site-'));
  let server: Server;

  beforeAll(async () => {
    server = await createServer({ data, port: 0, transport });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(data, { recursive: true });
  });

  it('the start leads there, and machines find their index', async () => {
    const start = await fetch(server.url);
    expect([start.status, new URL(start.url).pathname, start.headers.get('content-type')]).toEqual([200, '/docs/', 'text/html; charset=utf-8']);
    const index = await fetch(`${server.url}/llms.txt`);
    expect([index.status, (await index.text()).slice(0, 9)]).toEqual([200, '# Talaria']);
    expect((await fetch(`${server.url}/docs/asyncapi.yaml`)).headers.get('content-type')).toBe('application/yaml');
  });

  it.each(PAGES)('%s runs under its policy, and asks this host alone', async (path) => {
    const asked: string[] = [];
    const opened = await browser.open('about:blank');
    opened.page.on('request', (request) => asked.push(request.url()));
    await opened.page.goto(server.url + path);
    // The page was taken over by its script, which marks what it has made.
    await expect.poll(() => opened.page.evaluate('Boolean(document.querySelector("#app")?.__vue_app__)'), WAIT).toBe(true);
    await opened.page.waitForLoadState('networkidle');
    expect(opened.errors).toEqual([]);
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((url) => !url.startsWith(`${server.url}/`) && !url.startsWith('data:'))).toEqual([]);
    await opened.close();
  }, 60_000);

  it.each(PAGES)('%s fits a phone', async (path) => {
    const opened = await browser.open(server.url + path, { viewport: { width: 390, height: 844 } });
    expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await opened.close();
  }, 60_000);
});

describe('in a browser', () => {
  const data = mkdtempSync(join(tmpdir(), 'talaria-site-'));
  let server: Server;

  beforeAll(async () => {
    server = await createServer({ data, port: 0 });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(data, { recursive: true });
  });

  it('what is searched for is found, and leads to its page', async () => {
    const { page, errors, close } = await browser.open(`${server.url}/docs/`);
    await page.locator('button.DocSearch-Button').first().click();
    await page.locator('input.search-input').fill('durable cursor');
    const first = page.locator('.VPLocalSearchBox .result').first();
    await first.waitFor();
    await first.click();
    await expect.poll(() => new URL(page.url()).pathname, WAIT).toMatch(/^\/docs\/\w/);
    await expect.poll(() => page.locator('main h1').count(), WAIT).toBe(1);
    expect(errors).toEqual([]);
    await close();
  }, 60_000);

  it('dark mode is a switch, which is remembered', async () => {
    const { page, errors, close } = await browser.open(`${server.url}/docs/concepts`, { colorScheme: 'light', viewport: { width: 1_280, height: 900 } });
    const dark = (): Promise<unknown> => page.evaluate('document.documentElement.classList.contains("dark")');
    await expect.poll(() => page.evaluate('Boolean(document.querySelector("#app")?.__vue_app__)'), WAIT).toBe(true);
    expect(await dark()).toBe(false);
    await page.locator('.VPNavBarAppearance button').click();
    expect(await dark()).toBe(true);
    await page.reload();
    expect(await dark()).toBe(true);
    // A policy that was too strict would say so here.
    expect(errors).toEqual([]);
    await close();
  }, 60_000);

  it('a chart is the one for the mode', async () => {
    const { page, close } = await browser.open(`${server.url}/docs/performance`, { colorScheme: 'dark' });
    const shown = await page.evaluate('[...document.querySelectorAll(".vp-doc img")].filter((image) => getComputedStyle(image).display !== "none").map((image) => image.className)') as readonly string[];
    expect(new Set(shown)).toEqual(new Set(['dark-only']));
    await close();
  }, 60_000);

  it('a page is left by its links, without being loaded anew, and its menu goes along', async () => {
    const { page, errors, close } = await browser.open(`${server.url}/docs/quickstart`, { viewport: { width: 1_280, height: 900 } });
    await page.locator('.VPNavBarMenuLink', { hasText: 'Operate' }).click();
    await expect.poll(() => page.locator('main h1').first().textContent(), WAIT).toMatch(/^Deploy/);
    expect(await page.locator('.VPSidebar').textContent()).toContain('Backups');
    expect(errors).toEqual([]);
    await close();
  }, 60_000);

  it('what is not there has a page that leads home', async () => {
    const { page, close } = await browser.open(`${server.url}/docs/nothing`);
    await expect.poll(() => page.locator('.NotFound').textContent(), WAIT).toContain('no such page');
    await close();
  }, 60_000);
});
