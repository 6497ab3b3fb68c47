/** A visitor's page and an agent's in a real browser. */
import { connectAdmin } from '@talaria/sdk/admin';
import { startChromium, startDevServer, type Chromium, type DevServer, type OpenPage, type Page, type Running } from '@talaria/services';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { serveHtml, startNetwork, startSite, type Network, type Site } from './server.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WAIT = { timeout: 20_000 };
const PHONE = { width: 360, height: 640 };

let server: DevServer;
let network: Network;
let site: Site;
let browser: Chromium;
const opened: OpenPage[] = [];
const served: Running[] = [];

beforeAll(async () => {
  browser = await startChromium();
  server = await startDevServer(import.meta.url);
  network = await startNetwork(server.url);
  site = await startSite(server, network.url);
}, 300_000);

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await Promise.all(served.splice(0).map((one) => one.stop()));
});
afterAll(async () => {
  await browser?.stop();
  await site?.stop();
  await network?.stop();
  await server?.stop();
});

async function open(url: string, options: Parameters<Chromium['open']>[1] = {}): Promise<OpenPage> {
  const one = await browser.open(url, options);
  opened.push(one);
  return one;
}

/** Playwright's selectors look into open shadow trees. */
const texts = (page: Page): Promise<string[]> => page.locator('.lines li .text').allInnerTexts();
const notes = (page: Page): Promise<string[]> => page.locator('.lines li .note').allInnerTexts();
const status = (page: Page): Promise<string> => page.locator('.status').innerText();

async function begin(page: Page): Promise<void> {
  await page.click('.bubble');
  await expect.poll(() => status(page), WAIT).toBe('Connected');
  await expect.poll(() => page.isEnabled('.panel textarea'), WAIT).toBe(true);
}

async function write(page: Page, text: string): Promise<void> {
  await page.fill('textarea', text);
  await page.press('textarea', 'Enter');
}

/** What axe finds that keeps somebody out. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(`axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ' ' + nodes[0].html))`);
}

test('a visitor writes, an agent sees who waits and answers, and the conversation outlives a reload and the other tab', async () => {
  const visitor = await open(site.visitors);
  const { page } = visitor;
  await begin(page);
  const markup = '<img src=x onerror="document.title=\'broken\'"> is 2 < 3?';
  await write(page, markup);
  const agent = await open(site.agents);
  await expect.poll(() => agent.page.locator('.waits').count(), WAIT).toBe(1);
  await agent.page.click('#visitors button');
  await expect.poll(() => texts(agent.page), WAIT).toEqual([markup]);
  await write(agent.page, 'It is.');
  await expect.poll(() => texts(page), WAIT).toEqual([markup, 'It is.']);
  await expect.poll(() => agent.page.locator('.waits').count(), WAIT).toBe(0);

  await page.reload();
  await expect.poll(() => texts(page), WAIT).toEqual([markup, 'It is.']);
  expect(await page.title()).toBe('Harbour Kitchen');
  // Closed, it counts what comes; a screen reader is told.
  await page.keyboard.press('Escape');
  await write(agent.page, 'Anything else?');
  await expect.poll(() => page.getAttribute('.bubble', 'aria-label'), WAIT).toBe('Open the chat, 1 unread');
  const tab = await page.context().newPage();
  await tab.goto(site.visitors);
  await begin(tab);
  await expect.poll(() => texts(tab), WAIT).toEqual([markup, 'It is.', 'Anything else?']);
  await expect.poll(() => page.getAttribute('.bubble', 'aria-label'), WAIT).toBe('Open the chat');
  for (const { errors } of [visitor, agent]) expect(errors).toEqual([]);
}, 120_000);

test('what is written offline waits and goes when the network is back; what was refused is sent again by hand', async () => {
  const { page } = await open(site.visitors);
  await begin(page);
  network.cut(true);
  await expect.poll(() => status(page), WAIT).toMatch(/^Offline/);
  await write(page, 'from the tunnel');
  await expect.poll(() => notes(page), WAIT).toEqual(['Sending …']);
  // The page's own server is there still; Talaria is not.
  await page.reload();
  await expect.poll(() => notes(page), WAIT).toEqual(['Sending …']);
  expect(await faults(page)).toEqual([]);
  network.cut(false);
  await expect.poll(() => status(page), WAIT).toBe('Connected');
  await expect.poll(() => notes(page), WAIT).toEqual([expect.stringMatching(/\d/)]);

  const backend = connectAdmin({ url: server.url, key: server.app_key });
  const { items: [conversation] } = await backend.inbox.list({ user_id: 'ext:support', limit: 1 });
  const blocked_user_id = conversation!.last_message!.sender_id!;
  await backend.blocks.add({ user_id: 'ext:support', blocked_user_id });
  await write(page, 'are you there?');
  await expect.poll(() => page.locator('li[data-status="failed"]').count(), WAIT).toBe(1);
  expect(await texts(page)).toEqual(['from the tunnel', 'are you there?']);
  expect(await faults(page)).toEqual([]);
  await backend.blocks.remove({ user_id: 'ext:support', blocked_user_id });
  await page.click('text=Send again');
  await expect.poll(() => page.locator('li[data-status="sent"]').count(), WAIT).toBe(2);
  const { items } = await backend.messages.list({ conversation_id: conversation!.id });
  expect(items.map(({ text }) => text)).toEqual(['from the tunnel', 'are you there?']);

  // The guest's session is ended from elsewhere: whoever writes again is another guest, who sees nothing of it.
  await backend.sessions.clear({ user_id: blocked_user_id });
  await expect.poll(() => page.locator('.trouble').innerText(), WAIT).toBe('This conversation has ended. Try again');
  await page.click('text=Try again');
  await expect.poll(() => page.isEnabled('.panel textarea'), WAIT).toBe(true);
  await write(page, 'somebody new');
  await expect.poll(() => texts(page), WAIT).toEqual(['somebody new']);
}, 120_000);

test("the page's CSS does not reach in, and the widget's not out; keys do not leave it", async () => {
  const { origin } = new URL(site.visitors);
  const host = await serveHtml(`<!doctype html><html lang="en"><title>Hostile</title>
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-page'; script-src ${origin} 'nonce-page'; connect-src ${server.url} ${server.url.replace('http', 'ws')}"><style nonce="page">
    *:not(html, head, body, p) { display: none !important; }
    *:not(html) { position: static !important; color: red !important; font: 5px cursive !important; visibility: hidden !important; transform: rotate(20deg) !important; z-index: 0 !important; opacity: 0 !important; }
    button, textarea, section, ol, li { width: 1px !important; padding: 90px !important; }
    p { visibility: visible !important; font-size: 33px !important; }
  </style><body><p id="own">mine</p><script src="${origin}/widget.js" data-url="${server.url}" data-app="${server.app_public_key}"></script>
  <script nonce="page">window.keys = 0; addEventListener('keydown', () => { window.keys += 1; });</script></body></html>`);
  served.push(host);
  const { page, errors } = await open(host.url, { viewport: { width: 1000, height: 700 } });
  const own = 'JSON.stringify([getComputedStyle(own).fontSize, getComputedStyle(own).color])';
  expect(await page.evaluate(own)).toBe('["33px","rgb(255, 0, 0)"]');
  await begin(page);
  await write(page, 'hello from a strange page');
  await expect.poll(() => texts(page), WAIT).toEqual(['hello from a strange page']);
  await page.mouse.move(10, 10);
  await expect.poll(() => page.locator('.bubble').boundingBox(), WAIT).toEqual({ x: 920, y: 620, width: 60, height: 60 });
  // Where the panel is, nothing of the page is above it.
  expect(await page.evaluate('document.elementFromPoint(800, 400).tagName')).toBe('TALARIA-SUPPORT');
  const style = await page.locator('.lines .text').first().evaluate((one) => JSON.stringify([getComputedStyle(one).fontSize, getComputedStyle(one).visibility]));
  expect(style).toBe('["16px","visible"]');
  expect(await page.evaluate(own)).toBe('["33px","rgb(255, 0, 0)"]');
  expect(await page.evaluate('window.keys')).toBe(0);
  expect(errors).toEqual([]);
}, 120_000);

test('keyboard, screen readers, a phone, light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await open(site.visitors, { colorScheme, viewport: PHONE });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.isEnabled('.panel textarea'), WAIT).toBe(true);
    await page.keyboard.type('written by keys alone');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('li[data-status="sent"]').count(), WAIT).toBe(1);
    expect(await page.locator('.panel').boundingBox()).toEqual({ x: 0, y: 0, ...PHONE });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.panel').isVisible(), WAIT).toBe(false);
    expect(await page.evaluate("document.querySelector('talaria-support').shadowRoot.activeElement.className")).toBe('bubble');
    expect(await faults(page)).toEqual([]);

    const agent = await open(site.agents, { colorScheme });
    await agent.page.click('#visitors button');
    await expect.poll(() => texts(agent.page), WAIT).toEqual(['written by keys alone']);
    expect(await faults(agent.page)).toEqual([]);
  }
}, 120_000);

test('the page of the agents gives nothing to who does not know its address', async () => {
  for (const authorization of ['', 'Bearer ', 'Bearer guess']) {
    const response = await fetch(new URL('/agent-token', site.visitors), { method: 'POST', headers: { authorization } });
    expect(response.status).toBe(401);
  }
});
