/** Two people in two browsers who have never met: all that they do together. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { messageOf, openConversation, say, setStage, type Stage } from './stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
}, 300_000);
afterEach(() => stage?.closePages());
afterAll(() => stage?.stop());

test('two guests find each other by name, talk, and see what becomes of what they have said', async () => {
  const [{ page: ann, errors }, { page: ben, errors: bensErrors }] = [await stage.guest('Ann Keller'), await stage.guest('Ben Costa')];
  // Whoever is new is in the lobby, and so found.
  await ann.getByText('Harbour Café').first().waitFor();
  await ben.getByText('Harbour Café').first().waitFor();
  await ann.getByRole('textbox', { name: /Search/ }).fill('ben c');
  await ann.getByRole('link', { name: /Ben Costa/ }).click();
  await ann.getByRole('textbox', { name: 'Message to Ben Costa' }).waitFor();

  await ann.locator('.conversation-main textarea').pressSequentially('Is the pier free?');
  await ann.keyboard.press('Enter');
  await expect.poll(() => messageOf(ann, 'Is the pier free?').locator('.delivery').getAttribute('data-state')).toBe('delivered');
  const row = ben.locator('.sidebar a.conversation-row', { hasText: 'Ann Keller' });
  await row.locator('.badge').waitFor();
  expect(await row.locator('.badge').innerText()).toMatch(/^1/);

  await openConversation(ben, 'Ann Keller');
  await expect.poll(() => messageOf(ann, 'Is the pier free?').locator('.delivery').getAttribute('data-state')).toBe('read');
  await row.locator('.badge').waitFor({ state: 'detached' });

  await ben.locator('.conversation-main textarea').pressSequentially('Yes');
  await ann.getByText('Ben Costa is typing').waitFor();
  await ben.keyboard.press('Enter');
  await messageOf(ann, 'Yes').waitFor();
  await ann.getByText('Ben Costa is typing').waitFor({ state: 'detached' });

  // An edit, with what it said before.
  await ben.locator('.conversation-main textarea').press('ArrowUp');
  await ben.getByText('Edit your message').waitFor();
  await say(ben, 'Yes, from six on');
  await messageOf(ann, 'Yes, from six on').getByText('edited').waitFor();
  await messageOf(ann, 'Yes, from six on').hover();
  await messageOf(ann, 'Yes, from six on').getByRole('button', { name: 'More' }).click();
  await ann.getByRole('menuitem', { name: 'What it said before' }).click();
  await ann.getByRole('dialog').getByText('Yes', { exact: true }).waitFor();
  await ann.keyboard.press('Escape');

  // A reaction, on both sides.
  await messageOf(ann, 'Yes, from six on').hover();
  await messageOf(ann, 'Yes, from six on').getByRole('button', { name: 'React' }).click();
  await ann.getByRole('button', { name: 'party' }).click();
  await messageOf(ben, 'Yes, from six on').getByRole('button', { name: 'party, 1' }).waitFor();

  // A thread, and a quote.
  await messageOf(ann, 'Yes, from six on').hover();
  await messageOf(ann, 'Yes, from six on').getByRole('button', { name: 'Reply in a thread' }).click();
  await ann.locator('.thread textarea').fill('And the band?');
  await ann.keyboard.press('Enter');
  await messageOf(ben, 'Yes, from six on').getByRole('button', { name: '1 reply' }).click();
  await ben.locator('.thread').getByText('And the band?').waitFor();
  await ben.getByRole('button', { name: 'Close the thread' }).click();
  await messageOf(ben, 'Is the pier free?').hover();
  await messageOf(ben, 'Is the pier free?').getByRole('button', { name: 'Quote' }).click();
  await say(ben, 'Asked the harbour master.');
  await messageOf(ann, 'Asked the harbour master.').locator('.quote', { hasText: 'Is the pier free?' }).waitFor();

  // Deleted for both.
  await messageOf(ben, 'Asked the harbour master.').hover();
  await messageOf(ben, 'Asked the harbour master.').getByRole('button', { name: 'More' }).click();
  await ben.getByRole('menuitem', { name: 'Delete for everyone' }).click();
  await ben.getByRole('button', { name: 'Delete', exact: true }).click();
  await ann.getByText('This message was deleted.').waitFor();
  expect([...errors, ...bensErrors]).toEqual([]);
}, 120_000);
