import { chmodSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkClock, checkFiles, checkNode } from '../src/doctor/program.js';
import { run, startServer, tempDirectory } from './support/cli.js';

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly message: string; readonly fix?: string }[];
}

async function doctor(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly ok: boolean; readonly of: (name: string) => Report['checks'][number] | undefined }> {
  const { code, stdout } = await run(['doctor', '--port', '0', ...args, '-o', 'json']);
  const report = JSON.parse(stdout) as Report;
  for (const check of report.checks) expect(check.status === 'ok' || check.fix !== undefined).toBe(true);
  return { code, ok: report.ok, of: (name) => report.checks.find((check) => check.name === name) };
}

describe.concurrent('doctor', { timeout: 60_000 }, () => {
  it('is content with a machine on which a server runs, and changes nothing', async () => {
    const data = join(tempDirectory(), 'none');
    const { code, ok, of } = await doctor(['--data', data]);
    expect([code, ok]).toEqual([0, true]);
    for (const name of ['node', 'better-sqlite3', 'uws', 'data', 'disk', 'database', 'port', 'clock', 'files'])
      expect(of(name)).toBeDefined();
    expect(of('database')?.message).toBe('There is none yet.');
    expect((await run(['doctor', '--data', data, '--port', '0'])).stdout).toMatch(/^ok {4}node {12}Node \d+/m);
  });

  it('leaves the database of a running server alone, and knows Talaria on its port', async () => {
    const server = await startServer(tempDirectory());
    const { of } = await doctor(['--data', server.data, '--port', String(server.port)]);
    expect(of('database')).toMatchObject({ status: 'ok', message: expect.stringContaining(`In use by process ${server.process.pid}`) });
    expect(of('port')).toMatchObject({ status: 'ok', message: expect.stringContaining('Talaria answers') });
    await server.stop();
    expect((await doctor(['--data', server.data])).of('database')).toMatchObject({ status: 'ok', message: 'Sound and up to date.' });
  });

  it('finds another program on the port', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'));
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    const { code, of } = await doctor(['--data', tempDirectory(), '--port', String(port)]);
    expect([code, of('port')?.status, of('port')?.message]).toEqual([1, 'fail', `Port ${port} on 127.0.0.1 is used by another program.`]);
    other.close();
  });

  it('finds a damaged database, and what is no database', async () => {
    const data = tempDirectory();
    await run(['migrate', 'up', '--data', data]);
    truncateSync(join(data, 'talaria.db'), 20_000);
    expect((await doctor(['--data', data])).of('database')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining(`${data}/talaria.db`),
    });
    writeFileSync(join(data, 'talaria.db'), 'hello');
    const { code, of } = await doctor(['--data', data]);
    expect([code, of('database')?.message]).toEqual([1, `${data}/talaria.db is not a SQLite database`]);
  });

  it('warns of secrets that others may read', async () => {
    const data = tempDirectory();
    await run(['migrate', 'up', '--data', data]);
    chmodSync(join(data, 'secrets.json'), 0o644);
    const { code, of } = await doctor(['--data', data]);
    expect([code, of('data')]).toEqual([
      0,
      {
        name: 'data',
        status: 'warn',
        message: `Other users of this machine may read secrets.json in ${data}.`,
        fix: `Run chmod 600 ${data}/secrets.json`,
      },
    ]);
  });

  it('tells text within 80 columns, with the fix below, and an error at the end', async () => {
    const data = tempDirectory();
    writeFileSync(join(data, 'talaria.db'), 'hello');
    const { code, stdout, stderr } = await run(['doctor', '--data', data, '--port', '0']);
    expect(code).toBe(1);
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
    expect(stdout).toMatch(/^fail {2}database {8}.*\n(?: {22}.*\n)* {22}→ Restore/m);
    expect(stderr).toMatch(/^error: 1 of \d+ checks failed\. Do what stands beside each failed check\.\n$/);
  });
});

describe('its checks', () => {
  it.each([
    ['18.20.0', 'fail'],
    ['20.18.3', 'fail'],
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
    ['24.0.0', 'ok'],
  ])('Node %s is %s', (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });

  it('a clock in the past is wrong, and one behind the database is doubtful', () => {
    expect(checkClock('/nowhere', Date.UTC(2001, 0, 1)).status).toBe('fail');
    expect(checkClock('/nowhere').status).toBe('ok');
    const data = tempDirectory();
    writeFileSync(join(data, 'talaria.db'), '');
    expect(checkClock(join(data, 'talaria.db'), Math.max(Date.UTC(2026, 0, 2), Date.now() - 3_600_000)).status).toBe('warn');
  });

  it.each([
    ['Max open files            256                  1024                 files', 'fail'],
    ['Max open files            4096    4096 files', 'warn'],
    ['Max open files   65536 65536 files', 'ok'],
    ['Max open files unlimited unlimited files', 'ok'],
    ['', 'ok'],
  ])('the limit %j is %s', (limits, status) => {
    expect(checkFiles(limits).status).toBe(status);
  });
});
