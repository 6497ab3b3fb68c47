/** `talaria verify-delivery` against a real server, and against one whose answers lie. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, json, launchRunning, run, startServer, tempDirectory, type RunOptions, type Started } from './support/cli.js';

interface Tenants {
  readonly items: readonly { readonly name: string }[];
}

let directory: string;
let server: Started;
/** Temporary files of the runs, and nothing else. */
let scratch: string;
let admin: RunOptions;

beforeAll(async () => {
  directory = tempDirectory();
  scratch = mkdtempSync(join(directory, 'tmp-'));
  server = await startServer(join(directory, 'talaria-data'));
  admin = { cwd: directory, env: { TALARIA_URL: server.url, TMPDIR: scratch } };
}, 60_000);
afterAll(() => server.stop());

const tenants = async (): Promise<readonly string[]> => (await json<Tenants>(['tenant', 'list'], admin)).items.map(({ name }) => name);

describe('verify-delivery', { timeout: 120_000 }, () => {
  it('[H1,H3,SND7,ORD2] kills clients, judges what they saw, and leaves nothing behind', async () => {
    const before = await tenants();
    const { code, stdout, stderr } = await run(['verify-delivery', '--minutes', '0.2', '--pace', '50'], admin);
    expect([code, stderr.includes('error')]).toEqual([0, false]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^verdict: [1-9]\d* sent, [1-9]\d* seen, 0 lost, 0 repeated, 0 reordered$/);
    expect(lines[0]).toMatch(/^Clients +6, at work for 0\.2 min; [12] times one of their processes was killed$/);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(stderr).toMatch(/\d:\d\d left: 6 of 6 connected, \d+ acked, \d+ seen/);
    expect(await tenants()).toEqual(before);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('keeps the histories when it is told to, and prints the verdict for programs', async () => {
    const histories = join(directory, 'histories');
    const told = await json(['verify-delivery', '--minutes', '0.1', '--users', '2', '--keep', histories], admin);
    expect(told).toMatchObject({ ok: true, verdict: 'ok', minutes: 0.1, users: 2, lost: 0, repeated: 0, reordered: 0, violations: [] });
    expect(readdirSync(histories).sort()).toEqual(['log.ndjson', 'verify-delivery-0.ndjson', 'verify-delivery-1.ndjson']);
    expect(readFileSync(join(histories, 'log.ndjson'), 'utf8')).toContain('message.created');
    const again = await failing(['verify-delivery', '--keep', histories], admin);
    expect([again.code, again.line]).toEqual([2, expect.stringContaining('is not empty; choose a new directory')]);
  });

  it('[H1] finds out a log that has lost a message', async () => {
    const liar = await startLiar(server.port);
    try {
      const { code, stdout, stderr } = await run(['verify-delivery', '--url', liar.url, '--minutes', '0.1'], { ...admin, env: { ...admin.env, TALARIA_KEY_FILE: join(server.data, 'admin-key') } });
      expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^verdict: FAILED H\d+ /);
      expect([code, stderr]).toEqual([1, expect.stringContaining('error: The promise does not hold here.')]);
    } finally {
      await liar.stop();
    }
    expect(await tenants()).not.toContain('verify-delivery');
  });

  it('Ctrl-C ends it, and takes away what it has made', async () => {
    const running = launchRunning(['verify-delivery', '--minutes', '5'], admin);
    await running.logged(' left: ');
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout, stderr.trimEnd().split('\n').at(-1)]).toEqual([1, '', 'error: Stopped before there was a verdict. What the run had made was taken away.']);
    expect(await tenants()).not.toContain('verify-delivery');
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('refuses wrong words before it makes anything', async () => {
    for (const [flag, value] of [['--minutes', '0'], ['--minutes', 'many'], ['--users', '1'], ['--pace', '5']] as const) {
      const { code, line } = await failing(['verify-delivery', flag, value], admin);
      expect([code, line]).toEqual([2, expect.stringContaining('It must be a')]);
    }
    const away = await failing(['verify-delivery', '--url', 'http://127.0.0.1:1'], { cwd: directory, env: { TALARIA_KEY: 'tk_x' } });
    expect([away.code, away.line]).toEqual([3, expect.stringContaining('There is no answer from')]);
  });
});

/** Stands before a server, and leaves the tenth fact out of every page of a log. */
async function startLiar(port: number): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server: Server = createServer((asked, answer) => {
    const onward = request({ port, path: asked.url, method: asked.method, headers: asked.headers }, (answered) => {
      void bodyOf(answered).then((body) => {
        const told = /\/facts(?:\?|$)/.test(asked.url ?? '') ? withoutTenth(body) : body;
        answer.writeHead(answered.statusCode ?? 500, { ...answered.headers, 'content-length': told.length });
        answer.end(told);
      });
    });
    asked.pipe(onward);
  });
  server.on('upgrade', (asked, near, head) => {
    const far = connect(port, '127.0.0.1', () => {
      const headers = Object.entries(asked.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
      far.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${headers}\r\n`);
      far.write(head);
      near.pipe(far).pipe(near);
    });
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function withoutTenth(body: Buffer): Buffer {
  const page = JSON.parse(body.toString()) as { items: unknown[] };
  return Buffer.from(JSON.stringify({ ...page, items: page.items.filter((_, at) => at !== 9) }));
}
