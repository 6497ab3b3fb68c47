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

/** What differs from run to run is the time of the day. */
async function settle(page: Page): Promise<void> {
  // Nothing is under the pointer.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(1_200);
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (const [at, time] of [...document.querySelectorAll('time')].entries()) time.textContent = `09:${String(10 + (at % 45)).padStart(2, '0')}`;
  });
}
