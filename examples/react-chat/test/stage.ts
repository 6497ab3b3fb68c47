/** A server with what is in it at first, the built page, and people in a real browser. */
import { startChromium, type Chromium, type OpenPage, type Page } from '@talaria/services';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { furnish, type Furnished } from '../src/tool/furnish.js';
import { buildPage, serveBuiltPage } from '../src/tool/page.js';
import { startTalaria, type Talaria } from '../src/tool/talaria.js';

type OpenOptions = Parameters<Chromium['open']>[1];

export interface Stage extends Furnished {
  readonly browser: Chromium;
  readonly url: string;
  /** Opens the page in a profile of its own. */
  open(options?: OpenOptions): Promise<OpenPage>;
  /** Somebody of the seed who is signed in. */
  enter(name: string, options?: OpenOptions): Promise<OpenPage>;
  /** Somebody new. */
  guest(name: string): Promise<OpenPage>;
  closePages(): Promise<void>;
  /** The server ends, and begins again where it was. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  stop(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), 'talaria-react-chat-'));
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.toReversed()) await end();
    rmSync(data, { recursive: true, force: true });
  };
  const opened: OpenPage[] = [];
  const start = (port: number): Promise<Talaria> => startTalaria({ data, port, flags: ['--durability', 'relaxed'] });
  try {
    let talaria = await start(0);
    ends.push(() => talaria.stop());
    const port = Number(new URL(talaria.url).port);
    const furnished = await furnish(talaria, data);
    await buildPage();
    const served = await serveBuiltPage(furnished.page, 0);
    ends.push(() => served.stop());
    const browser = await startChromium();
    ends.push(() => browser.stop());
    const open: Stage['open'] = async (options) => {
      const page = await browser.open(served.url, { viewport: { width: 1280, height: 800 }, ...options });
      opened.push(page);
      return page;
    };
    return {
      ...furnished, browser, url: served.url, open, stop,
      async enter(name, options) {
        const one = await open(options);
        await one.page.getByRole('button', { name }).click();
        await one.page.getByRole('navigation', { name: 'Conversations' }).waitFor();
        return one;
      },
      async guest(name) {
        const one = await open();
        await one.page.getByText('Guest', { exact: true }).click();
        await one.page.getByLabel('Your name').fill(name);
        await one.page.getByRole('button', { name: 'Continue as guest' }).click();
        await one.page.getByRole('navigation', { name: 'Conversations' }).waitFor();
        return one;
      },
      async closePages() {
        await Promise.all(opened.splice(0).map((one) => one.close()));
      },
      stopServer: () => talaria.stop(),
      async startServer() {
        talaria = await start(port);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Opens a conversation of the list. */
export async function openConversation(page: Page, title: string): Promise<void> {
  await page.locator('.sidebar a.conversation-row', { hasText: title }).click();
  await page.getByRole('textbox', { name: `Message to ${title}` }).waitFor();
}

/** Writes into the main field, and sends. */
export async function say(page: Page, text: string): Promise<void> {
  const field = page.locator('.conversation-main textarea');
  await field.fill(text);
  await field.press('Enter');
}

/** The messages that say this. */
export const messageOf = (page: Page, text: string) => page.locator('.message', { hasText: text });
