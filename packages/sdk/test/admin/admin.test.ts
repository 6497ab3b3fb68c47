import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { operations } from '@talaria/protocol/operations';
import { describe, expect, it } from 'vitest';
import { connectAdmin, type AdminOptions } from '../../src/admin/index.js';
import { operationTable } from '../../src/admin/generated/operations.js';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}
type Answer = () => Response | Promise<Response>;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => () => new Response(JSON.stringify(body), { status, headers });
const problem = (status: number, code: string, retryable: boolean, more: object = {}): Answer => json(status, { code, retryable, ...more });
const cut: Answer = () => Promise.reject(new TypeError('fetch failed'));

/** An admin client whose server gives these answers, then the last one for ever. */
/** What is public is for apps: its client is `@talaria/sdk/identity`. */
const forBackends = Object.entries(operations).filter(([, operation]) => operation.scope !== null);

function scene(answers: Answer[], options: Partial<AdminOptions> = {}) {
  const seen: Seen[] = [];
  const fetch = ((url: URL, init: { method: string; headers: Record<string, string>; body: string | null; signal?: AbortSignal }) => {
    seen.push({ method: init.method, url: url.href, headers: init.headers, body: init.body === null ? null : JSON.parse(init.body) });
    const answer = answers[Math.min(seen.length, answers.length) - 1]!;
    return new Promise<Response>((resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal!.reason as Error));
      Promise.resolve(answer()).then(resolve, reject);
    });
  }) as unknown as typeof globalThis.fetch;
  return { seen, admin: connectAdmin({ url: 'https://chat.example.com/base/', key: 'sk_1', fetch, ...options }) };
}

const SENT = { id: 'm_1', conversation_id: 'c_1', seq: 1, time_ms: 1, duplicate: false };

describe('admin client', () => {
  it('its table is that of the protocol, and its source is up to date', () => {
    const root = fileURLToPath(new URL('../../../..', import.meta.url));
    execFileSync(process.execPath, ['scripts/generate.mjs', '--check'], { cwd: root, encoding: 'utf8' });
    expect(Object.entries(operationTable).map(([id, { method, path }]) => [id, method, path])).toEqual(forBackends.map(([id, { method, path }]) => [id, method, path]));
    for (const [id, { command }] of forBackends) expect(operationTable[id]?.kind === 'command', `of ${id}`).toBe(command);
  });

  it('has a method for every operation', () => {
    const { admin } = scene([json(200, {})]);
    const groups = admin as unknown as Record<string, Record<string, unknown>>;
    for (const [id] of forBackends) {
      const [group, method] = id.split('.') as [string, string];
      expect(typeof groups[group]?.[method], `of ${id}`).toBe('function');
    }
  });

  it('puts path parameters in the path, the rest in the query or the body', async () => {
    const { admin, seen } = scene([json(200, {})]);
    await admin.members.list({ conversation_id: 'c_1', limit: 3, after: 'a b&c' });
    await admin.members.remove({ conversation_id: 'c_1', user_id: 'ext:a/b?c', as_user_id: 'ext:z' });
    await admin.members.update({ conversation_id: 'c_1', user_id: 'ext:ä', role: 'admin' });
    await admin.status.get();
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', 'https://chat.example.com/base/v1/conversations/c_1/members?limit=3&after=a+b%26c', null],
      ['DELETE', 'https://chat.example.com/base/v1/conversations/c_1/members/ext%3Aa%2Fb%3Fc?as_user_id=ext%3Az', null],
      ['PATCH', 'https://chat.example.com/base/v1/conversations/c_1/members/ext%3A%C3%A4', { role: 'admin' }],
      ['GET', 'https://chat.example.com/base/v1/status', null],
    ]);
    expect(seen[0]!.headers['authorization']).toBe('Bearer sk_1');
  });

  it.each(['', '.', '..'])('a path parameter %j is refused before anything is sent', async (id) => {
    const { admin, seen } = scene([json(200, {})]);
    await expect(admin.users.get({ user_id: id })).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(seen).toEqual([]);
  });

  it('says that an answer may lag only where it is told to', async () => {
    const { admin, seen } = scene([json(200, { items: [] }), json(200, { items: [] })]);
    await admin.users.list();
    await admin.users.list({}, { consistency: 'eventual' });
    expect(seen.map(({ headers }) => headers['talaria-consistency'])).toEqual([undefined, 'eventual']);
  });

  it('[SND2] a command goes with one key, also when it is tried again', async () => {
    const { admin, seen } = scene([cut, problem(503, 'unavailable', true), json(200, SENT)]);
    expect(await admin.messages.send({ conversation_id: 'c_1', text: 'hi' })).toEqual(SENT);
    const keys = seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBe(3);
    await admin.messages.send({ conversation_id: 'c_1', text: 'hi' });
    expect(seen[3]!.headers['idempotency-key']).not.toBe(keys[0]);
    await admin.messages.send({ conversation_id: 'c_1', text: 'hi' }, { idempotencyKey: 'order 7' });
    expect(seen[4]!.headers['idempotency-key']).toBe('order 7');
  });

  it('[SND5] only what a retry can help is tried again, and as often as allowed', async () => {
    const final = scene([problem(403, 'forbidden', false)]);
    await expect(final.admin.users.list({})).rejects.toMatchObject({ code: 'forbidden' });
    expect(final.seen.length).toBe(1);
    const down = scene([cut], { retries: 2 });
    await expect(down.admin.users.list({})).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(down.seen.length).toBe(3);
    const long = scene([problem(429, 'rate_limited', true, { retry_after_ms: 120_000 })]);
    await expect(long.admin.users.list({})).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 120_000 });
    expect(long.seen.length).toBe(1);
  });

  it('[SND5] waits as long as the server says', async () => {
    const { admin, seen } = scene([problem(429, 'rate_limited', true, { retry_after_ms: 300 }), () => new Response('busy', { status: 503, headers: { 'retry-after': '1' } }), json(200, { items: [] })]);
    const begun = performance.now();
    await admin.usage.list();
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1_290);
    expect(seen.length).toBe(3);
  });

  it('a change that is no command is tried again only when it did not begin', async () => {
    const unknown = scene([cut]);
    await expect(unknown.admin.tenants.create({ name: 'x' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(unknown.seen.length).toBe(1);
    expect(unknown.seen[0]!.headers['idempotency-key']).toBeUndefined();
    const refused = scene([problem(429, 'rate_limited', true), json(200, { id: 't_1' })]);
    expect(await refused.admin.tenants.create({ name: 'x' })).toMatchObject({ id: 't_1' });
    const read = scene([cut, json(200, { items: [] })]);
    expect(await read.admin.users.batch({ user_ids: ['ext:a'] })).toEqual({ items: [] });
  });

  it('an error says what the problem document says', async () => {
    const { admin } = scene([problem(422, 'idempotency_mismatch', false, { detail: 'Used for another.', remediation: 'Use a new one.', request_id: 'r_1' })]);
    await expect(admin.messages.send({ conversation_id: 'c_1', text: 'x' })).rejects.toMatchObject({
      name: 'TalariaError', code: 'idempotency_mismatch', message: 'Used for another.', retryable: false, remediation: 'Use a new one.', requestId: 'r_1',
    });
  });

  it.each([[401, 'unauthenticated'], [404, 'not_found'], [418, 'invalid_argument']] as const)('a page that is not Talaria’s, with status %i, is %s', async (status, code) => {
    const { admin } = scene([() => new Response('<html>', { status })]);
    await expect(admin.users.list({})).rejects.toMatchObject({ code, message: `The server answered ${status}.` });
  });

  it('an answer that cannot be read is not taken for one', async () => {
    const { admin } = scene([() => new Response('<html>', { status: 200 })], { retries: 0 });
    await expect(admin.users.list({})).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('a try has a timeout', async () => {
    const { admin, seen } = scene([() => new Promise(() => undefined), json(200, { items: [] })]);
    await admin.users.list({}, { timeoutMs: 50 });
    expect(seen.length).toBe(2);
    const never = scene([() => new Promise(() => undefined)], { timeoutMs: 20, retries: 1 });
    await expect(never.admin.users.list({})).rejects.toMatchObject({ code: 'timeout', retryable: true });
  });

  it('is aborted by the signal of the call and of the client: before, during, and in a pause', async () => {
    const before = scene([json(200, {})]);
    await expect(before.admin.users.list({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(before.seen.length).toBe(0);
    const during = scene([() => new Promise(() => undefined)]);
    await expect(during.admin.users.list({}, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: 'aborted' });
    const controller = new AbortController();
    const paused = scene([problem(503, 'overloaded', true, { retry_after_ms: 30_000 })], { signal: controller.signal });
    const call = paused.admin.users.list({});
    setTimeout(() => controller.abort(), 30);
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    expect(paused.seen.length).toBe(1);
  });

  it.each(['', 'chat.example.com', 'ftp://x'])('the address %j is refused at once', (url) => {
    expect(() => connectAdmin({ url, key: 'k' })).toThrowError(expect.objectContaining({ code: 'invalid_argument' }) as Error);
  });
});
