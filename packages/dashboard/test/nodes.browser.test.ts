/** Two nodes on one Postgres and one NATS: what screens say of each of them, of both, and of one that does not answer. */
import { startServer, talariaBinary, type ServerProcess } from '@talaria/probe/harness';
import { connect, type Client } from '@talaria/sdk';
import { connectAdmin } from '@talaria/sdk/admin';
import { startChromium, startNats, startPostgres, type Page } from '@talaria/services';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PASSWORD, settled, WAIT } from './support/desk.js';

const ends: (() => unknown)[] = [];
let first: ServerProcess;
let second: ServerProcess;
let page: Page;
let errors: readonly string[];

/** Resolves to something that ends with the tests. */
async function kept<T extends { stop(): unknown }>(starts: Promise<T>): Promise<T> {
  const started = await starts;
  ends.push(() => started.stop());
  return started;
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talaria-dashboard-nodes-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const [postgres, nats, browser] = await Promise.all([kept(startPostgres()), kept(startNats()), kept(startChromium())]);
  const env = { TALARIA_DATABASE_URL: await postgres.createDatabase(), TALARIA_NATS_URL: nats.url, TALARIA_SECRET: randomBytes(32).toString('base64') };
  const node = (name: string, flags: readonly string[] = []): Promise<ServerProcess> => {
    const data = join(folder, name);
    mkdirSync(data);
    return startServer({ binary: talariaBinary(import.meta.url), directory: data, data, env, flags, register: (child) => void ends.push(() => child.kill('SIGKILL')) });
  };
  first = await node('first');
  second = await node('second', ['--heartbeat-ms', '20000']);
  const admin = connectAdmin({ url: second.url, key: first.adminKey });
  const tenant = await admin.tenants.create({ name: 'Two nodes' });
  const app = await admin.apps.create({ tenant_id: tenant.id, name: 'chat' });
  const backend = connectAdmin({ url: second.url, key: (await admin.keys.create({ app_id: app.id })).secret });
  const device = async (name: string, { url }: ServerProcess): Promise<Client> => {
    const { token } = await backend.auth.token({ external_id: name, name });
    const client = connect({ url, app: app.public_key, token });
    ends.push(() => client.close());
    await client.ready();
    return client;
  };
  await device('Ann', first);
  await device('Ben', second);
  await vi.waitUntil(async () => (await admin.cluster.get({})).nodes.length === 2, WAIT);
  // The second answers the page: what the first knows comes over the bus.
  const opened = await browser.open(second.url + (await admin.operators.invite({ role: 'owner', name: 'Ola' })).path, { viewport: { width: 1_280, height: 900 } });
  ({ page, errors } = opened);
  await page.getByLabel('Login').fill('ola@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Come in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(WAIT);
}, 300_000);
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

const visit = async (path: string): Promise<void> => {
  await page.goto(`${second.url}/dashboard${path}`);
  await page.locator('.frame h1').waitFor(WAIT);
  await settled(page);
};
const rows = (): ReturnType<Page['locator']> => page.locator('tbody tr:not(.skeleton-row)');
/** Neither the page nor a table has to be pushed sideways. */
const fits = (): Promise<boolean> => page.evaluate("[document.documentElement, ...document.querySelectorAll('.table-room')].every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)");

it('[CLU1] shows both nodes, and of each row whose it is', async () => {
  await visit('/nodes');
  await expect.poll(() => rows().count(), WAIT).toBe(2);
  expect(await fits()).toBe(true);
  for (const { port } of [first, second]) await expect.poll(() => rows().filter({ hasText: `127.0.0.1:${port}` }).innerText(), WAIT).toContain('ready');
  await expect.poll(() => rows().filter({ hasText: 'answers' }).innerText(), WAIT).toContain(`127.0.0.1:${second.port}`);

  await visit('/connections');
  await expect.poll(() => rows().count(), WAIT).toBe(2);
  const nodes = await page.locator('tbody a[href*="/nodes?node="]').allInnerTexts();
  expect(new Set(nodes).size).toBe(2);
  expect(await fits()).toBe(true);
  // Of one node alone.
  await page.getByLabel('Node').selectOption({ label: await page.getByLabel('Node').locator('option').filter({ hasText: nodes[0]! }).innerText() });
  await expect.poll(() => rows().count(), WAIT).toBe(1);
  expect(page.url()).toContain('node=');

  await visit('/logs?event=node.started');
  await expect.poll(() => rows().count(), WAIT).toBe(2);
  expect(await fits()).toBe(true);

  // A setting that is not the same on both is one line each.
  await visit('/settings');
  await expect.poll(() => rows().filter({ hasText: 'heartbeat_ms' }).count(), WAIT).toBe(2);
}, 60_000);

it('[CLU1] the overview adds them up, and shows one alone', async () => {
  await visit('/');
  const connections = (): Promise<string> => page.locator('.tiles li').filter({ hasText: 'Connections' }).innerText();
  await expect.poll(connections, WAIT).toMatch(/2$/);
  await page.getByLabel('Node').selectOption({ index: 1 });
  await expect.poll(connections, WAIT).toMatch(/1$/);
  expect(page.url()).toContain('node=');
}, 60_000);

it('[CLU2] says whose part is missing while a node does not answer', async () => {
  const missing = page.getByText('A node did not answer in time. What it would have said is missing');
  // One that has been silent for three seconds is not asked any more: a slow browser may look too late, and looks again.
  for (let seen = false; !seen;) {
    await visit('/connections');
    await expect.poll(() => rows().count(), WAIT).toBe(2);
    first.freeze();
    try {
      await page.reload();
      await page.locator('.frame h1').waitFor(WAIT);
      await settled(page);
      await expect.poll(() => rows().count(), WAIT).toBe(1);
      seen = await missing.isVisible();
    } finally {
      first.thaw();
    }
  }
  await missing.waitFor({ state: 'detached', ...WAIT });
  await expect.poll(() => rows().count(), WAIT).toBe(2);
}, 120_000);

it('[CLU2] tells of a node that has fallen silent, and of it when it is back', async () => {
  first.freeze();
  try {
    await visit('/nodes');
    await expect.poll(() => rows().count(), WAIT).toBe(1);
    await visit('/');
    await page.getByText('node.silent').waitFor(WAIT);
  } finally {
    first.thaw();
  }
  await visit('/nodes');
  await expect.poll(() => rows().count(), WAIT).toBe(2);
  expect(errors).toEqual([]);
}, 60_000);
