/** What an installation is doing: the overview, connections, ways of messages, the log and what went wrong, nodes, consumers, settings. */
import type { Client } from '@talaria/sdk';
import type { Page } from '@talaria/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSameAfterReload, settled, startDesk, WAIT, type Desk, type Opened } from './support/desk.js';
import { connectUser, tellStory, type Story } from './support/story.js';

let desk: Desk;
let story: Story;
let alice: Client;
let bob: Client;
let owner: Opened;
let page: Page;

beforeAll(async () => {
  desk = await startDesk();
  story = await tellStory(desk);
  [alice, bob] = await Promise.all([connectUser(desk, story, 'alice'), connectUser(desk, story, 'bob')]);
  owner = await desk.enter('owner');
  page = owner.page;
}, 300_000);
afterAll(async () => {
  await Promise.all([alice.close(), bob.close()]);
  await desk.stop();
});

const dialog = (): ReturnType<Page['locator']> => page.locator('dialog[open]');
const row = (text: string | RegExp): ReturnType<Page['locator']> => page.getByRole('row').filter({ hasText: text });
const main = (): Promise<string> => page.locator('main').innerText();
const command = (): Promise<string> => page.locator('.screen-head .command code').innerText();
const rows = async (count: number): Promise<void> => {
  await expect.poll(() => page.locator('tbody tr:not(.skeleton-row)').count(), WAIT).toBe(count);
};

describe('the overview', () => {
  it('draws the last minutes, and says in words what it draws', async () => {
    await owner.visit('/');
    await alice.conversations.open(story.group).send('Something to be counted').sent;
    await expect.poll(() => page.locator('.plot canvas').count(), WAIT).toBe(10);
    await expect.poll(() => page.getByRole('img', { name: /^Connections:/ }).getAttribute('aria-label'), WAIT).toMatch(/connections 2 now, at most 2$/);
    await expect.poll(() => page.getByRole('img', { name: /^Messages and deliveries/ }).getAttribute('aria-label'), WAIT).toMatch(/messages .* at most [1-9]/);
    await expect.poll(() => page.getByRole('img', { name: /^A send/ }).getAttribute('aria-label'), WAIT).toMatch(/p50 .* at most [\d.,]+ ms; p95 .*; p99/);
    await expect.poll(() => page.locator('.tiles li').filter({ hasText: 'Connections' }).innerText(), WAIT).toMatch(/2$/);
    expect(await command()).toBe('talaria stats --minutes 5');
    await page.getByLabel('Of the last').selectOption('60');
    await expect.poll(() => page.url(), WAIT).toContain('minutes=60');
    await page.reload();
    await settled(page);
    await expect.poll(() => page.getByLabel('Of the last').inputValue(), WAIT).toBe('60');
    expect(await command()).toBe('talaria stats --minutes 60');
  }, 60_000);

  it('keeps what it knows when the server is out of reach, says so, and goes on', async () => {
    await owner.visit('/');
    await page.locator('.plot canvas').first().waitFor(WAIT);
    await page.context().setOffline(true);
    await page.getByRole('alert').getByText('The server does not answer.').waitFor(WAIT);
    await expect.poll(() => page.locator('.plot canvas').count(), WAIT).toBe(10);
    await page.context().setOffline(false);
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached', ...WAIT });
  }, 60_000);
});

describe('connections', () => {
  it('are found by user and by client; of none it says so', async () => {
    await owner.visit('/connections');
    await rows(2);
    await page.getByLabel('App').selectOption(story.app);
    await page.getByLabel('User').fill(story.alice);
    await rows(1);
    await expect.poll(() => row('Alice Example').innerText(), WAIT).toMatch(/talaria-sdk\/[^]*127\.0\.0\.1[^]*live/);
    expect(await command()).toBe(`talaria connections list --app ${story.app} --user ${story.alice} --limit 50`);
    await expectSameAfterReload(page);
    await page.getByLabel('Client begins').fill('nothing like it');
    await page.getByText('No connection is like that.').waitFor(WAIT);
  }, 60_000);

  it('are looked at, and closed; the client comes back by itself', async () => {
    const before = (await desk.admin.connections.list({ user_id: story.bob, app_id: story.app })).items[0]!.id;
    await owner.visit(`/apps/${story.app}/users/${story.bob}?tab=connections`);
    await page.locator('td a', { hasText: 'n_' }).click();
    await page.getByRole('heading', { level: 1, name: 'Connection' }).waitFor(WAIT);
    expect(page.url()).toContain(`/connections/${before}`);
    await expect.poll(main, WAIT).toContain('Bob Example');
    await expect.poll(() => row(story.group.slice(-5)).innerText(), WAIT).toContain('live');
    await page.getByRole('button', { name: 'Close' }).click();
    await dialog().getByLabel('Why, for the log').fill('a new office');
    await expect.poll(() => dialog().locator('.command code').innerText(), WAIT).toBe(`talaria connections close ${before} --reason 'a new office'`);
    await dialog().getByLabel(/to confirm/).fill(before.slice(-5));
    await dialog().getByRole('button', { name: 'Close it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor(WAIT);
    await expect.poll(async () => (await desk.admin.connections.list({ user_id: story.bob, app_id: story.app })).items.map(({ id }) => id === before), WAIT).toEqual([false]);
    await owner.visit(`/connections/${before}`);
    await page.getByText('This connection is closed.').waitFor(WAIT);
  }, 60_000);
});

describe('the way of a message', () => {
  it('is recorded from the screen of its conversation on, and shows each step and each connection', async () => {
    await owner.visit(`/apps/${story.app}/conversations/${story.group}?tab=trace`);
    await page.getByText('Nothing is recorded.').waitFor(WAIT);
    await page.getByLabel('For').selectOption('600');
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByText('recording', { exact: true }).waitFor(WAIT);
    const { id } = await alice.conversations.open(story.group).send('Where does this go?').sent;
    await row('Where does this go?').getByText('yes').waitFor(WAIT);
    await row('Where does this go?').getByRole('link').first().click();
    await expect.poll(() => page.url(), WAIT).toContain(`/messages/${id}`);
    const steps = page.getByRole('table', { name: 'Steps' });
    await steps.getByText('Alice Example').waitFor(WAIT);
    await expect.poll(() => steps.innerText(), WAIT).toMatch(/The command was read[^]*Committed in [\d.]+ ms/);
    const text = await steps.innerText();
    for (const said of ['Written to all live followers', 'Acked to the sender']) expect(text).toContain(said);
    await expect.poll(() => steps.getByRole('row').filter({ hasText: 'Written to a connection' }).count(), WAIT).toBe(2);
    await expect.poll(() => steps.getByRole('row').filter({ hasText: 'Bob Example' }).getByRole('link', { name: /^n_/ }).getAttribute('href'), WAIT).toContain('/dashboard/connections/n_');
    await expect.poll(() => page.locator('.command code').filter({ hasText: 'trace show' }).innerText(), WAIT).toBe(`talaria trace show ${id} --app ${story.app}`);
    await expectSameAfterReload(page);

    await owner.visit('/traces');
    await page.getByRole('link', { name: story.group }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('ended', { exact: true }).waitFor(WAIT);
    expect((await desk.admin.traces.list({})).items.map(({ running }) => running)).toEqual([false]);
  }, 60_000);

  it('that was not recorded: what the log knows', async () => {
    await owner.visit(`/apps/${story.app}/messages/${story.edited}`);
    await expect.poll(main, WAIT).toContain('It was not recorded on its way.');
  }, 60_000);

  it('is shown to a viewer without a word of it', async () => {
    const viewer = await desk.enter('viewer', `/apps/${story.app}/conversations/${story.group}?tab=trace`);
    await viewer.page.getByText('Nothing is recorded.').or(viewer.page.getByText('ended', { exact: true })).waitFor(WAIT);
    expect(await viewer.page.getByRole('button', { name: 'Record' }).count()).toBe(0);
    await viewer.visit(`/apps/${story.app}/messages/${story.edited}`);
    await viewer.page.getByText('Your role reads no messages.').waitFor(WAIT);
    await viewer.page.getByText('Position in the log of all').waitFor(WAIT);
    expect(await viewer.page.locator('main').innerText()).not.toContain('Shall we meet');
    expect(viewer.errors).toEqual([]);
    await viewer.close();
  }, 60_000);
});

describe('the log', () => {
  beforeAll(async () => {
    const refused = await fetch(`${desk.server.url}/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: desk.server.url }, body: JSON.stringify({ login: 'nobody@example.com', password: 'not theirs at all' }) });
    expect(refused.status).toBe(401);
  });

  it('has its lines by level and event; ids in them lead to their screens', async () => {
    await owner.visit('/logs');
    await row('node.started').waitFor(WAIT);
    // What is looked at is not written down.
    expect(await row('operator.wrote').filter({ hasText: /users\.batch|users\.presence/ }).count()).toBe(0);
    await page.getByLabel('Event begins').fill('operator.');
    await page.getByLabel('Level').selectOption('warn');
    await rows(1);
    await expect.poll(() => row('operator.not_signed_in').innerText(), WAIT).toContain('127.0.0.1');
    expect(await command()).toBe('talaria logs --level warn --event operator. --limit 50');
    await expectSameAfterReload(page);
    await owner.visit('/logs?event=operator.wrote');
    await row('session.accept').getByRole('link', { name: /^o_/ }).first().click();
    await page.getByRole('heading', { level: 1, name: /^Some / }).waitFor(WAIT);
    await owner.visit('/logs?event=nothing.like.it');
    await page.getByText('No line is like that.').waitFor(WAIT);
  }, 60_000);

  it('what the server refuses of a filter is shown with its field', async () => {
    await owner.visit('/logs?app=shop');
    await page.getByRole('alert').waitFor(WAIT);
    await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toMatch(/invalid_argument[^]*app_id/);
  }, 60_000);

  it('is put together to incidents, which lead back to its lines', async () => {
    await owner.visit('/incidents');
    await page.getByRole('link', { name: 'operator.not_signed_in' }).waitFor(WAIT);
    expect(await command()).toBe('talaria incidents');
    await page.getByLabel('Since').selectOption('1h');
    await expect.poll(() => page.url(), WAIT).toContain('since=1h');
    await page.reload();
    await page.getByRole('link', { name: 'operator.not_signed_in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor(WAIT);
    await rows(1);
  }, 60_000);
});

describe('the parts of the installation', () => {
  it('nodes, with what each has, and where more of it stands', async () => {
    await owner.visit('/nodes');
    await rows(1);
    await expect.poll(() => row('ready').innerText(), WAIT).toContain(`127.0.0.1:${desk.server.port}`);
    expect(await command()).toBe('talaria cluster status');
    await row('ready').getByRole('link', { name: 'Log' }).click();
    await row('node.started').waitFor(WAIT);
    expect(page.url()).toContain('node=');
  }, 60_000);

  it('consumers, and how far they are', async () => {
    await owner.visit('/consumers');
    await row(/^search/).waitFor(WAIT);
    await expect.poll(() => row(/^usage/).innerText(), WAIT).toMatch(/good[^]*nothing/);
    expect(await command()).toBe('talaria consumers');
  }, 60_000);

  it('settings, and where each comes from; not for a moderator', async () => {
    await owner.visit('/settings');
    await rows(3);
    await expect.poll(() => row('limit_app_per_s').innerText(), WAIT).toMatch(/file\s+talaria\.json/);
    await page.getByLabel('Name has').fill('port');
    await rows(1);
    await expectSameAfterReload(page);
    await page.getByLabel('Name has').fill('no such');
    await page.getByText('No setting is called that.').waitFor(WAIT);

    const moderator = await desk.enter('moderator');
    expect(await moderator.page.locator('nav.side').innerText()).not.toContain('Settings');
    await moderator.visit('/settings');
    await moderator.page.getByRole('alert').getByText('forbidden').waitFor(WAIT);
    await moderator.close();
  }, 60_000);
});

it('a list shows that it is on its way', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/v1/connections?*', async (route) => {
    await held;
    await route.continue();
  });
  await owner.visit('/connections');
  await page.locator('table[aria-busy="true"] .skeleton-row').first().waitFor(WAIT);
  release();
  await rows(2);
  await page.unroute('**/v1/connections?*');
}, 60_000);

it('nothing has gone wrong in the page, but for what was kept from it or refused on purpose', () => {
  expect(owner.errors.filter((error) => !/status of 4\d\d|ERR_INTERNET_DISCONNECTED/.test(error))).toEqual([]);
});
