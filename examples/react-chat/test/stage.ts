/** A server with what is in it at first, the built page, and people in a real browser. */
import { startChromium, type Chromium, type OpenPage, type Page } from '@talaria/services';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { furnish, type Furnished } from '../src/tool/furnish.js';
import { buildPage, serveBuiltPage } from '../src/tool/page.js';
import { startTalaria } from '../src/tool/talaria.js';

export interface Stage extends Furnished {
  readonly browser: Chromium;
  readonly url: string;
  /** Opens a page in a profile of its own. */
  open(options?: Parameters<Chromium['open']>[1]): Promise<OpenPage>;
  /** Somebody of the seed who is signed in. */
  enter(name: string, options?: Parameters<Chromium['open']>[1]): Promise<OpenPage>;
  /** Somebody new. */
  guest(name: string): Promise<OpenPage>;
  closePages(): Promise<void>;
  stop(): Promise<void>;
}

export async function setStage(flags: readonly string[] = []): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), 'talaria-react-chat-'));
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.reverse()) await end();
    rmSync(data, { recursive: true, force: true });
  };
  const opened: OpenPage[] = [];
  try {
    const talaria = await startTalaria({ data, port: 0, flags: ['--durability', 'relaxed', ...flags] });
    ends.push(() => talaria.stop());
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

/** Writes into the field that has the focus, or is the main one, and sends. */
export async function say(page: Page, text: string): Promise<void> {
  const field = page.locator('.conversation-main textarea');
  await field.fill(text);
  await field.press('Enter');
}

/** The message that says this. */
export const messageOf = (page: Page, text: string) => page.locator('.message', { hasText: text });
