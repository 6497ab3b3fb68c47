/** Coming in and going: by link, by password, and back to where one was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startDesk, WAIT, type Desk } from './support/desk.js';

let desk: Desk;

beforeAll(async () => {
  desk = await startDesk();
}, 300_000);
afterAll(() => desk.stop());

describe('the first owner', () => {
  it('comes in by the link of the start, which leaves no trace in the browser', async () => {
    const link = await desk.firstLink();
    const { page, errors, close } = await desk.browser.open(link!);
    await page.getByRole('heading', { name: 'Welcome' }).waitFor(WAIT);
    expect(page.url()).toBe(`${desk.server.url}/dashboard/`);
    expect(await page.evaluate('history.length')).toBe(2);
    await page.getByLabel('Your name').fill('Ann');
    await page.getByLabel('Login').fill('ann@example.com');
    await page.getByLabel('Password').fill('password1');
    await page.getByRole('button', { name: 'Come in' }).click();
    // What the server refuses is said where it happened, and what was typed stays.
    await page.getByRole('alert').waitFor(WAIT);
    await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toContain('invalid_argument');
    await expect.poll(() => page.getByLabel('Login').inputValue(), WAIT).toBe('ann@example.com');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Come in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(WAIT);
    await expect.poll(() => page.locator('.who .name').innerText(), WAIT).toBe('Ann');
    // A refused request is written to the console by the browser itself.
    expect(errors.filter((error) => !error.includes('400'))).toEqual([]);
    expect(await desk.firstLink()).toBeUndefined();
    await close();

    const again = await desk.browser.open(link!);
    await again.page.getByRole('heading', { name: 'This link is not good' }).waitFor(WAIT);
    await expect.poll(() => again.page.locator('main').innerText(), WAIT).toContain('talaria dashboard link');
    expect(again.page.url()).not.toContain('#');
    await again.page.getByRole('button', { name: 'Sign in with a password' }).click();
    await again.page.getByRole('heading', { name: 'Sign in' }).waitFor(WAIT);
    await again.close();
  }, 60_000);
});

describe('an operator', () => {
  it('signs in with login and password, after a wrong one was refused', async () => {
    const first = await desk.enter('admin');
    await first.close();
    const { page, close } = await desk.browser.open(`${desk.server.url}/dashboard/tenants`);
    await page.getByLabel('Login').fill(first.login);
    await page.getByLabel('Password').fill('something else');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.getByRole('alert').innerText(), WAIT).toContain('invalid_credentials');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor(WAIT);
    expect(page.url()).toBe(`${desk.server.url}/dashboard/tenants`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor(WAIT);
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor(WAIT);
    await close();
  }, 60_000);

  it('chooses a new password by a link, also one that is pasted into an open page', async () => {
    const { page, login, close } = await desk.enter('viewer');
    const operator = (await desk.admin.operators.list({})).items.find((one) => one.login === login);
    const { path } = await desk.admin.operators.link({ operator_id: operator!.id });
    await page.evaluate(`location.hash = ${JSON.stringify(path.slice(path.indexOf('#')))}`);
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor(WAIT);
    expect(page.url()).not.toContain('link=');
    await page.getByLabel('Password').fill('another good password');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(WAIT);
    await close();
  }, 60_000);

  it('whose session has ended signs in, and is where they were', async () => {
    const { page, login, close } = await desk.enter('admin', '/apps?tenant=');
    const operator = (await desk.admin.operators.list({ limit: 100 })).items.find((one) => one.login === login);
    const [session] = (await desk.admin.operators.sessions({ operator_id: operator!.id })).items;
    await desk.admin.operators.revoke({ operator_id: operator!.id, session_id: session!.id });
    await page.getByRole('link', { name: 'Tenants' }).click();
    await page.getByText('Your session has ended.').waitFor(WAIT);
    await page.getByLabel('Login').fill(login);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor(WAIT);
    expect(page.url()).toBe(`${desk.server.url}/dashboard/tenants`);
    await close();
  }, 60_000);
});

describe('the page', () => {
  it('has a strict policy, and asks this server alone', async () => {
    const answer = await fetch(`${desk.server.url}/dashboard/anything/below`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/(?:^|; )script-src 'self'(?:;|$)/);
    expect(policy).toMatch(/(?:^|; )style-src 'self'(?:;|$)/);
    expect(policy).toContain("style-src-attr 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
    expect((await fetch(`${desk.server.url}/dashboard/assets/none.js`)).status).toBe(404);
    const bare = await fetch(`${desk.server.url}/dashboard`, { redirect: 'manual' });
    expect([bare.status, bare.headers.get('location')]).toEqual([307, '/dashboard/']);
  });
});
