/** What is in an app: its users, its conversations with their log, its messages, its usage. */
import type { Page } from '@talaria/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSameAfterReload, startDesk, WAIT, type Desk, type Opened } from './support/desk.js';
import { EDITED_TEXT, FIRST_TEXT, tellStory, type Story } from './support/story.js';

let desk: Desk;
let story: Story;
let moderator: Opened;
let page: Page;
const at = (path: string): string => `/apps/${story.app}${path}`;

beforeAll(async () => {
  desk = await startDesk();
  story = await tellStory(desk);
  moderator = await desk.enter('moderator');
  page = moderator.page;
}, 300_000);
afterAll(() => desk.stop());

const dialog = (): ReturnType<Page['locator']> => page.locator('dialog[open]');
const row = (text: string | RegExp): ReturnType<Page['locator']> => page.getByRole('row').filter({ hasText: text });
const main = (): Promise<string> => page.locator('main').innerText();
const shows = async (text: string): Promise<void> => {
  await expect.poll(main, WAIT).toContain(text);
};

describe('users', () => {
  it('are listed, found by name, by id and by the own id', async () => {
    await moderator.visit(at('/users'));
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(4);
    await page.getByLabel('Find users').fill('carol');
    await page.getByLabel('Find users').press('Enter');
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(2);
    expect(page.url()).toContain('q=carol');
    await expectSameAfterReload(page);
    await page.getByLabel('Find users').fill('nobody');
    await page.getByLabel('Find users').press('Enter');
    await shows('Nobody is called “nobody”.');
    await page.getByLabel('Find users').fill('ext:bob');
    await page.getByLabel('Find users').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Bob Example' }).waitFor(WAIT);
    expect(await main()).toContain(story.bob);
  }, 60_000);

  it('have a profile, conversations and blocks, each at an address', async () => {
    await moderator.visit(at(`/users/${story.carol}`));
    await shows('offline');
    await shows('"plan": "gold"');
    await expectSameAfterReload(page);
    await page.getByRole('link', { name: 'Conversations', exact: true }).last().click();
    await row('Lunch plans').waitFor(WAIT);
    await expectSameAfterReload(page);
    await page.getByRole('link', { name: 'Blocks' }).click();
    await row('Bob Example').waitFor(WAIT);
    // In the name of the user: for admins and owners.
    expect(await row('Bob Example').getByRole('button', { name: 'Unblock' }).count()).toBe(0);
    await expectSameAfterReload(page);
    await page.getByRole('link', { name: 'Sessions' }).click();
    await shows('No session.');
  }, 60_000);

  it('lose their tokens, are deactivated by typing their name, and come back', async () => {
    const { token } = await story.backend.auth.token({ external_id: 'bob' });
    const asBob = async (): Promise<number> => (await fetch(`${desk.server.url}/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await asBob()).toBe(200);
    await moderator.visit(at(`/users/${story.bob}`));
    await page.getByRole('button', { name: 'Revoke tokens' }).click();
    await dialog().getByLabel(/to confirm/).fill('Bob Example');
    await dialog().getByRole('button', { name: 'Revoke' }).click();
    await dialog().waitFor({ state: 'detached', ...WAIT });
    expect(await asBob()).toBe(401);
    await page.getByRole('button', { name: 'Deactivate' }).click();
    await dialog().getByRole('textbox').fill('Bob Example');
    await dialog().getByRole('button', { name: 'Deactivate' }).click();
    await page.locator('.title').getByText('deactivated').waitFor(WAIT);
    expect((await story.backend.users.get({ user_id: story.bob })).deactivated_ms).not.toBeNull();
    await page.getByRole('button', { name: 'Reactivate' }).click();
    await dialog().getByRole('button', { name: 'Reactivate' }).click();
    await page.locator('.title').getByText('active', { exact: true }).waitFor(WAIT);
  }, 60_000);

  it('who are not there: what the server says of it', async () => {
    await moderator.visit(at('/users/ext:nobody'));
    await page.getByRole('alert').waitFor(WAIT);
    await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toContain('not_found');
  }, 60_000);
});

describe('conversations', () => {
  it('are listed, found by name and kind, and by what is said in them', async () => {
    await moderator.visit(at('/conversations'));
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(3);
    await page.getByLabel('Kind').selectOption('direct');
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(2);
    await expectSameAfterReload(page);
    await page.getByLabel('Kind').selectOption('');
    await page.getByLabel('Find conversations').fill('lun');
    await page.getByLabel('Find conversations').press('Enter');
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(2);
    await page.getByLabel('Find messages').fill('good');
    await page.getByLabel('Find messages').press('Enter');
    await expect.poll(() => page.locator('mark').allInnerTexts(), WAIT).toEqual(['Good']);
    await expectSameAfterReload(page);
    await page.getByLabel('Find conversations').fill(story.group);
    await page.getByLabel('Find conversations').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Lunch plans' }).waitFor(WAIT);
  }, 60_000);

  it('have a log in pages, of which each fact can be chosen', async () => {
    for (let number = 1; number <= 60; number += 1) await story.backend.messages.send({ conversation_id: story.direct, text: `Message ${number}`, as_user_id: story.alice });
    await moderator.visit(at(`/conversations/${story.direct}`));
    await row('Message 60').waitFor(WAIT);
    expect(await row(/Message 1$/).count()).toBe(0);
    await page.getByRole('link', { name: 'Oldest' }).click();
    await row('conversation.created').waitFor(WAIT);
    await expectSameAfterReload(page);
    await page.getByRole('link', { name: '5', exact: true }).click();
    await page.getByRole('complementary', { name: 'Fact 5' }).waitFor(WAIT);
    expect(page.url()).toContain('seq=5');
    await expectSameAfterReload(page);
    await page.getByRole('link', { name: 'Newest' }).click();
    await row('Message 60').waitFor(WAIT);
    // An address with a fact alone is the page around it.
    await moderator.visit(at(`/conversations/${story.direct}?seq=5`));
    await page.getByRole('complementary', { name: 'Fact 5' }).waitFor(WAIT);
  }, 60_000);

  it('are shown as they stood at a fact', async () => {
    await moderator.visit(at(`/conversations/${story.group}?tab=state&seq=5`));
    await shows(FIRST_TEXT);
    expect(await main()).not.toContain(EDITED_TEXT);
    expect(await main()).not.toContain('Good for me');
    await expectSameAfterReload(page);
    await page.getByRole('button', { name: 'One fact on' }).click();
    await shows('Good for me');
    expect(page.url()).toContain('seq=6');
    await page.getByLabel('Seq').last().fill('8');
    await page.getByLabel('Seq').last().press('Enter');
    await shows(EDITED_TEXT);
    expect(await main()).not.toContain(FIRST_TEXT);
    // Erased is erased (VIS4): not at an earlier moment either.
    expect(await main()).not.toContain('A secret that was a mistake');
    await expect.poll(() => page.locator('.messages li').count(), WAIT).toBe(3);
  }, 60_000);

  it('have members, one of whom is removed, and marks', async () => {
    await moderator.visit(at(`/conversations/${story.group}?tab=marks`));
    await row('Bob Example').waitFor(WAIT);
    expect(await row('Bob Example').getByRole('cell').allInnerTexts()).toEqual(expect.arrayContaining(['4', '3']));
    await page.getByRole('link', { name: 'Members', exact: true }).click();
    await row('Carol Example').getByRole('button', { name: 'Remove' }).click();
    await dialog().getByRole('textbox').fill('Carol Example');
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await row('Carol Example').waitFor({ state: 'detached', ...WAIT });
    expect((await story.backend.members.list({ conversation_id: story.group })).items.map(({ user_id }) => user_id)).not.toContain(story.carol);
    await expectSameAfterReload(page);
  }, 60_000);
});

describe('a message', () => {
  it('with what it said before and its reactions, is deleted for everyone', async () => {
    await moderator.visit(at(`/messages/${story.edited}`));
    await shows(EDITED_TEXT);
    await row(FIRST_TEXT).waitFor(WAIT);
    await row('👍').waitFor(WAIT);
    await expectSameAfterReload(page);
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog().getByRole('textbox').fill('delete');
    await dialog().getByRole('button', { name: 'Delete for everyone' }).click();
    await dialog().waitFor({ state: 'detached', ...WAIT });
    await page.locator('.message-text.large').getByText('erased', { exact: true }).waitFor(WAIT);
    expect((await story.backend.messages.get({ message_id: story.edited })).deleted_ms).not.toBeNull();
  }, 60_000);
});

describe('usage', () => {
  it('is summed and drawn, of an app and of all', async () => {
    await expect.poll(async () => (await desk.admin.usage.list({ app_id: story.app })).items.length, WAIT).toBeGreaterThan(0);
    await moderator.visit(at('/usage?days=1'));
    await expect.poll(() => page.getByRole('img').count(), WAIT).toBe(3);
    await expect.poll(() => page.getByRole('img').first().getAttribute('aria-label'), WAIT).toMatch(/^Messages by the hour: messages \d/);
    await expect.poll(() => page.locator('.plot canvas').count(), WAIT).toBe(3);
    await expect.poll(() => page.getByLabel('Of the last').inputValue(), WAIT).toBe('1');
    await moderator.visit('/usage');
    await expect.poll(() => row('shop').innerText(), WAIT).toMatch(/\d+ messages/);
  }, 60_000);
});

it('a viewer has neither log nor messages', async () => {
  const viewer = await desk.enter('viewer', at(`/conversations/${story.group}`));
  await viewer.page.getByRole('link', { name: 'Marks' }).waitFor(WAIT);
  expect(await viewer.page.locator('.tabs').innerText()).not.toMatch(/Log|As it stood/);
  await viewer.visit(at(`/messages/${story.edited}`));
  await viewer.page.getByText('Your role reads no messages.').waitFor(WAIT);
  await viewer.visit(at('/conversations'));
  await viewer.page.getByRole('link', { name: 'Lunch plans' }).waitFor(WAIT);
  expect(await viewer.page.getByLabel('Find messages').count()).toBe(0);
  await viewer.close();
}, 60_000);

it('nothing has gone wrong in the page, but for what the server has refused on purpose', () => {
  expect(moderator.errors.filter((error) => !/status of 4\d\d/.test(error))).toEqual([]);
});
