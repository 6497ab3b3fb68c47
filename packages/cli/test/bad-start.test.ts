/** Bad input of the command line, the configuration and files: exit code above 0, and one line that names the field. */
import Database from 'better-sqlite3';
import { chmodSync, chownSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failing, run, startServer, tempDirectory, type RunOptions } from './support/cli.js';

const NOBODY = 65_534;
const root = process.getuid?.() === 0;
const start = (data: string, options: RunOptions = {}) => failing(['start', '--data', data, '--port', '0'], options);

/** A data directory with an up to date database in one file. */
async function usedDirectory(): Promise<string> {
  const data = tempDirectory();
  await run(['migrate', 'up', '--data', data]);
  return data;
}

describe.concurrent('settings', { timeout: 60_000 }, () => {
  it.each([
    [
      '[BAD cli.flag] an unknown flag, with the nearest one',
      ['start', '--prot', '1'],
      {},
      /^error: unknown option '--prot' \(Did you mean --port\?\)/,
    ],
    [
      '[BAD cli.flag] an unknown flag of another command',
      ['tenant', 'list', '--limt', '3'],
      {},
      /^error: unknown option '--limt' \(Did you mean --limit\?\)/,
    ],
    [
      '[BAD cli.command] an unknown command, with the nearest one',
      ['tennant', 'list'],
      {},
      /^error: unknown command 'tennant' \(Did you mean tenant\?\)/,
    ],
    [
      '[BAD cli.command] an unknown command of a group',
      ['tenant', 'crate', 'x'],
      {},
      /^error: unknown command 'crate' \(Did you mean create\?\)/,
    ],
    [
      '[BAD cli.key] an unknown key of the environment, with the nearest one',
      ['start'],
      { TALARIA_PROT: '1' },
      /^error: TALARIA_PROT is not a known variable; did you mean TALARIA_PORT\?/,
    ],
    [
      '[BAD cli.port] a port that does not exist, as a flag',
      ['start', '--port', '70000'],
      {},
      /^error: port must be a whole number from 0 to 65535, not 70000 \(--port\)/,
    ],
    [
      '[BAD cli.port] a port that does not exist, from the environment',
      ['start'],
      { TALARIA_PORT: '70000' },
      /^error: port must .*not 70000 \(TALARIA_PORT\)/,
    ],
    [
      '[BAD cli.secret] a secret under 32 bytes',
      ['start'],
      { TALARIA_SECRET: 'dG9vIHNob3J0' },
      /^error: secret must have at least 32 bytes, not 9/,
    ],
    [
      '[BAD cli.cidr] a bad network',
      ['start', '--trust-proxy', '10.0.0.0/40'],
      {},
      /^error: trust_proxy must list networks .*not "10\.0\.0\.0\/40" \(--trust-proxy\)/,
    ],
    ['a file that is not there', ['start', '--config', '/nowhere/talaria.json'], {}, /^error: \/nowhere\/talaria\.json cannot be read: /],
    [
      'a form of output that there is not',
      ['config', 'show', '-o', 'xml'],
      {},
      /^error: option '-o, --output <form>' argument 'xml' is invalid/,
    ],
  ] as const)('refuses %s', async (_name, args, env, message) => {
    const cwd = tempDirectory();
    const { code, line, stdout } = await failing(args, { cwd, env });
    expect(line).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('[BAD cli.key] refuses an unknown key of the file, with the nearest one', async () => {
    const cwd = tempDirectory();
    writeFileSync(join(cwd, 'talaria.json'), '{"prot": 7400}');
    const { code, line } = await failing(['start'], { cwd });
    expect([code, line.startsWith('error: talaria.json: "prot" is not a known setting; did you mean port?')]).toEqual([2, true]);
  });

  it('tells a mistake as JSON when JSON is asked for, wherever -o stands', async () => {
    for (const args of [
      ['-o', 'json', 'start', '--prot'],
      ['start', '--prot', '--output=json'],
      ['start', '-ojson', '--prot'],
    ]) {
      const { code, line } = await failing(args);
      expect(code).toBe(2);
      expect(JSON.parse(line)).toEqual({
        error: { code: 'usage', message: "unknown option '--prot' (Did you mean --port?)", remediation: 'See talaria --help.' },
      });
    }
  });
});

describe.concurrent('a database', { timeout: 60_000 }, () => {
  it('[BAD cli.database] that is text', async () => {
    const data = tempDirectory();
    writeFileSync(join(data, 'talaria.db'), 'this is a letter, not a database\n');
    const { code, line } = await start(data);
    expect([code, line]).toEqual([1, `error: ${data}/talaria.db is not a SQLite database. See talaria doctor.`]);
    expect(readFileSync(join(data, 'talaria.db'), 'utf8')).toBe('this is a letter, not a database\n');
    expect(readdirSync(data)).not.toContain('lock');
  });

  it('[BAD cli.database] that is truncated', async () => {
    const data = await usedDirectory();
    truncateSync(join(data, 'talaria.db'), 20_000);
    const { code, line } = await start(data);
    expect(code).toBe(1);
    expect(line).toMatch(
      new RegExp(`^error: ${data}/talaria\\.db (?:is damaged or incomplete|cannot be used: database disk image is malformed)`),
    );
  });

  it('[BAD cli.database] that is newer than the program', async () => {
    const data = await usedDirectory();
    const db = new Database(join(data, 'talaria.db'));
    db.prepare("INSERT INTO migrations (version, name, checksum, applied_ms) VALUES (999, 'future', 'x', 0)").run();
    db.close();
    const { code, line } = await start(data);
    expect(code).toBe(1);
    expect(line).toMatch(/talaria\.db.* schema version 999, newer than this program's \d+; use a newer Talaria/);
  });

  it('[BAD cli.locked] that another program keeps locked', async () => {
    const data = await usedDirectory();
    const db = new Database(join(data, 'talaria.db'));
    db.exec('BEGIN EXCLUSIVE');
    const { code, line } = await start(data);
    db.close();
    expect(code).toBe(1);
    expect(line).toMatch(new RegExp(`^error: ${data}/talaria\\.db (?:is in use by another process|cannot be used: database is locked)`));
  });

  it('[BAD cli.read_only] that may only be read', async () => {
    const data = await usedDirectory();
    chmodSync(join(data, 'talaria.db'), 0o444);
    if (root) for (const path of [data, ...readdirSync(data).map((file) => join(data, file))]) chownSync(path, NOBODY, NOBODY);
    const { code, line } = await start(data, root ? { uid: NOBODY } : {});
    expect(code).toBe(1);
    expect(line).toMatch(
      new RegExp(`^error: ${data}/talaria\\.db cannot be (?:opened for reading and writing|used: attempt to write a readonly database)`),
    );
  });

  it('[BAD cli.read_only] in a directory that may only be read', async () => {
    const data = await usedDirectory();
    if (root) for (const path of [data, ...readdirSync(data).map((file) => join(data, file))]) chownSync(path, NOBODY, NOBODY);
    chmodSync(data, 0o555);
    const { code, line } = await start(data, root ? { uid: NOBODY } : {});
    chmodSync(data, 0o755);
    expect(code).toBe(1);
    expect(line).toContain(data);
    expect(line).toContain('permission denied');
  });
});

describe.concurrent('secrets.json', { timeout: 60_000 }, () => {
  it.each([
    [
      '[BAD cli.secret] with a secret under 32 bytes',
      JSON.stringify({ version: 1, secret: 'dG9vIHNob3J0' }),
      'secrets.json: secret must have at least 32 bytes, not 9',
    ],
    ['that is text', 'hello', 'secrets.json is not JSON'],
  ])('%s', async (_name, text, message) => {
    const data = await usedDirectory();
    writeFileSync(join(data, 'secrets.json'), text);
    const { code, line } = await start(data);
    expect([code, line.startsWith(`error: ${data}/${message}`)]).toEqual([1, true]);
  });

  it('that belongs to another secret than the given one', async () => {
    const data = tempDirectory();
    const given = (byte: number) => ({ env: { TALARIA_SECRET: Buffer.alloc(32, byte).toString('base64') } });
    await (await startServer(data, [], given(1))).stop();
    expect((await start(data, given(2))).line).toMatch(/^error: secret is another one than/);
    expect((await start(data)).line).toMatch(/^error: secret is missing: /);
    await (await startServer(data, [], given(1))).stop();
  });
});
