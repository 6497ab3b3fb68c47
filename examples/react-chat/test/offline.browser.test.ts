/** What is written while the server is away, and what it refuses; several tabs; sessions. */
import { errorsOf, type Page } from '@talaria/services';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { faults } from './axe.js';
import { messageOf, openConversation, say, setStage, type Stage } from './stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
}, 300_000);
afterEach(() => stage?.closePages());
afterAll(() => stage?.stop());

const LONG = { timeout: 60_000 };
const conversationIdOf = (page: Page): string => decodeURIComponent(new URL(page.url()).hash.slice(2));

test('what is written without a server survives a reload, and is delivered once when the server is back', async () => {
  const [{ page: mira }, { page: jonas }] = [await stage.enter('Mira Okafor'), await stage.enter('Jonas Lindqvist')];
  await openConversation(mira, 'Jonas Lindqvist');
  await openConversation(jonas, 'Mira Okafor');
  await stage.stopServer();
  await mira.getByText('No connection.').waitFor(LONG);
  await say(mira, 'Written on the train');
  await messageOf(mira, 'Written on the train').locator('[data-state="sending"]').waitFor();
  await say(mira, 'A second thought');
  await say(mira, 'Better not');
  // What has not gone can be taken back.
  await messageOf(mira, 'Better not').hover();
  await messageOf(mira, 'Better not').getByRole('button', { name: 'Do not send' }).click();
  // Said when the browser has forgotten it for good: then the page may go.
  await mira.getByText('It is not sent.').waitFor();
  expect(await messageOf(mira, 'Better not').count()).toBe(0);
  await mira.reload();
  await mira.getByText('No connection.').waitFor(LONG);
  expect(await faults(mira)).toEqual([]);
  await stage.startServer();
  await messageOf(jonas, 'A second thought').waitFor(LONG);
  await messageOf(mira, 'A second thought').locator('[data-state="read"]').waitFor(LONG);
  await mira.getByText('No connection.').waitFor({ state: 'detached', ...LONG });
  for (const page of [mira, jonas]) {
    expect(await messageOf(page, 'Written on the train').count()).toBe(1);
    expect(await messageOf(page, 'A second thought').count()).toBe(1);
    expect(await messageOf(page, 'Better not').count()).toBe(0);
  }
  const { items } = await stage.backend.messages.list({ conversation_id: conversationIdOf(mira), limit: 50 });
  expect(items.filter(({ text }) => text === 'Written on the train')).toHaveLength(1);
}, 240_000);

test('two tabs of one session show each message once, agree on the draft and on what is unread, and sign out together', async () => {
  const { page: first } = await stage.enter('Mira Okafor');
  const second = await first.context().newPage();
  const errors = errorsOf(second);
  await second.goto(stage.url);
  await openConversation(first, 'Aisha Rahman');
  await openConversation(second, 'Aisha Rahman');
  await first.bringToFront();
  await say(first, 'From the first tab');
  await messageOf(second, 'From the first tab').waitFor();
  await first.locator('.conversation-main textarea').pressSequentially('Half a sent');
  // A draft is kept when its writer pauses.
  await expect.poll(() => second.locator('.conversation-main textarea').inputValue(), { timeout: 20_000 }).toBe('Half a sent');
  await second.locator('.conversation-main textarea').press('Enter');
  await messageOf(first, 'Half a sent').waitFor();
  await expect.poll(() => first.locator('.conversation-main textarea').inputValue(), { timeout: 20_000 }).toBe('');
  // What comes from others, and what is read of it.
  const texts = (page: Page) => page.locator('.message .text').allInnerTexts();
  await stage.backend.messages.send({ conversation_id: conversationIdOf(first), text: 'Seen in both', as_user_id: 'ext:aisha' });
  for (const page of [first, second]) await messageOf(page, 'Seen in both').waitFor();
  expect(await texts(second)).toEqual(await texts(first));
  expect(await texts(first)).toEqual([...new Set(await texts(first))]);
  const badges = [first, second].map((page) => page.locator('.sidebar a.conversation-row', { hasText: 'Deliveries' }).locator('.badge'));
  const id = await first.locator('.sidebar a.conversation-row', { hasText: 'Deliveries' }).getAttribute('data-conversation');
  await stage.backend.messages.send({ conversation_id: id!, text: 'And one more', as_user_id: 'ext:tomas' });
  for (const badge of badges) await expect.poll(() => badge.innerText()).toMatch(/^3/);
  await openConversation(first, 'Deliveries');
  for (const badge of badges) await badge.waitFor({ state: 'detached' });
  await first.getByRole('button', { name: 'Your menu' }).click();
  await first.getByRole('menuitem', { name: 'Sign out' }).click();
  await first.getByRole('heading', { name: 'Harbour' }).waitFor();
  await second.getByRole('heading', { name: 'Harbour' }).waitFor();
  expect(errors).toEqual([]);
}, 120_000);

test('what is refused stays, says why, and is sent again or thrown away', async () => {
  const { page } = await stage.enter('Mira Okafor');
  await openConversation(page, 'Deliveries');
  const freeze = (frozen: boolean) => stage.backend.conversations.settings({ conversation_id: conversationIdOf(page), frozen, as_user_id: 'ext:tomas' });
  await freeze(true);
  for (const text of ['Ring twice', 'Never mind']) {
    await say(page, text);
    await messageOf(page, text).getByText('Not sent:').waitFor();
  }
  expect(await faults(page)).toEqual([]);
  await messageOf(page, 'Never mind').getByRole('button', { name: 'Discard' }).click();
  await expect.poll(() => messageOf(page, 'Never mind').count()).toBe(0);
  await freeze(false);
  await messageOf(page, 'Ring twice').getByRole('button', { name: 'Try again' }).click();
  await messageOf(page, 'Ring twice').locator('[data-state="sent"], [data-state="delivered"]').waitFor();
  expect(await messageOf(page, 'Ring twice').count()).toBe(1);
}, 120_000);

test('a wrong password is refused in words, and a guest may choose a login and come back', async () => {
  const { page } = await stage.open();
  await page.getByLabel('Login').fill('mira');
  await page.getByLabel('Password').fill('not the harbour');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Login or password is not right.').waitFor();
  const { page: guest } = await stage.guest('Carla Diaz');
  await guest.getByRole('button', { name: 'Your menu' }).click();
  await guest.getByRole('menuitem', { name: 'Profile' }).click();
  await guest.getByLabel('Login').fill('carla@example.com');
  await guest.getByLabel('Password').fill('a lantern at sea');
  await guest.getByRole('button', { name: 'Create account' }).click();
  await guest.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByLabel('Login').fill('carla@example.com');
  await page.getByLabel('Password').fill('a lantern at sea');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.me-name', { hasText: 'Carla Diaz' }).waitFor();
}, 120_000);
