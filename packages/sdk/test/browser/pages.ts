/** Pages with the SDK in them, as an app without a bundler loads it, in a real Chromium. */
import type { Chromium, Page } from '@talaria/services';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type * as indexeddb from '../../src/indexeddb/index.js';
import type * as main from '../../src/index.js';

/** What pages have in `window`. */
export type Sdk = typeof main & typeof indexeddb;

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const PAGE = `<!doctype html><title>page</title>
  <script type="importmap">{ "imports": { "@talaria/sdk": "/index.js", "@talaria/sdk/indexeddb": "/indexeddb.js" } }</script>
  <script type="module">
    import * as main from '@talaria/sdk';
    import * as indexeddb from '@talaria/sdk/indexeddb';
    Object.assign(window, { sdk: { ...main, ...indexeddb } });
  </script>`;

export interface Pages {
  readonly url: string;
  /**
   * Loads a page that has the SDK.
   *
   * @param begin runs in the page before anything else
   */
  open(chromium: Chromium, begin?: () => void): Promise<Page>;
  /** Resolves when a page asks for `/stop/<name>`, which is not answered: a synchronous request stands there. */
  stopped(name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startPages(): Promise<Pages> {
  const arrived = new Set<string>();
  const waiting = new Map<string, () => void>();
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    const [, folder = '', name = ''] = (request.url ?? '/').split('/');
    if (folder === 'stop') {
      held.push(response);
      arrived.add(name);
      waiting.get(name)?.();
      return;
    }
    const script = folder.endsWith('.js');
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html').end(script ? readFileSync(`${DIST}${folder}`) : PAGE);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    async open({ tabs }, begin) {
      const page = await tabs.newPage();
      if (begin) await page.addInitScript(begin);
      await page.goto(url);
      await page.waitForFunction(() => 'sdk' in window);
      return page;
    },
    stopped: (name) => new Promise((resolve) => {
      if (arrived.has(name)) resolve();
      else waiting.set(name, resolve);
    }),
    async stop() {
      for (const response of held) response.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Processes {
  readonly processInfo: readonly { readonly type: string; readonly id: number; readonly cpuTime: number }[];
}

const BUSY_MS = 150;

/** The process that shows a page. The browser does not tell: it is the one that works when the page does. */
async function processOf(chromium: Chromium, page: Page): Promise<number> {
  const session = await chromium.browser.newBrowserCDPSession();
  const times = async (): Promise<ReadonlyMap<number, number>> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo') as Processes;
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
  };
  for (;;) {
    const before = await times();
    await page.evaluate((ms) => {
      for (const end = performance.now() + ms; performance.now() < end;);
    }, BUSY_MS);
    const [first, second] = [...await times()].map(([id, after]) => ({ id, worked: after - (before.get(id) ?? 0) })).sort((one, other) => other.worked - one.worked);
    // Others may be at work, too; then nothing is known yet.
    if (first!.worked > 2 * (second?.worked ?? 0) + 0.03) {
      await session.detach();
      return first!.id;
    }
  }
}

/** @returns how to end the process that shows a page, whatever it does at that moment */
export async function crasherOf(page: Page): Promise<() => Promise<void>> {
  // Opened while it still answers.
  const session = await page.context().newCDPSession(page);
  const gone = new Promise<void>((resolve) => void page.once('crash', () => resolve()));
  return () => {
    // Nobody is left to answer it.
    session.send('Page.crash').catch(() => undefined);
    return gone;
  };
}

const STILL_MS = 500;

/**
 * Stops the process that shows a page, as a machine does that has no room for it.
 *
 * @param idle resolves when the page does nothing that should not be interrupted
 * @returns how to wake it
 */
export async function freeze(chromium: Chromium, page: Page, idle: () => Promise<unknown>): Promise<() => void> {
  for (;;) {
    const pid = await processOf(chromium, page);
    await idle();
    process.kill(pid, 'SIGSTOP');
    const answers = await Promise.race([page.evaluate(() => true), new Promise<false>((resolve) => void setTimeout(() => resolve(false), STILL_MS))]);
    if (!answers) return () => void process.kill(pid, 'SIGCONT');
    // Another page was at work, and was taken for it.
    process.kill(pid, 'SIGCONT');
  }
}
