/** A real Chromium without a window, driven by Playwright. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { unpackedProgram } from './debian.js';
import { startKept, type KeptProcess } from './keeper.js';

export type { BrowserContext, CDPSession, Locator, Page } from 'playwright-core';

export interface ChromiumOptions {
  /** A folder with what the browser keeps between two starts; its starter takes it away. Default: one of its own. */
  readonly profile?: string;
  /** More flags. */
  readonly flags?: readonly string[];
}

export interface OpenPage {
  readonly page: Page;
  /** What went wrong in it that nobody caught, and what it wrote to the console as an error; the oldest first. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface Chromium {
  /** Of the browser itself: `SIGKILL` is a crash, `SIGSTOP` a machine that sleeps. */
  readonly process: KeptProcess;
  readonly browser: Browser;
  /**
   * Tabs of one window, as somebody has them who uses the browser: one is visible and the others are in the background, with their
   * timers throttled. They share the profile.
   */
  readonly tabs: BrowserContext;
  /** Opens a page that shares nothing with the others. Resolves when it has loaded. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>;
  stop(): Promise<void>;
}

const NAMES = ['chromium', 'google-chrome'];
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
  '--remote-debugging-port=0', '--hide-scrollbars', '--force-color-profile=srgb',
  // Two pages of one machine reach each other where there is no other network.
  '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns',
];
const START_MS = 60_000;

/** Where it is, and where the libraries are that this machine lacks. */
function findChromium(): { readonly program: string; readonly libraries: readonly string[] } {
  const given = process.env['TALARIA_TEST_CHROMIUM'];
  if (given) return { program: given, libraries: [] };
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  if (found) return { program: found, libraries: [] };
  try {
    const place = unpackedProgram('chromium');
    const shared = join(place, 'usr/lib');
    const libraries = readdirSync(shared).flatMap((name) => (name.endsWith('-linux-gnu') ? [join(shared, name), join(shared, name, 'pulseaudio')] : []));
    return { program: join(place, 'usr/lib/chromium/chromium'), libraries };
  } catch (error) {
    throw new Error('There is no Chromium. Install one (on Debian: apt-get install chromium), or name one in TALARIA_TEST_CHROMIUM=/path/to/chromium.', { cause: error });
  }
}

/** It ends with this process, also when that is killed. @throws Error that says how to get one */
export async function startChromium(options: ChromiumOptions = {}): Promise<Chromium> {
  const { program, libraries } = findChromium();
  const profile = options.profile ?? mkdtempSync(join(tmpdir(), 'talaria-chromium-'));
  const forget = (): void => {
    if (options.profile === undefined) rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  const env = { ...process.env, ...(libraries.length > 0 && { LD_LIBRARY_PATH: [...libraries, process.env['LD_LIBRARY_PATH'] ?? ''].join(delimiter) }) };
  const running = await startKept(program, [...FLAGS, ...options.flags ?? [], `--user-data-dir=${profile}`, 'about:blank'], { env });
  try {
    // Not started by Playwright, whose own flags and defaults keep each tab visible and its timers at full speed.
    const browser = await chromium.connectOverCDP(await debuggerOf(running), { noDefaults: true, timeout: START_MS });
    return {
      process: running, browser, tabs: browser.contexts()[0]!,
      open: (url, more) => openPage(browser, url, more),
      async stop() {
        await browser.close().catch(() => undefined);
        await running.stop();
        forget();
      },
    };
  } catch (error) {
    await running.stop();
    forget();
    throw error;
  }
}

/** The address at which it listens, which it says first. */
async function debuggerOf(running: KeptProcess): Promise<string> {
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  for (const endMs = Date.now() + START_MS; ;) {
    const [, url] = /DevTools listening on (ws:\S+)/.exec(running.output()) ?? [];
    if (url !== undefined) return url;
    if (over || Date.now() > endMs) throw new Error(`Chromium did not start: ${running.output().trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors = errorsOf(page);
  await page.goto(url);
  return { page, errors, close: () => context.close() };
}

/** What goes wrong in a page from now on that nobody catches, and what it writes to the console as an error. */
export function errorsOf(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}
