/** A long conversation: what is read stands still, whatever is loaded and whatever happens around it. */
import type { Page } from '@talaria/services';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageOf, openConversation, say, setStage, type Stage } from './stage.js';

const MESSAGES = 420;

let stage: Stage;
let conversationId: string;

beforeAll(async () => {
  stage = await setStage();
  const { backend } = stage;
  ({ conversation_id: conversationId } = await backend.conversations.create({ name: 'Log book', member_ids: ['ext:mira', 'ext:jonas'], as_user_id: 'ext:aisha', history: 'all' }));
  for (let at = 1; at <= MESSAGES; at += 1) {
    const lines = at % 7 === 0 ? '\nwith a second line\nand a third one' : '';
    await backend.messages.send({ conversation_id: conversationId, text: `Entry ${at}.${lines}${at === 30 ? ' A porpoise beside the pier!' : ''}`, as_user_id: at % 3 === 0 ? 'ext:mira' : 'ext:aisha' });
  }
  const { head_seq: seq } = await backend.conversations.get({ conversation_id: conversationId });
  for (const user of ['ext:mira', 'ext:jonas']) await backend.marks.set({ conversation_id: conversationId, read_seq: seq, as_user_id: user });
}, 300_000);
afterAll(() => stage?.stop());

const SCROLLER = '.conversation-main .messages-scroller';

/**
 * Follows the message in the middle of the screen while something happens, in every frame.
 *
 * @param to where the user has scrolled to at first
 * @returns by how many pixels it was away from its place at most, and at the end
 */
async function watch(page: Page, to: number | undefined, happen: () => Promise<void>): Promise<{ readonly most: number; readonly end: number }> {
  await page.evaluate(([selector, to]) => {
    const scroller = document.querySelector(selector)!;
    if (to !== undefined) scroller.scrollTop = to;
    const { top, height } = scroller.getBoundingClientRect();
    const messages = [...scroller.querySelectorAll<HTMLElement>('[data-key]')];
    const middle = messages.find((one) => one.getBoundingClientRect().bottom > top + height / 2)!;
    const { key } = middle.dataset;
    const place = middle.getBoundingClientRect().top;
    const watched = { most: 0, end: 0, on: true };
    Object.assign(window, { watched });
    const look = (): void => {
      const now = scroller.querySelector(`[data-key="${key}"]`)?.getBoundingClientRect().top ?? Number.NaN;
      watched.end = Math.abs(now - place);
      watched.most = Math.max(watched.most, watched.end);
      if (watched.on) requestAnimationFrame(look);
    };
    look();
  }, [SCROLLER, to] as const);
  await happen();
  return page.evaluate(async () => {
    const { watched } = window as unknown as { watched: { most: number; end: number; on: boolean } };
    // What was set off by it has two frames to come.
    for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
    watched.on = false;
    return { most: watched.most, end: watched.end };
  });
}

const shownKeys = (page: Page) => page.locator(`${SCROLLER} [data-key]`).evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['key']));
const scrollTo = (page: Page, top: number) => page.evaluate(([selector, to]) => {
  document.querySelector(selector)!.scrollTop = to;
}, [SCROLLER, top] as const);

test('opens at the end, loads older pages without moving what is read by a pixel, and drops the far end', async () => {
  const { page } = await stage.enter('Jonas Lindqvist');
  await openConversation(page, 'Log book');
  await messageOf(page, `Entry ${MESSAGES}.`).waitFor();
  expect(await page.evaluate((selector) => {
    const { scrollHeight, scrollTop, clientHeight } = document.querySelector(selector)!;
    return scrollHeight - scrollTop - clientHeight;
  }, SCROLLER)).toBeLessThanOrEqual(1);

  let pages = 0;
  let trimmed = false;
  for (let first = (await shownKeys(page))[0]; pages < 12; pages += 1) {
    // Near to the upper end: a page is asked for, and comes while the user stands still.
    const moved = await watch(page, 700, async () => {
      const before = first;
      await expect.poll(async () => (await shownKeys(page))[0], { timeout: 20_000 }).not.toBe(before);
      [first] = await shownKeys(page);
    });
    expect(moved.most).toBeLessThanOrEqual(1);
    const keys = await shownKeys(page);
    trimmed ||= await messageOf(page, `Entry ${MESSAGES}.`).count() === 0;
    if (await page.getByText('This is where the conversation begins.').count() > 0) break;
    expect(keys.length).toBeLessThanOrEqual(200);
  }
  expect(pages).toBeGreaterThan(4);
  expect(trimmed).toBe(true);
  await page.getByRole('button', { name: 'Newest messages' }).click();
  await messageOf(page, `Entry ${MESSAGES}.`).waitFor();
}, 180_000);

test('a reaction, a new line and a deletion above and below do not move what is read', async () => {
  const { page } = await stage.enter('Jonas Lindqvist');
  await openConversation(page, 'Log book');
  await messageOf(page, `Entry ${MESSAGES}.`).waitFor();
  await scrollTo(page, 1_600);
  const { items } = await stage.backend.messages.list({ conversation_id: conversationId, limit: 50 });
  const above = items.find(({ text }) => text.startsWith(`Entry ${MESSAGES - 34}.`))!;
  const moved = await watch(page, undefined, async () => {
    await stage.backend.reactions.add({ message_id: above.id, reaction: '🎉', as_user_id: 'ext:mira' });
    await messageOf(page, `Entry ${MESSAGES - 34}.`).getByRole('button', { name: 'party, 1' }).waitFor();
    const longer = items.find(({ text, sender_id: sender }) => sender === above.sender_id && text.startsWith(`Entry ${MESSAGES - 31}.`) )!;
    await stage.backend.messages.edit({ message_id: longer.id, text: `Entry ${MESSAGES - 31}.\n\nmuch\n\nlonger\n\nthan it was`, as_user_id: 'ext:aisha' });
    await messageOf(page, 'than it was').waitFor();
    await stage.backend.messages.send({ conversation_id: conversationId, text: 'Below, unseen', as_user_id: 'ext:mira' });
    await messageOf(page, 'Below, unseen').waitFor();
  });
  expect(moved.most).toBeLessThanOrEqual(1);
  // At the end it follows.
  await page.getByRole('button', { name: 'To the end' }).click();
  await stage.backend.messages.send({ conversation_id: conversationId, text: 'And seen', as_user_id: 'ext:mira' });
  await messageOf(page, 'And seen').waitFor();
  await expect.poll(() => messageOf(page, 'And seen').evaluate((one, selector) => one.getBoundingClientRect().bottom <= document.querySelector(selector)!.getBoundingClientRect().bottom, SCROLLER)).toBe(true);
}, 120_000);

test('a search finds an old message and jumps to it; newer pages come below; sending goes to the end', async () => {
  const { page } = await stage.enter('Jonas Lindqvist');
  await openConversation(page, 'Log book');
  await page.getByRole('textbox', { name: /Search/ }).fill('porpoise');
  const hit = page.locator('.hit', { hasText: 'porpoise' });
  await hit.waitFor({ timeout: 20_000 });
  expect(await hit.locator('mark').innerText()).toBe('porpoise');
  await hit.click();
  const found = messageOf(page, 'A porpoise beside the pier!');
  await expect.poll(() => found.getAttribute('data-flash')).toBe('true');
  const within = await found.evaluate((one, selector) => {
    const [inner, outer] = [one.getBoundingClientRect(), document.querySelector(selector)!.getBoundingClientRect()];
    return inner.top >= outer.top && inner.bottom <= outer.bottom;
  }, SCROLLER);
  expect(within).toBe(true);
  // What is written goes to the end, and is seen there.
  await say(page, 'Did anybody take a picture?');
  await messageOf(page, 'Did anybody take a picture?').waitFor();
  await messageOf(page, `Entry ${MESSAGES}.`).waitFor();
}, 120_000);

test('who has much to read begins where they have stopped', async () => {
  const { conversation_id: id } = await stage.backend.conversations.create({ name: 'Missed', member_ids: ['ext:mira'], as_user_id: 'ext:aisha', history: 'all' });
  for (let at = 1; at <= 140; at += 1) {
    const { seq } = await stage.backend.messages.send({ conversation_id: id, text: `Missed ${at}.`, as_user_id: 'ext:aisha' });
    if (at === 20) await stage.backend.marks.set({ conversation_id: id, read_seq: seq, as_user_id: 'ext:mira' });
  }
  const { page } = await stage.enter('Mira Okafor');
  await openConversation(page, 'Missed');
  await page.locator('.divider').waitFor();
  const next = await page.locator('.divider + .message').innerText();
  expect(next).toContain('Missed 21.');
  const badge = page.locator('.sidebar a.conversation-row', { hasText: 'Missed' }).locator('.badge');
  // Only what was on the screen is read.
  await expect.poll(async () => Number.parseInt(await badge.innerText(), 10)).toBeLessThan(120);
  expect(Number.parseInt(await badge.innerText(), 10)).toBeGreaterThan(60);
  await page.getByRole('button', { name: 'Newest messages' }).click();
  await badge.waitFor({ state: 'detached' });
}, 180_000);
