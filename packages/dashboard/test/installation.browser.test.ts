/** Tenants, apps, keys and operators: what is shown is there, what is done is done, and each address stands for its screen. */
import type { Page } from '@talaria/services';
import { connectAdmin } from '@talaria/sdk/admin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSameAfterReload, PASSWORD, startDesk, WAIT, type Desk, type Opened } from './support/desk.js';

let desk: Desk;
let owner: Opened;
let page: Page;

beforeAll(async () => {
  desk = await startDesk();
  owner = await desk.enter('owner');
  page = owner.page;
}, 300_000);
afterAll(() => desk.stop());

const dialog = (): ReturnType<Page['locator']> => page.locator('dialog[open]');
const row = (text: string): ReturnType<Page['locator']> => page.getByRole('row').filter({ hasText: text });
const title = (name: string): Promise<void> => page.getByRole('heading', { level: 1, name }).waitFor(WAIT);

describe('tenants', () => {
  it('are none at first, are made, suspended, and deleted by typing their name', async () => {
    await owner.visit('/tenants');
    await page.getByText('There is no tenant yet.').waitFor(WAIT);
    await page.getByRole('button', { name: 'New tenant' }).click();
    await dialog().getByLabel('Name').fill('Acme Inc');
    await expect.poll(() => dialog().locator('.command').innerText(), WAIT).toContain("talaria tenant create 'Acme Inc'");
    await dialog().getByRole('button', { name: 'Make the tenant' }).click();
    await title('Acme Inc');
    const id = new URL(page.url()).pathname.split('/').at(-1)!;
    expect((await desk.admin.tenants.get({ tenant_id: id })).name).toBe('Acme Inc');
    await expectSameAfterReload(page);

    await page.getByRole('button', { name: 'Suspend' }).click();
    const confirm = dialog().getByRole('button', { name: 'Suspend' });
    await expect.poll(() => confirm.isDisabled(), WAIT).toBe(true);
    await dialog().getByRole('textbox').fill('Acme');
    await expect.poll(() => confirm.isDisabled(), WAIT).toBe(true);
    await dialog().getByRole('textbox').fill('Acme Inc');
    await confirm.click();
    await page.getByText('suspended', { exact: true }).waitFor(WAIT);
    expect((await desk.admin.tenants.get({ tenant_id: id })).status).toBe('suspended');
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog().getByRole('textbox').fill('Acme Inc');
    await dialog().getByRole('button', { name: 'Delete for good' }).click();
    await title('Tenants');
    await expect(desk.admin.tenants.get({ tenant_id: id })).rejects.toMatchObject({ code: 'not_found' });
  }, 60_000);

  it('come in pages, which are in the address', async () => {
    for (let number = 1; number <= 52; number += 1) await desk.admin.tenants.create({ name: `Tenant ${number}` });
    await owner.visit('/tenants');
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(51);
    await page.getByRole('link', { name: 'Next page' }).click();
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(3);
    await expectSameAfterReload(page);
    await page.goBack();
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(51);
    // By the arrow keys from row to row.
    await page.getByRole('row').nth(1).getByRole('link').first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.closest("tr").rowIndex')).toBe(2);
  }, 60_000);

  it('that are not there: the refusal with code, sentence, remedy and request', async () => {
    await owner.visit('/tenants/t_06aqx7m4e5v2k8r0d1f3g5h7j8');
    const note = page.getByRole('alert').first();
    await note.waitFor(WAIT);
    await expect.poll(() => note.innerText(), WAIT).toMatch(/not_found[^]*request/);
    await expect.poll(() => note.innerText(), WAIT).toContain('Check the id.');
    await expect.poll(() => note.locator('code').last().innerText(), WAIT).toMatch(/^[\w-]{8,}$/);
  }, 60_000);
});

describe('apps and keys', () => {
  it('an app is made, its secret shown once, and its settings kept', async () => {
    await owner.visit('/apps');
    await page.getByText('There is no app yet.').waitFor(WAIT);
    await page.getByRole('button', { name: 'New app' }).click();
    await dialog().getByLabel('Name').fill('shop');
    await dialog().getByRole('button', { name: 'Make the app' }).click();
    await dialog().getByText('It is shown only now.').waitFor(WAIT);
    expect((await dialog().locator('.secret code').innerText()).length).toBeGreaterThan(20);
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await title('shop');
    const id = new URL(page.url()).pathname.split('/').at(-1)!;
    await page.getByLabel('Allowed origins').fill('https://shop.example.com');
    await page.getByLabel('Days that messages are kept').fill('30');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The settings are saved.').waitFor(WAIT);
    expect(await desk.admin.apps.get({ app_id: id })).toMatchObject({ allowed_origins: ['https://shop.example.com'], retention_days: 30 });
    await owner.visit(`/apps/${id}`);
    await expectSameAfterReload(page);
    await page.getByLabel('Allowed origins').fill('no origin');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor(WAIT);
    await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toContain('allowed_origins');
    expect((await desk.admin.apps.get({ app_id: id })).allowed_origins).toEqual(['https://shop.example.com']);
  }, 60_000);

  it('a key is made, works, is rotated, and is revoked by typing its name', async () => {
    const [app] = (await desk.admin.apps.list({})).items;
    await owner.visit(`/apps/${app!.id}/keys`);
    await page.getByText('There is no key yet.').waitFor(WAIT);
    await page.getByRole('button', { name: 'New key' }).click();
    await dialog().getByLabel('What it is for').fill('backend');
    await dialog().getByLabel('usage:read').uncheck();
    await dialog().getByRole('button', { name: 'Make the key' }).click();
    await dialog().getByText('It is shown only now.').waitFor(WAIT);
    const secret = await dialog().locator('.secret code').innerText();
    const backend = connectAdmin({ url: desk.server.url, key: secret, retries: 0 });
    expect((await backend.users.list({})).items).toEqual([]);
    await expect(backend.usage.list({})).rejects.toMatchObject({ code: 'forbidden' });
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await row('backend').waitFor(WAIT);
    await expectSameAfterReload(page);
    expect(await page.content()).not.toContain(secret);

    await row('backend').getByRole('button', { name: 'Rotate' }).click();
    await dialog().getByRole('button', { name: 'Make a successor' }).click();
    await dialog().getByText('It is shown only now.').waitFor(WAIT);
    const successor = connectAdmin({ url: desk.server.url, key: await dialog().locator('.secret code').innerText(), retries: 0 });
    expect((await successor.users.list({})).items).toEqual([]);
    await dialog().getByRole('button', { name: 'I have kept it' }).click();

    const old = row('backend').filter({ hasText: 'ends' });
    await old.getByRole('button', { name: 'Revoke' }).click();
    await dialog().getByRole('textbox').fill('backend');
    await dialog().getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('revoked').first().waitFor(WAIT);
    await expect(backend.users.list({})).rejects.toMatchObject({ code: 'invalid_token' });
    expect((await successor.users.list({})).items).toEqual([]);
  }, 60_000);
});

describe('operators', () => {
  it('are invited by a link that is shown once, change roles, and are disabled', async () => {
    await owner.visit('/operators');
    await page.getByRole('button', { name: 'Invite' }).click();
    await dialog().getByLabel('Name').fill('Ben');
    await dialog().getByLabel('Role').selectOption('moderator');
    await dialog().getByRole('button', { name: 'Make the link' }).click();
    await dialog().locator('.secret code').waitFor(WAIT);
    const link = await dialog().locator('.secret code').innerText();
    await dialog().getByRole('button', { name: 'I have kept it' }).click();
    await row('Ben').getByText('invited').waitFor(WAIT);

    const ben = await desk.browser.open(link);
    await ben.page.getByLabel('Login').fill('ben@example.com');
    await ben.page.getByLabel('Password').fill(PASSWORD);
    await ben.page.getByRole('button', { name: 'Come in' }).click();
    await ben.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(WAIT);

    await page.getByRole('link', { name: 'Ben' }).click();
    await title('Ben');
    await expectSameAfterReload(page);
    await page.getByRole('button', { name: 'Role' }).click();
    await dialog().getByLabel('Role').selectOption('viewer');
    await dialog().getByRole('button', { name: 'Change' }).click();
    await expect.poll(() => page.locator('.facts').innerText(), WAIT).toContain('viewer');
    // A lower role ends all sessions.
    await ben.page.getByRole('link', { name: 'Apps' }).click();
    await ben.page.getByText('Your session has ended.').waitFor(WAIT);
    await ben.close();
    await page.getByRole('button', { name: 'Disable' }).click();
    await dialog().getByRole('textbox').fill('Ben');
    await dialog().getByRole('button', { name: 'Disable' }).click();
    await page.locator('.title').getByText('disabled', { exact: true }).waitFor(WAIT);
    expect((await desk.admin.operators.list({})).items.find(({ name }) => name === 'Ben')).toMatchObject({ disabled: true, role: 'viewer' });
  }, 60_000);

  it('see their own sessions, end one, and change name and password', async () => {
    const other = await desk.browser.open(`${desk.server.url}/dashboard/`);
    await other.page.getByLabel('Login').fill(owner.login);
    await other.page.getByLabel('Password').fill(PASSWORD);
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(WAIT);
    await owner.visit('/account');
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(3);
    await page.getByRole('row').filter({ hasNotText: 'this one' }).getByRole('button', { name: 'End' }).click();
    await dialog().getByRole('button', { name: 'End it' }).click();
    await expect.poll(() => page.getByRole('row').count(), WAIT).toBe(2);
    await other.page.reload();
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor(WAIT);
    await other.close();
    await page.getByLabel('Your name').fill('Olga');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Your name is saved.').waitFor(WAIT);
    await expect.poll(() => page.locator('.who .name').innerText(), WAIT).toBe('Olga');
    await page.getByLabel('Current password').fill('wrong wrong wrong');
    await page.getByLabel('New password').fill('another good password');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('alert').waitFor(WAIT);
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('Your password is changed.').waitFor(WAIT);
  }, 60_000);
});

it('nothing has gone wrong in the page, but for what the server has refused on purpose', () => {
  expect(owner.errors.filter((error) => !/status of 4\d\d/.test(error))).toEqual([]);
});
