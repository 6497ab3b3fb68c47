/** A real server with a browser before it: one of each for a file of tests. */
import type { OperatorRole } from '@talaria/protocol/operators';
import { connectAdmin, type Admin } from '@talaria/sdk/admin';
import { createServer, dashboardLink, ensureAdminKey } from '@talaria/server';
import { startChromium, type Chromium, type Page } from '@talaria/services';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

export const PASSWORD = 'correct horse battery';
/** For what a page does by itself. */
export const WAIT = { timeout: 20_000 };

export type Server = Awaited<ReturnType<typeof createServer>>;

export interface Desk {
  readonly server: Server;
  readonly browser: Chromium;
  /** By an admin key. */
  readonly admin: Admin;
  /** By a key of an app. */
  backend(app: string): Promise<Admin>;
  /** A way in for a new operator, as the address that is opened. */
  invite(role: OperatorRole): Promise<string>;
  /** The way in of the first owner, as the start of the server prints it; undefined when there is one. */
  firstLink(): Promise<string | undefined>;
  /** An operator who is signed in, at a screen. */
  enter(role: OperatorRole, path?: string, options?: PageOptions): Promise<Opened>;
  stop(): Promise<void>;
}

export type PageOptions = NonNullable<Parameters<Chromium['open']>[1]>;

export interface Opened {
  readonly page: Page;
  /** What went wrong in it, and what its policy has refused. */
  readonly errors: readonly string[];
  readonly login: string;
  /** Goes to a screen as by a link: loaded anew. */
  visit(path: string): Promise<void>;
  close(): Promise<void>;
}

export async function startDesk(): Promise<Desk> {
  const data = mkdtempSync(join(tmpdir(), 'talaria-dashboard-'));
  const server = await createServer({ data, port: 0, limits: { user: OFF, conversation: OFF, app: OFF }, addressRate: OFF, settings: SETTINGS });
  const { path } = await ensureAdminKey(server, data);
  const admin = connectAdmin({ url: server.url, key: readFileSync(path, 'utf8').trim() });
  const browser = await startChromium();
  let people = 0;

  const desk: Desk = {
    server, browser, admin,
    async backend(app) {
      const { secret } = await admin.keys.create({ app_id: app, name: 'tests' });
      return connectAdmin({ url: server.url, key: secret });
    },
    async invite(role) {
      return server.url + (await admin.operators.invite({ role, name: `Some ${role}` })).path;
    },
    async firstLink() {
      const link = await dashboardLink(server);
      return link === undefined ? undefined : server.url + link;
    },
    async enter(role, path = '/', options = {}) {
      const login = `${role}-${people += 1}@example.com`;
      const { page, errors, close } = await browser.open(await desk.invite(role), { viewport: { width: 1_280, height: 900 }, ...options });
      await page.getByLabel('Login').fill(login);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Come in' }).click();
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor(WAIT);
      const visit = async (to: string): Promise<void> => {
        await page.goto(`${server.url}/dashboard${to}`);
        await page.locator('.frame h1').waitFor(WAIT);
      };
      if (path !== '/') await visit(path);
      return { page, errors, login, visit, close };
    },
    async stop() {
      await browser.stop();
      await server.stop();
      rmSync(data, { recursive: true });
    },
  };
  return desk;
}

const OFF = { per_s: 0, burst: 0 };
/** As the command line tells a server what it was started with. */
const SETTINGS = [{ name: 'limit_app_per_s', shown: 0, source: 'file', from: 'talaria.json' }, { name: 'port', shown: 0, source: 'flag', from: '--port' }, { name: 'secret', shown: '(hidden)', source: 'environment', from: 'TALARIA_SECRET' }] as const;

/** Everything that the screen asked for is there. */
export async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.locator('[aria-busy="true"], .skeleton').count(), WAIT).toBe(0);
}

/** The screen is loaded anew, and says the same at the same address. */
export async function expectSameAfterReload(page: Page): Promise<void> {
  // Names of users come after the rows that they stand in.
  await page.waitForLoadState('networkidle');
  const look = async (): Promise<readonly unknown[]> => {
    await settled(page);
    return [page.url(), (await page.locator('main').innerText()).replaceAll(/\d+ (?:s|min|ms) ?(?:\d+ (?:s|min))? ago|just now|in \d+ (?:d|h|min|s).*/g, '')];
  };
  const before = await look();
  await page.reload();
  await page.locator('.frame h1').waitFor(WAIT);
  await expect.poll(look, WAIT).toEqual(before);
}
