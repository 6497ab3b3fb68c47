/** By keyboard alone, and by axe: on each of the main screens, light and dark, wide and as a phone. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { faults } from './axe.js';
import { messageOf, openConversation, say, setStage, type Stage } from './stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
}, 300_000);
afterEach(() => stage?.closePages());
afterAll(() => stage?.stop());

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious on any screen (${colorScheme})`, async () => {
    const { page: stranger } = await stage.open({ colorScheme });
    expect(await faults(stranger)).toEqual([]);
    const { page } = await stage.enter('Mira Okafor', { colorScheme });
    await page.locator('.conversation-row .badge').first().waitFor();
    expect(await faults(page)).toEqual([]);
    await openConversation(page, 'Harbour Café');
    await messageOf(page, 'If not, I can.').hover();
    await messageOf(page, 'If not, I can.').locator('.toolbar').waitFor();
    expect(await faults(page)).toEqual([]);
    await messageOf(page, 'If not, I can.').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menu').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await messageOf(page, 'summer menu').getByRole('button', { name: '3 replies' }).click();
    await page.locator('.thread .message').first().waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('textbox', { name: /Search/ }).fill('summer');
    await page.locator('.hit').first().waitFor({ timeout: 20_000 });
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByRole('button', { name: 'New conversation' }).click();
    await page.getByRole('dialog').getByLabel('People').fill('a');
    await page.locator('.picker-row').first().waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('.conversation-main .conversation-title').click();
    await page.locator('.member').first().waitFor();
    expect(await faults(page)).toEqual([]);
  }, 240_000);
}

test('axe finds nothing serious on a phone, which shows one of the two screens, with a way back', async () => {
  const { page } = await stage.enter('Mira Okafor', { viewport: { width: 390, height: 844 }, hasTouch: true });
  expect(await faults(page)).toEqual([]);
  await page.locator('.sidebar a.conversation-row', { hasText: 'Harbour Café' }).tap();
  await page.getByRole('textbox', { name: 'Message to Harbour Café' }).waitFor();
  expect(await page.locator('.sidebar').isVisible()).toBe(false);
  expect(await faults(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await messageOf(page, 'summer menu').getByRole('button', { name: '3 replies' }).tap();
  await page.locator('.thread .message').first().waitFor();
  expect(await page.locator('.conversation-main').isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Close the thread' }).tap();
  await page.getByRole('button', { name: 'Back to your conversations' }).tap();
  await page.locator('.sidebar').waitFor();
}, 120_000);

test('everything that matters can be done by keyboard alone', async () => {
  const { page } = await stage.open();
  const { keyboard } = page;
  /** What has the focus: its label, or its words. */
  const focused = () => page.evaluate(() => {
    const { activeElement: one, body } = document;
    return one instanceof HTMLElement && one !== body ? one.getAttribute('aria-label') ?? one.innerText : '';
  });
  await page.getByRole('heading', { name: 'Harbour' }).waitFor();
  for (let steps = 0; steps < 20 && !(await focused()).includes('Mira Okafor'); steps += 1) await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.locator('.conversation-row .badge').first().waitFor();
  // Search, and open what was found.
  await keyboard.press('Control+k');
  await keyboard.type('celeriac');
  await page.locator('.hit').first().waitFor({ timeout: 20_000 });
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await page.locator('.thread').getByText('celeriac').waitFor();
  await page.locator('.thread textarea').focus();
  await keyboard.press('Escape');
  await expect.poll(focused).toBe('Message to Harbour Café');
  await keyboard.press('Control+k');
  await keyboard.press('Escape');
  // Down from the field into the list, and along it.
  await keyboard.press('ArrowDown');
  expect(await focused()).toContain('Harbour Café');
  await keyboard.press('ArrowDown');
  expect(await focused()).toContain('Jonas Lindqvist');
  await keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Message to Jonas Lindqvist' }).waitFor();
  await expect.poll(focused).toBe('Message to Jonas Lindqvist');
  await keyboard.type('A line');
  await keyboard.press('Shift+Enter');
  await keyboard.type('and another');
  await keyboard.press('Enter');
  await messageOf(page, 'and another').waitFor();
  // Back to the messages, up, and react to one.
  await keyboard.press('Shift+Tab');
  await expect.poll(focused).toContain('and another');
  await keyboard.press('ArrowUp');
  await expect.poll(focused).toContain('Forty people');
  await keyboard.press('e');
  await page.getByRole('dialog', { name: 'Reactions' }).waitFor();
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await messageOf(page, 'Forty people').getByRole('button', { name: 'heart, 1' }).waitFor();
  // Out, to the row of the list.
  await page.getByRole('textbox', { name: 'Message to Jonas Lindqvist' }).focus();
  await keyboard.press('Escape');
  await expect.poll(focused).toContain('Jonas Lindqvist');
  await keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' });
  // What had the focus has it again.
  await expect.poll(focused).toContain('Jonas Lindqvist');
}, 120_000);

test('a mention is completed, told to whom it means, and an input method is left alone', async () => {
  const [{ page: mira }, { page: jonas }] = [await stage.enter('Mira Okafor'), await stage.enter('Jonas Lindqvist')];
  await openConversation(mira, 'Harbour Café');
  await mira.locator('.conversation-main textarea').pressSequentially('Morning @jo');
  await mira.getByRole('option', { name: 'Jonas Lindqvist' }).waitFor();
  await mira.keyboard.press('Enter');
  await expect.poll(() => mira.locator('.conversation-main textarea').inputValue()).toBe('Morning @Jonas Lindqvist ');
  await mira.keyboard.type('and <b>all</b> of you');
  await mira.keyboard.press('Enter');
  const said = messageOf(mira, 'Morning @Jonas Lindqvist');
  await said.locator('.mention', { hasText: '@Jonas Lindqvist' }).waitFor();
  // What looks like markup is text.
  expect(await said.locator('.text').innerText()).toBe('Morning @Jonas Lindqvist and <b>all</b> of you');
  await jonas.locator('.sidebar a.conversation-row', { hasText: 'Harbour Café' }).locator('.badge.mention').waitFor();
  await say(mira, 'https://example.com/pier. javascript:alert(1)');
  const links = messageOf(mira, 'example.com/pier').locator('a');
  expect(await links.evaluateAll((all) => all.map((one) => [one.getAttribute('href'), one.getAttribute('rel')]))).toEqual([['https://example.com/pier', 'noopener noreferrer nofollow']]);
  // The caret stays where one writes.
  const field = mira.locator('.conversation-main textarea');
  await field.fill('one three');
  await field.evaluate((one: HTMLTextAreaElement) => one.setSelectionRange(4, 4));
  await mira.keyboard.type('two ');
  expect(await field.inputValue()).toBe('one two three');
}, 120_000);
