import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import { startChromium, startNats, startPostgres, startsOwnNats, startsOwnPostgres, type Page } from '../src/main.js';

/** Whether a process is there. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('services', () => {
  it.skipIf(!startsOwnPostgres())('[CLU1] starts a real Postgres, gives databases of their own, and starts it again on the same data', async () => {
    const server = await startPostgres();
    try {
      const [one, other] = [await server.createDatabase(), await server.createDatabase()];
      expect(one).not.toBe(other);
      const sql = postgres(one, { max: 1 });
      await sql`CREATE TABLE kept AS SELECT 7 AS n`;
      await sql.end();
      server.process!.signal('SIGINT');
      await server.restart();
      const again = postgres(one, { max: 1 });
      expect(await again`SELECT n FROM kept`).toMatchObject([{ n: 7 }]);
      await again.end();
    } finally {
      await server.stop();
    }
  });

  it('starts a replica of it, which follows, stands still, and starts again', async () => {
    const server = await startPostgres({ own: true });
    try {
      const database = await server.createDatabase();
      const replica = await server.startReplica();
      const [here, there] = [postgres(database, { max: 1 }), postgres(replica.urlOf(database), { max: 1 })];
      const has = async (count: number): Promise<boolean> => (await there`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`).length === count;
      const until = async (what: () => Promise<boolean>): Promise<void> => {
        while (!await what()) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await here`CREATE TABLE one (n integer)`;
      await until(() => has(1));
      await replica.pauseReplay();
      await here`CREATE TABLE two (n integer)`;
      expect(await has(1)).toBe(true);
      await replica.resumeReplay();
      await until(() => has(2));
      replica.process.signal('SIGKILL');
      await replica.restart();
      await here`CREATE TABLE three (n integer)`;
      await until(() => has(3).catch(() => false));
      await Promise.all([here.end(), there.end()]);
      await replica.stop();
    } finally {
      await server.stop();
    }
  });

  it.skipIf(!startsOwnNats())('[CLU2] starts a real NATS server, and again after it was killed', async () => {
    const server = await startNats();
    try {
      server.process!.signal('SIGKILL');
      await server.restart();
      expect(alive(server.process!.pid)).toBe(true);
    } finally {
      await server.stop();
    }
  });

  it('starts a real browser, whose pages share nothing, and whose tabs are in the background or in front', async () => {
    const html = '<button onclick="localStorage.text = document.querySelector(\'input\').value; throw new Error(\'oh\')">keep</button><input>';
    const server = createServer((_request, response) => void response.setHeader('content-type', 'text/html').end(html)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const browser = await startChromium();
    try {
      const [one, other] = [await browser.open(url), await browser.open(url)];
      await one.page.fill('input', 'mine');
      await one.page.click('button');
      const kept = (page: Page): Promise<string | undefined> => page.evaluate(() => localStorage['text'] as string | undefined);
      expect([await kept(one.page), await kept(other.page)]).toEqual(['mine', undefined]);
      await expect.poll(() => one.errors).toEqual([expect.stringContaining('Error: oh')]);
      expect([...(await one.page.screenshot()).subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
      const [front, back] = [await browser.tabs.newPage(), await browser.tabs.newPage()];
      for (const page of [front, back]) await page.goto(url);
      await front.bringToFront();
      await expect.poll(() => Promise.all([front, back].map((page) => page.evaluate(() => document.visibilityState)))).toEqual(['visible', 'hidden']);
    } finally {
      await browser.stop();
      server.close();
    }
  }, 240_000);

  it.skipIf(!startsOwnPostgres())('[CLU1] leaves nothing behind when its process is killed', async () => {
    const program = "import('@talaria/services').then(async ({ startPostgres }) => console.log((await startPostgres()).process.pid))";
    const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [text] = await once(child.stdout, 'data') as [Buffer];
    const pid = Number(text.toString());
    child.kill('SIGKILL');
    await once(child, 'exit');
    while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(alive(pid)).toBe(false);
  });
});
