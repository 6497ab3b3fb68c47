import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failing, json, launchRunning, tempDirectory } from './support/cli.js';

interface Ready {
  readonly url: string;
  readonly app_id: string;
  readonly app_public_key: string;
  readonly app_key: string;
  readonly user: { readonly token: string; readonly user_id: string };
}

/** Temporary files go where the test can see them. */
const devDirectories = (tmp: string): readonly string[] => readdirSync(tmp).filter((name) => name.startsWith('talaria-dev-'));

describe.concurrent('dev', { timeout: 60_000 }, () => {
  it('gives an app, a key and a token that work, and leaves nothing behind', async () => {
    const tmp = tempDirectory();
    const dev = launchRunning(['dev', '--port', '0', '-o', 'json'], { env: { TMPDIR: tmp } });
    await dev.printed('\n}\n');
    const ready = JSON.parse(dev.text.out) as Ready;
    expect(devDirectories(tmp)).toHaveLength(1);
    const options = { env: { TALARIA_URL: ready.url, TALARIA_KEY: ready.app_key } };
    expect(await json(['user', 'show', 'guest'], options)).toMatchObject({ id: ready.user.user_id, name: 'Guest' });
    expect(await json(['token', 'inspect', ready.user.token])).toMatchObject({
      expired: false,
      claims: { sub: 'guest', aud: ready.app_id },
    });
    expect((await dev.stop()).code).toBe(0);
    expect(devDirectories(tmp)).toEqual([]);
  });

  it('fills one screen with lines to paste', async () => {
    const dev = launchRunning(['dev', '--port', '0', '--log-level', 'silent']);
    await dev.printed('Ctrl-C');
    const screen = dev.text.out;
    const lines = screen.split('\n');
    expect(lines.length).toBeLessThanOrEqual(28);
    expect(lines.filter((line) => [...line].length > 80).map((line) => line.trim().slice(0, 20))).toEqual([
      expect.stringMatching(/^Dashboard /),
      expect.stringMatching(/^token: 'eyJ/),
      expect.stringMatching(/^export TALARIA_KEY=/),
    ]);
    for (const part of [
      "import { connect } from '@talaria/sdk';",
      "app: 'pk_",
      'export TALARIA_URL=http://127.0.0.1:',
      'export TALARIA_APP=pk_',
      'npx talaria token mint alice',
      '/dashboard/#link=',
    ])
      expect(screen).toContain(part);
    dev.process.kill('SIGINT');
    expect((await dev.ended).code).toBe(0);
  });

  it('ignores the data directory of the real server, and removes its own when it cannot start', async () => {
    const cwd = tempDirectory();
    const tmp = tempDirectory();
    writeFileSync(join(cwd, 'talaria.json'), '{"data": "real"}');
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    const { code, line } = await failing(['dev', '--port', String(port)], {
      cwd,
      env: { TMPDIR: tmp, TALARIA_DATA: join(cwd, 'also-real') },
    });
    other.close();
    expect([code, line]).toEqual([1, expect.stringContaining(`port ${port} on 127.0.0.1 is in use`)]);
    expect([existsSync(join(cwd, 'real')), existsSync(join(cwd, 'also-real')), devDirectories(tmp)]).toEqual([false, false, []]);
  });
});
