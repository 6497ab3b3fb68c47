/** What a role may not do is not offered, and refused where it is asked for all the same. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDesk, WAIT, type Desk } from './support/desk.js';

let desk: Desk;
let app: string;
let tenant: string;

beforeAll(async () => {
  desk = await startDesk();
  tenant = (await desk.admin.tenants.create({ name: 'Acme' })).id;
  app = (await desk.admin.apps.create({ tenant_id: tenant, name: 'shop' })).id;
}, 300_000);
afterAll(() => desk.stop());

it('a viewer sees what is, and no action; a forged call is refused, and nothing has happened', async () => {
  const { page, visit, close } = await desk.enter('viewer', '/tenants');
  await page.getByRole('link', { name: 'Acme' }).waitFor(WAIT);
  for (const path of ['/tenants', `/tenants/${tenant}`, '/apps', `/apps/${app}`]) {
    await visit(path);
    await expect.poll(() => page.locator('[aria-busy="true"], .skeleton').count(), WAIT).toBe(0);
    // Only what copies.
    expect((await page.locator('main button').allInnerTexts()).filter((text) => text !== ''), path).toEqual([]);
    expect(await page.locator('main').locator('input, textarea').count(), path).toBe(0);
  }
  const menu = await page.locator('nav.side').innerText();
  expect(menu).not.toContain('Operators');
  expect(menu).not.toContain('Keys');
  const forged = await page.evaluate(`(async () => {
    const { csrf_token } = await (await fetch('/v1/session')).json();
    const answer = await fetch('/v1/tenants/${tenant}', { method: 'PATCH', headers: { 'content-type': 'application/json', 'talaria-csrf': csrf_token }, body: '{"status":"suspended"}' });
    return [answer.status, (await answer.json()).code];
  })()`);
  expect(forged).toEqual([403, 'forbidden']);
  expect((await desk.admin.tenants.get({ tenant_id: tenant })).status).toBe('active');
  await close();
}, 60_000);

it('an admin changes settings, and does not delete; keys of the installation are for owners', async () => {
  const { page, visit, close } = await desk.enter('admin', `/apps/${app}`);
  await page.getByRole('button', { name: 'Save' }).waitFor(WAIT);
  expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0);
  await visit('/keys');
  await page.getByRole('row').nth(1).waitFor(WAIT);
  expect(await page.getByRole('button', { name: 'New admin key' }).count()).toBe(0);
  expect(await page.getByRole('row').filter({ hasText: 'first admin key' }).getByRole('button', { name: 'Revoke' }).count()).toBe(0);
  await visit('/operators');
  await page.getByRole('button', { name: 'Invite' }).click();
  expect(await page.locator('dialog[open] option').allInnerTexts()).toEqual(['admin', 'moderator', 'viewer']);
  await close();
}, 60_000);
