/** People in a real browser, on a stage that holds for one file of tests. */
import type { Chromium, OpenPage, Page } from '@talaria/services';
import { setStage as setEmptyStage, type Stage as EmptyStage } from '../src/tool/stage.js';

type OpenOptions = Parameters<Chromium['open']>[1];

export interface Stage extends EmptyStage {
  /** Opens the page in a profile of its own. */
  open(options?: OpenOptions): Promise<OpenPage>;
  /** Somebody of the seed who is signed in. */
  enter(name: string, options?: OpenOptions): Promise<OpenPage>;
  /** Somebody new. */
  guest(name: string): Promise<OpenPage>;
  closePages(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const stage = await setEmptyStage();
  const opened: OpenPage[] = [];
  const open: Stage['open'] = async (options) => {
    const page = await stage.chromium.open(stage.url, { viewport: { width: 1280, height: 800 }, ...options });
    opened.push(page);
    return page;
  };
  return {
    ...stage, open,
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
