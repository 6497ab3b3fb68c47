import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { failing, json, launchRunning, run, startServer, tempDirectory } from './support/cli.js';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe.concurrent('the first start', { timeout: 60_000 }, () => {
  it('fills one screen with where it is, where the admin key is, and what to do next', async () => {
    const cwd = tempDirectory();
    const server = launchRunning(['start', '--port', '0'], { cwd });
    await server.printed('Ctrl-C');
    const screen = server.text.out;
    expect(screen).toMatch(/^Talaria \d+\.\d+\.\d+ is running\.\n/);
    expect(screen).toMatch(/URL +http:\/\/127\.0\.0\.1:\d+\n/);
    expect(screen).toMatch(/Data +\.\/talaria-data \(new\)\n/);
    expect(screen).toMatch(/Admin key +talaria-data\/admin-key\n/);
    expect(screen).toMatch(/Docs +http:\/\/127\.0\.0\.1:\d+\/docs\n/);
    expect(screen).toContain('npx talaria app create my-app --with-key\n');
    expect(screen).toContain('npx talaria token mint alice --key tk_…\n');
    expect(screen).toContain("import { connect } from '@talaria/sdk';\n");
    const lines = screen.split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    // What is to be opened stays in one piece.
    expect(lines.filter((line) => [...line].length > 80)).toEqual([expect.stringMatching(/^ {2}Dashboard +http:\/\/127\.0\.0\.1:\d+\/dashboard\/#link=[\w-]{43}$/)]);
    expect(screen).not.toContain('\u001b');
    await server.stop();
  });

  it('makes what is private readable to its owner alone', async () => {
    const data = join(tempDirectory(), 'deep', 'data');
    const server = await startServer(data);
    expect(modeOf(data)).toBe(0o700);
    expect(readdirSync(data).sort()).toEqual(['admin-key', 'lock', 'secrets.json', 'talaria.db', 'talaria.db-shm', 'talaria.db-wal']);
    for (const file of readdirSync(data)) expect([file, modeOf(join(data, file))]).toEqual([file, 0o600]);
    expect(readFileSync(join(data, 'admin-key'), 'utf8')).toMatch(/^tk_[0-9a-z]{26}_[0-9a-z]{52}\n$/);
    expect(server.screen).toMatchObject({ first_start: true, data, admin_key_file: join(data, 'admin-key'), pid: server.process.pid });
    await server.stop();
  });

  it('never prints the key or writes it to the log', async () => {
    const data = tempDirectory();
    const server = await startServer(data, ['--log-level', 'debug']);
    const key = readFileSync(join(data, 'admin-key'), 'utf8').trim();
    const { stdout, stderr } = await server.stop();
    expect(stdout + stderr).not.toContain(key.slice(-52));
  });
});

describe.concurrent('the second start', { timeout: 60_000 }, () => {
  it('goes on with the directory and its admin key, and says so', async () => {
    const cwd = tempDirectory();
    const data = join(cwd, 'talaria-data');
    const first = await startServer(data);
    const key = readFileSync(join(data, 'admin-key'), 'utf8');
    await first.stop();
    const second = launchRunning(['start', '--port', '0'], { cwd });
    await second.printed('Ctrl-C');
    expect(second.text.out).toContain('(going on with what is there)');
    expect(readFileSync(join(data, 'admin-key'), 'utf8')).toBe(key);
    await second.stop();
  });

  it('makes no other admin key when the first was taken away, unless it is told to', async () => {
    const data = tempDirectory();
    await (await startServer(data)).stop();
    const key = readFileSync(join(data, 'admin-key'), 'utf8');
    rmSync(join(data, 'admin-key'));
    const second = await startServer(data);
    expect(second.screen).toMatchObject({ admin_key_file: null, first_start: false });
    await second.stop();
    expect(existsSync(join(data, 'admin-key'))).toBe(false);
    const third = await startServer(data, ['--new-admin-key']);
    expect(third.screen).toMatchObject({ admin_key_file: join(data, 'admin-key'), first_start: false });
    await third.stop();
    expect(readFileSync(join(data, 'admin-key'), 'utf8')).not.toBe(key);
  });
});

describe.concurrent('what keeps it from starting', { timeout: 60_000 }, () => {
  it('[BAD cli.locked] is a directory that another server holds: exit 1 with one line', async () => {
    const server = await startServer(tempDirectory());
    const { code, line } = await failing(['start', '--data', server.data, '--port', '0']);
    expect(code).toBe(1);
    expect(line).toBe(
      `error: ${server.data} is in use by process ${server.process.pid}; stop it first, or choose another directory with --data.`,
    );
    await server.stop();
  });

  it('[BAD cli.port] is a port that is in use: exit 1 with one line, with each transport', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    for (const transport of ['uws', 'ws']) {
      const data = tempDirectory();
      const { code, line } = await failing(['start', '--data', data, '--port', String(port), '--transport', transport]);
      expect([code, line]).toEqual([
        1,
        `error: port ${port} on 127.0.0.1 is in use. Choose another port with --port, or stop what uses it.`,
      ]);
      expect(existsSync(join(data, 'lock'))).toBe(false);
    }
    other.close();
  });

  it('is an address of another machine: exit 1 with one line', async () => {
    const { code, line } = await failing(['start', '--data', tempDirectory(), '--port', '0', '--host', '203.0.113.7', '--transport', 'ws']);
    expect([code, line]).toEqual([1, 'error: host 203.0.113.7 is no address of this machine. Choose another with --host.']);
  });

  it('is told as JSON when JSON is asked for', async () => {
    const server = await startServer(tempDirectory());
    const { code, line, stdout } = await failing(['start', '--data', server.data, '--port', '0', '-o', 'json']);
    expect([code, stdout]).toEqual([1, '']);
    expect(JSON.parse(line)).toEqual({
      error: { code: 'directory_held', message: expect.stringContaining('is in use by process'), remediation: expect.any(String) },
    });
    await server.stop();
  });
});

describe.concurrent('the end', { timeout: 60_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('[CLU4] comes in order after %s, with exit code 0 and nothing left behind', async (signal) => {
    const server = await startServer(tempDirectory());
    server.process.kill(signal);
    const { code, stderr } = await server.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('server.draining');
    expect(stderr).toContain('server.stopped');
    expect(readdirSync(server.data).sort()).toEqual(['admin-key', 'secrets.json', 'talaria.db']);
  });

  it('comes at once after a second signal, though a client has not moved away', async () => {
    const server = await startServer(tempDirectory(), ['--drain-ms', '60000']);
    const { public_key: key } = await json(['app', 'create', 'x', '--url', server.url, '--key-file', join(server.data, 'admin-key')]);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/socket/${String(key)}`, 'talaria.v1');
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    server.process.kill('SIGTERM');
    await server.logged('server.draining');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(server.process.exitCode).toBeNull();
    server.process.kill('SIGTERM');
    // A drain of its own accord would end with 0, after this test's time.
    expect((await server.ended).code).toBe(1);
  });

  it('by SIGKILL leaves a directory that the next start takes over', async () => {
    const server = await startServer(tempDirectory());
    server.process.kill('SIGKILL');
    await server.ended;
    expect(existsSync(join(server.data, 'lock'))).toBe(true);
    await (await startServer(server.data)).stop();
  });
});

describe.concurrent('its log', { timeout: 60_000 }, () => {
  it('is JSON on standard error when that is no terminal, and pretty when it is told to', async () => {
    const plain = await (await startServer(tempDirectory())).stop();
    for (const line of plain.stderr.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), event: expect.any(String) });
    const pretty = await (await startServer(tempDirectory(), ['--log-format', 'pretty'])).stop();
    expect(pretty.stderr).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}server\.started url=http/m);
    const silent = await (await startServer(tempDirectory(), ['--log-level', 'silent'])).stop();
    expect(silent.stderr).toBe('');
  });
});

it('takes its settings from file, environment and flags, in this order', async () => {
  const cwd = tempDirectory();
  writeFileSync(join(cwd, 'talaria.json'), JSON.stringify({ transport: 'uws', log_level: 'warn', data: 'from-file', port: 1 }));
  const server = launchRunning(['start', '--port', '0', '-o', 'json'], { cwd, env: { TALARIA_TRANSPORT: 'ws' } });
  await server.printed('\n}\n');
  expect(JSON.parse(server.text.out)).toMatchObject({ transport: 'ws', data: join(cwd, 'from-file') });
  expect((await server.stop()).stderr).toBe('');
});

it('prints its version', async () => {
  expect(await run(['--version'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
});
