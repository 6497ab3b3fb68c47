import Database from 'better-sqlite3';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '@talaria/services';
import { describe, expect, it } from 'vitest';
import { failing, json, run, startServer, tempDirectory } from './support/cli.js';

interface Migrations {
  readonly migrations: readonly { readonly version: number; readonly applied_ms: number | null }[];
  readonly pending: number;
  readonly applied: number;
  readonly partitions: number;
}

describe.concurrent('migrate', { timeout: 180_000 }, () => {
  it('lists what is to be applied, without making anything', async () => {
    const data = join(tempDirectory(), 'none');
    const { migrations, pending } = await json<Migrations>(['migrate', 'status', '--data', data]);
    expect(pending).toBe(migrations.length);
    expect(migrations[0]).toMatchObject({ version: 1, name: 'initial', applied_ms: null });
    expect(existsSync(data)).toBe(false);
  });

  it('applies what is missing, once, in a directory that a start goes on with', async () => {
    const data = tempDirectory();
    const first = await run(['migrate', 'up', '--data', data]);
    expect(first.stdout).toMatch(
      /^NO {2}MIGRATION +APPLIED \(UTC\)\n 1 {2}initial +\d{4}-\d\d-\d\d \d\d:\d\d\n(?:.*\n)*\d+ applied\.\n$/,
    );
    expect((await json<Migrations>(['migrate', 'up', '--data', data])).applied).toBe(0);
    expect((await json<Migrations>(['migrate', 'status', '--data', data])).pending).toBe(0);
    for (const file of readdirSync(data)) expect(statSync(join(data, file)).mode & 0o077).toBe(0);
    await (await startServer(data)).stop();
  });

  it('takes back what was applied, when it is meant, and applies it again', async () => {
    const data = tempDirectory();
    await run(['migrate', 'up', '--data', data]);
    const asked = await failing(['migrate', 'down', '--to', '0', '--data', data]);
    expect(asked).toMatchObject({ code: 2, line: expect.stringContaining('Take back 1 (initial), 2 (moved)') as unknown });
    const all = (await json<Migrations>(['migrate', 'status', '--data', data])).migrations.length;
    const { stdout } = await run(['migrate', 'down', '--to', '0', '--yes', '--data', data]);
    expect(stdout).toContain(`${all} taken back.`);
    const { migrations, pending } = await json<Migrations>(['migrate', 'status', '--data', data]);
    expect(pending).toBe(migrations.length);
    expect((await json<Migrations>(['migrate', 'up', '--data', data])).applied).toBe(migrations.length);
    await (await startServer(data)).stop();
  });

  it('makes partitions once, in a Postgres that has no tables, and shows them', async () => {
    const postgres = await startPostgres();
    try {
      const env = { TALARIA_DATABASE_URL: await postgres.createDatabase() };
      expect(await json<Migrations>(['migrate', 'status'], { env })).toMatchObject({ partitions: 0 });
      const { stdout } = await run(['migrate', 'up', '--database-partitions', '4'], { env });
      expect(stdout).toMatch(/\nEvents and command keys have 4 partitions each\.\n\d+ applied\.\n$/);
      expect(await json<Migrations>(['migrate', 'up'], { env })).toMatchObject({ applied: 0, partitions: 4 });
      const { code, line } = await failing(['migrate', 'up', '--database-partitions', '8'], { env });
      expect([code, line]).toEqual([1, expect.stringMatching(/^error: postgres:\/\/127\.0\.0\.1:\d+\/\w+ cannot be used: its tables have 4 partitions, not 8, and keep them/)]);
      expect((await run(['migrate', 'status'], { env })).stdout).toContain('have 4 partitions each');
      await run(['migrate', 'down', '--to', '0', '--yes'], { env });
      expect(await json<Migrations>(['migrate', 'status'], { env })).toMatchObject({ partitions: 0 });
    } finally {
      await postgres.stop();
    }
  });

  it('[BAD cli.type] takes no number of partitions that there cannot be', async () => {
    for (const count of ['1', '257', 'many']) {
      const { code, line } = await failing(['migrate', 'up', '--database-partitions', count, '--data', tempDirectory()]);
      expect([code, line]).toEqual([2, expect.stringContaining('database_partitions must be a whole number from 2 to 256, or 0') as unknown]);
    }
  });

  it('[BAD cli.type] takes nothing back to what is no version', async () => {
    expect(await failing(['migrate', 'down', '--to', 'yesterday', '--data', tempDirectory()])).toMatchObject({ code: 2, line: expect.stringContaining('--to') as unknown });
  });

  it('[BAD cli.locked] does not touch the directory of a running server', async () => {
    const server = await startServer(tempDirectory());
    const { code, line } = await failing(['migrate', 'up', '--data', server.data]);
    expect([code, line]).toEqual([1, expect.stringContaining(`is in use by process ${server.process.pid}`)]);
    expect((await json<Migrations>(['migrate', 'status', '--data', server.data])).pending).toBe(0);
    await server.stop();
  });

  it.each(['status', 'up'])('[BAD cli.database] %s refuses a database that is newer than the program', async (verb) => {
    const data = tempDirectory();
    await run(['migrate', 'up', '--data', data]);
    const db = new Database(join(data, 'talaria.db'));
    db.prepare("INSERT INTO migrations (version, name, checksum, applied_ms) VALUES (999, 'future', 'x', 0)").run();
    db.close();
    const { code, line } = await failing(['migrate', verb, '--data', data]);
    expect(code).toBe(1);
    expect(line).toMatch(/schema version 999, newer than this program's \d+/);
  });
});
