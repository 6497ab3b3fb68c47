import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../src/client.js';
import { failing } from './support/cli.js';

const KEY = `tk_${'0'.repeat(26)}_${'0'.repeat(52)}`;
const CONVERSATION = 'c_06aqx7m4e5v2k8r0d1f3g5h7j8';

/** Something that answers HTTP and is no Talaria, unless the handler makes it one. */
function serving(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`)),
  );
}

/** A port on which nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('exit code 3', { timeout: 60_000 }, () => {
  it('is for a server that is not there', async () => {
    const url = await nobody();
    const text = await failing(['tenant', 'list', '--url', url, '--key', KEY]);
    expect([text.code, text.line]).toEqual([
      3,
      `error: There is no answer from ${url} (ECONNREFUSED). Start the server, or name its address with --url.`,
    ]);
    const json = await failing(['send', CONVERSATION, 'hi', '--url', url, '--key', KEY, '-o', 'json']);
    expect([json.code, json.stdout, JSON.parse(json.line)]).toEqual([
      3,
      '',
      { error: { code: 'unreachable', message: expect.any(String), remediation: expect.any(String) } },
    ]);
  });

  it.each([
    ['a page of somebody else', 200, '<h1>hello</h1>', /is not Talaria\./],
    ['an error page of a proxy', 502, '<h1>Bad gateway</h1>', /is not Talaria \(HTTP status 502\)\./],
    ['a redirect, which is not followed with a key', 302, '', /is not Talaria \(HTTP status 302\)\./],
  ])('is for %s', async (_name, status, body, message) => {
    const url = await serving((_request, response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body));
    const { code, line } = await failing(['tenant', 'list', '--url', url, '--key', KEY]);
    expect(code).toBe(3);
    expect(line).toMatch(message);
  });

  it('[SND2] is for a command of which nobody knows whether it was done, with how to repeat it safely', async () => {
    const keys: (string | undefined)[] = [];
    const url = await serving((request) => {
      keys.push(request.headers['idempotency-key'] as string | undefined);
      request.socket.destroy();
    });
    const { code, line } = await failing(['send', CONVERSATION, 'hi', '--url', url, '--key', KEY]);
    expect(code).toBe(3);
    expect(keys[0]).toMatch(/^[\w-]{8,128}$/);
    expect(line).toContain(`Repeat it with --idempotency-key ${keys[0]}: it is done once at most.`);
  });
});

describe('exit code 2', { timeout: 60_000 }, () => {
  it.each(['ftp://host', 'localhost:7400', 'http://user:pass@host', 'http://host/?a=1'])('is for the url %s', async (url) => {
    expect((await failing(['tenant', 'list', '--url', url, '--key', KEY])).code).toBe(2);
  });

  it('is for an id that cannot be one, before anything is sent', async () => {
    let asked = 0;
    const url = await serving((_request, response) => {
      asked += 1;
      response.end();
    });
    const { code, line } = await failing(['app', 'show', '../secrets', '--url', url, '--key', KEY]);
    expect([code, line, asked]).toEqual([2, 'error: app_id: must be the id of a app. See talaria --help.', 0]);
  });
});

describe('the client', () => {
  it('puts fields into path, query and body, and the key into the header', async () => {
    const seen: {
      method: string | undefined;
      url: string | undefined;
      body: string;
      authorization: string | undefined;
      key: string | undefined;
    }[] = [];
    const url = await serving((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => void (body += chunk.toString()));
      request.on('end', () => {
        seen.push({
          method: request.method,
          url: request.url,
          body,
          authorization: request.headers.authorization,
          key: request.headers['idempotency-key'] as string | undefined,
        });
        response.end('{}');
      });
    });
    const client = createClient({ url: `${url}/base`, key: KEY });
    await client.call(
      'members.remove',
      { conversation_id: CONVERSATION, user_id: 'ext:a/b?c', as_user_id: 'ext:x y' },
      { idempotencyKey: 'k1' },
    );
    await client.call('members.add', { conversation_id: CONVERSATION, member_ids: ['ext:a'] });
    await client.call('users.list', { limit: 3 });
    expect(seen[0]).toEqual({
      method: 'DELETE',
      url: `/base/v1/conversations/${CONVERSATION}/members/ext%3Aa%2Fb%3Fc?as_user_id=ext%3Ax+y`,
      body: '',
      authorization: `Bearer ${KEY}`,
      key: 'k1',
    });
    expect(seen[1]).toMatchObject({
      method: 'POST',
      url: `/base/v1/conversations/${CONVERSATION}/members`,
      body: '{"member_ids":["ext:a"]}',
      key: expect.any(String),
    });
    expect(seen[2]).toMatchObject({ method: 'GET', url: '/base/v1/users?limit=3', body: '', key: undefined });
  });

  it("keeps the server's code, sentence and remedy", async () => {
    const url = await serving((_request, response) =>
      response
        .writeHead(403, { 'content-type': 'application/problem+json' })
        .end(
          JSON.stringify({ type: 'about:blank', title: 'Forbidden', status: 403, code: 'forbidden', detail: 'The key lacks the scope x.' }),
        ),
    );
    await expect(createClient({ url, key: KEY }).call('status.get', {})).rejects.toMatchObject({
      code: 'forbidden',
      message: 'The key lacks the scope x.',
      remediation: 'Ask for the role or scope that the message names.',
    });
  });

  it('gives up after a time', async () => {
    const url = await serving(() => undefined);
    await expect(createClient({ url, key: KEY, timeoutMs: 100 }).call('status.get', {})).rejects.toMatchObject({
      code: 'unreachable',
      message: `There is no answer from ${url} (time is up).`,
    });
  });
});
