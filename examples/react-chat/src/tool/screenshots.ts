/** Pictures of the main screens, from the seed and from nothing else, so that they are the same on each run. */
import { unpackedPackage, type Page } from '@talaria/services';
import { join } from 'node:path';
import { IMAGES } from './place.js';
import { withStage, type Stage } from './stage.js';

const WIDE = { width: 1200, height: 740 };
const PHONE = { width: 390, height: 780 };
const BYTES_MAX = 150_000;
type Scheme = 'light' | 'dark';

export async function takeScreenshots(): Promise<void> {
  await withStage([], async (stage) => {
    const shot = async (name: string, scheme: Scheme, viewport: typeof WIDE, arrange: (page: Page) => Promise<void>): Promise<void> => {
      const { page, close } = await stage.chromium.open(stage.url, { viewport, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB', hasTouch: viewport === PHONE });
      await emojiOf(page);
      await arrange(page);
      await settle(page);
      const image = await page.screenshot({ path: join(IMAGES, `chat-${name}.png`), caret: 'initial' });
      if (image.length > BYTES_MAX) throw new Error(`chat-${name}.png has ${image.length} bytes.`);
      process.stdout.write(`chat-${name}.png ${image.length} bytes\n`);
      await close();
    };
    const jonas = await writer(stage);
    const enter = (page: Page): Promise<void> => signIn(page, stage);
    await shot('sign-in-light', 'light', WIDE, async () => undefined);
    // Before anything is read.
    await shot('phone-inbox-light', 'light', PHONE, enter);
    for (const scheme of ['light', 'dark'] as const) {
      await shot(`conversation-${scheme}`, scheme, WIDE, async (page) => {
        await enter(page);
        await open(page, 'Harbour Café');
        await jonas.type();
        await page.getByText('is typing').waitFor();
      });
    }
    await shot('thread-light', 'light', { width: 1280, height: 740 }, async (page) => {
      await enter(page);
      await open(page, 'Harbour Café');
      await page.locator('.thread-link').click();
      await page.locator('.thread .message').nth(2).waitFor();
    });
    await shot('search-dark', 'dark', WIDE, async (page) => {
      await enter(page);
      await page.getByRole('textbox', { name: /Search/ }).fill('menu');
      await page.locator('.hit').first().click();
      await page.locator('[data-flash="true"]').waitFor({ state: 'attached' });
    });
    await shot('phone-conversation-dark', 'dark', PHONE, async (page) => {
      await enter(page);
      await open(page, 'Jonas Lindqvist');
    });
    await shot('details-light', 'light', WIDE, async (page) => {
      await enter(page);
      await open(page, 'Harbour Café');
      await page.locator('.conversation-title').click();
      await page.locator('.member').nth(5).waitFor();
    });
    // The last one: the server is gone then.
    await shot('offline-light', 'light', WIDE, async (page) => {
      await enter(page);
      await open(page, 'Deliveries');
      await freeze(stage, page);
      await say(page, 'Can they come earlier?');
      await page.locator('[data-status="failed"]').waitFor();
      await stage.stopServer();
      await page.getByText('No connection.').waitFor();
      await say(page, 'Half past six is fine. I open the gate.');
      await page.locator('[data-state="sending"]').waitFor();
    });
  });
}

async function signIn(page: Page, { page: { demo } }: Stage): Promise<void> {
  await page.getByRole('button', { name: demo[0]?.name ?? '' }).click();
  await page.locator('.conversation-row .badge').first().waitFor();
}

async function open(page: Page, title: string): Promise<void> {
  await page.locator('.sidebar a.conversation-row', { hasText: title }).click();
  await page.locator('.message').first().waitFor();
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('.conversation-main textarea').fill(text);
  await page.keyboard.press('Enter');
}

/** Nobody may write in the open conversation: what is sent is refused. */
async function freeze({ backend }: Stage, page: Page): Promise<void> {
  const id = await page.locator('.conversation-row[aria-current]').getAttribute('data-conversation');
  await backend.conversations.settings({ conversation_id: id ?? '', frozen: true, as_user_id: 'ext:tomas' });
}

/** Somebody else who is there, and begins to write. */
async function writer({ chromium, url, page: { demo } }: Stage): Promise<{ type(): Promise<void> }> {
  const { page } = await chromium.open(url, { viewport: WIDE });
  await page.getByRole('button', { name: demo[1]?.name ?? '' }).click();
  await open(page, 'Harbour Café');
  return { type: () => page.locator('.conversation-main textarea').pressSequentially('…') };
}

/** Where the system has no emoji, as on a server, Debian's font is taken: the page names it. */
async function emojiOf(page: Page): Promise<void> {
  const font = join(unpackedPackage('fonts-noto-color-emoji'), 'usr/share/fonts/truetype/noto/NotoColorEmoji.ttf');
  await page.route('**/emoji.ttf', (route) => route.fulfill({ path: font, contentType: 'font/ttf' }));
  await page.addStyleTag({ content: "@font-face { font-family: 'Noto Color Emoji'; src: url('/emoji.ttf'); unicode-range: U+200D, U+FE0F, U+2600-27BF, U+1F000-1FAFF; }" });
}

/** What differs from run to run is the time of the day: it is said here. */
async function settle(page: Page): Promise<void> {
  // Nothing is under the pointer.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(1_200);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const text = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const say = (selector: string, minutesOf: (at: number, count: number) => number): void => {
      const all = [...document.querySelectorAll(`${selector} time`)];
      for (const [at, time] of all.entries()) time.textContent = text(minutesOf(at, all.length));
    };
    const rows = [...document.querySelectorAll('.conversations .conversation-row')];
    const latestOf = (row: number): number => 567 - 19 * Math.max(0, row);
    say('.conversations .conversation-row', latestOf);
    const latest = latestOf(rows.findIndex((row) => row.hasAttribute('aria-current')));
    const messages = [...document.querySelectorAll('.conversation-main .message')];
    say('.conversation-main .message .meta', (at, count) => latest - 2 * (count - 1 - at));
    const root = latest - 2 * (messages.length - 1 - messages.findIndex((message) => message.querySelector('.thread-link')));
    say('.thread-link', () => root + 5);
    say('.thread-root', () => root);
    say('.thread .message .meta', (at) => root + 1 + 2 * at);
    say('.hit', () => root);
  });
}
