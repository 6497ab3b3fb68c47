import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, run, tempDirectory } from './support/cli.js';

interface Shown {
  readonly settings: readonly { readonly name: string; readonly value: unknown; readonly source: string; readonly from: string }[];
}

describe.concurrent('config show', { timeout: 60_000 }, () => {
  it('names the source of every value, in both forms, and hides the secret', async () => {
    const cwd = tempDirectory();
    writeFileSync(join(cwd, 'talaria.json'), JSON.stringify({ heartbeat_ms: 20_000, trust_proxy: ['10.0.0.0/8'] }));
    const secret = Buffer.alloc(32, 3).toString('base64');
    const options = { cwd, env: { TALARIA_DURABILITY: 'relaxed', TALARIA_SECRET: secret } };
    const { settings } = await json<Shown>(['config', 'show', '--port', '8080'], options);
    expect(settings).toEqual(
      expect.arrayContaining([
        { name: 'port', value: 8_080, source: 'flag', from: '--port' },
        { name: 'durability', value: 'relaxed', source: 'environment', from: 'TALARIA_DURABILITY' },
        { name: 'heartbeat_ms', value: 20_000, source: 'file', from: 'talaria.json' },
        { name: 'trust_proxy', value: ['10.0.0.0/8'], source: 'file', from: 'talaria.json' },
        { name: 'host', value: '127.0.0.1', source: 'default', from: '' },
        { name: 'secret', value: '(hidden)', source: 'environment', from: 'TALARIA_SECRET' },
      ]),
    );
    const text = await run(['config', 'show', '--port', '8080'], options);
    expect(text.stdout).toMatch(/^port +8080 +--port$/m);
    expect(text.stdout).toMatch(/^secret +\(hidden\) +TALARIA_SECRET$/m);
    expect(text.stdout + JSON.stringify(settings)).not.toContain(secret.slice(0, 12));
  });

  it('reads the file that --config or TALARIA_CONFIG names, the flag first', async () => {
    const cwd = tempDirectory();
    writeFileSync(join(cwd, 'a.json'), '{"port": 1}');
    writeFileSync(join(cwd, 'b.json'), '{"port": 2}');
    const port = async (args: readonly string[]) =>
      (await json<Shown>(['config', 'show', ...args], { cwd, env: { TALARIA_CONFIG: 'a.json' } })).settings.find(
        ({ name }) => name === 'port',
      );
    expect(await port([])).toMatchObject({ value: 1, from: 'a.json' });
    expect(await port(['--config', 'b.json'])).toMatchObject({ value: 2, from: 'b.json' });
  });

  it('reads a secret from the file that a variable names', async () => {
    const cwd = tempDirectory();
    writeFileSync(join(cwd, 'secret'), `${Buffer.alloc(40, 1).toString('base64')}\n`);
    const { settings } = await json<Shown>(['config', 'show'], { cwd, env: { TALARIA_SECRET_FILE: 'secret' } });
    expect(settings.find(({ name }) => name === 'secret')).toEqual({
      name: 'secret',
      value: '(hidden)',
      source: 'environment',
      from: 'TALARIA_SECRET_FILE',
    });
  });
});

describe.concurrent('config check', { timeout: 60_000 }, () => {
  it('is content with a good configuration', async () => {
    expect(await run(['config', 'check'], { cwd: tempDirectory() })).toEqual({
      code: 0,
      stdout: 'The configuration is good.\n',
      stderr: '',
    });
  });

  it('lists every mistake, in both forms, and ends with 1', async () => {
    const cwd = tempDirectory();
    writeFileSync(join(cwd, 'talaria.json'), '{"prot": 1, "port": "x", "log_level": "loud"}');
    const text = await run(['config', 'check'], { cwd });
    expect(text.code).toBe(1);
    expect(text.stdout.trim().split('\n')).toEqual([
      'talaria.json: "prot" is not a known setting; did you mean port?',
      'port must be a whole number from 0 to 65535, not "x" (talaria.json)',
      'log_level must be one of debug, info, warn, error, silent, not "loud" (talaria.json)',
    ]);
    expect(text.stderr).toBe('error: The configuration has 3 mistakes. Correct what is listed.\n');
    const data = await run(['config', 'check', '-o', 'json'], { cwd });
    expect(JSON.parse(data.stdout)).toMatchObject({ ok: false, issues: [{ field: 'prot' }, { field: 'port' }, { field: 'log_level' }] });
    expect(JSON.parse(data.stderr)).toMatchObject({ error: { code: 'checks_failed' } });
  });
});
