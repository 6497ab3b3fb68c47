/** What administers a server, in both outputs, against one server with one app. */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failing, json, run, type Ended, type RunOptions, type Started } from './support/cli.js';
import { openShop, text, type List, type Named, type Shop } from './support/shop.js';

let directory: string;
let server: Started;
let admin: RunOptions;
let app: RunOptions;
let ids: Shop['ids'];

beforeAll(async () => {
  ({ directory, server, admin, app, ids } = await openShop());
});
afterAll(() => server.stop());

describe.concurrent('status', { timeout: 60_000 }, () => {
  it('shows the server', async () => {
    expect(await json(['status'], admin)).toMatchObject({ version: '0.1.0', storage: 'sqlite', ready: true, connections: 0 });
    expect(await text(['status'], admin)).toMatch(/^Ready +yes$/m);
  });
});

describe.concurrent('tenant', { timeout: 60_000 }, () => {
  it('is made, listed and shown', async () => {
    const made = await json<Named>(['tenant', 'create', 'Zweite GmbH'], admin);
    expect(made).toMatchObject({ id: expect.stringMatching(/^t_/), name: 'Zweite GmbH', status: 'active' });
    expect(await json(['tenant', 'show', made.id], admin)).toEqual(made);
    expect(await text(['tenant', 'show', made.id], admin)).toMatch(/^Name +Zweite GmbH$/m);
    expect((await json<List>(['tenant', 'list'], admin)).items).toContainEqual(made);
    expect(await text(['tenant', 'list'], admin)).toMatch(new RegExp(`^${made.id}  Zweite GmbH +active`, 'm'));
    expect(await json(['tenant', 'update', made.id, '--name', 'Vierte GmbH'], admin)).toMatchObject({ id: made.id, name: 'Vierte GmbH', database_url: null });
    // The server of these tests is on a file.
    for (const args of [['create', 'Own'], ['update', made.id]]) {
      const refused = await failing(['tenant', ...args, '--database-url', '-'], { ...admin, input: 'postgres://acme:hush@db.example.com/acme\n' });
      expect([refused.code, refused.line]).toEqual([1, expect.stringContaining('Set database_url for the server')]);
      expect(JSON.stringify(refused)).not.toContain('hush');
    }
    expect(await text(['tenant', 'create', 'Dritte'], admin)).toMatch(/^ID +t_\w{26}\nName +Dritte\nStatus +active$/m);
  });

  it('is suspended, resumed, and deleted when it is suspended', async () => {
    const { id } = await json<Named>(['tenant', 'create', 'gone'], admin);
    const early = await failing(['tenant', 'delete', id, '--yes'], admin);
    expect([early.code, early.line]).toEqual([1, expect.stringContaining('Suspend the tenant first')]);
    expect(await json(['tenant', 'suspend', id], admin)).toMatchObject({ id, status: 'suspended' });
    expect(await text(['tenant', 'resume', id], admin)).toMatch(/^Status +active$/m);
    await json(['tenant', 'suspend', id], admin);
    expect(await text(['tenant', 'delete', id, '--yes'], admin)).toBe(`Deleted ${id}.\n`);
    const gone = await failing(['tenant', 'show', id, '-o', 'json'], admin);
    expect([gone.code, JSON.parse(gone.line)]).toEqual([
      1,
      { error: { code: 'not_found', message: expect.any(String), remediation: expect.any(String) } },
    ]);
  });
});

describe.concurrent('app', { timeout: 60_000 }, () => {
  it('is made with its secret, listed and shown without', async () => {
    const { id: tenant } = await json<Named>(['tenant', 'create', 'of two'], admin);
    const made = await json<Named & { readonly signing_secret: string }>(
      [
        'app',
        'create',
        'two',
        '--tenant',
        tenant,
        '--origin',
        'https://a.example',
        '--origin',
        'https://b.example',
        '--retention-days',
        '30',
        '--create-users',
        'false',
      ],
      admin,
    );
    const { signing_secret: secret, ...rest } = made;
    expect(rest).toMatchObject({ allowed_origins: ['https://a.example', 'https://b.example'], retention_days: 30, create_users: false });
    expect(await json(['app', 'show', made.id], admin)).toEqual(rest);
    const shown = await text(['app', 'show', made.id], admin);
    expect(shown).toMatch(/^Origins +https:\/\/a\.example https:\/\/b\.example$/m);
    expect(shown).not.toContain(secret);
    expect((await json<List>(['app', 'list', '--tenant', tenant], admin)).items).toEqual([rest]);
    expect(await text(['app', 'list'], admin)).toMatch(new RegExp(`^${made.id}  pk_\\w+  two$`, 'm'));
    expect(await text(['app', 'create', 'three', '--tenant', tenant, '--with-key'], admin)).toMatch(
      /^Key +tk_\w{26}_\w{52}\n\nThe signing secret and the key are shown only now\./m,
    );
  });

  it('is listed page by page', async () => {
    const { id } = await json<Named>(['tenant', 'create', 'of three'], admin);
    await Promise.all(['p1', 'p2', 'p3'].map((name) => json(['app', 'create', name, '--tenant', id], admin)));
    const list = ['app', 'list', '--tenant', id];
    const [whole, first, { stderr }] = await Promise.all([
      json<List>(list, admin),
      json<List>([...list, '--limit', '2'], admin),
      run([...list, '--limit', '2'], admin),
    ]);
    expect([whole.items.length, whole.next, first.items.length]).toEqual([3, null, 2]);
    expect([...first.items, ...(await json<List>([...list, '--after', first.next!], admin)).items]).toEqual(whole.items);
    expect(stderr).toMatch(/^There are more: raise --limit, or go on with --after \S+\n$/);
  });

  it('needs its tenant named when there are several', async () => {
    const { code, line } = await failing(['app', 'create', 'x'], admin);
    expect([code, line]).toEqual([2, 'error: There are several tenants. Name one with --tenant; talaria tenant list shows them.']);
  });

  it('is changed and deleted', async () => {
    const { id } = await json<Named>(
      ['app', 'create', 'four', '--tenant', ids.tenant, '--retention-days', '30', '--origin', 'https://a.example'],
      admin,
    );
    expect(await json(['app', 'update', id, '--name', 'vier', '--retention-days', 'none', '--any-origin'], admin)).toMatchObject({
      name: 'vier',
      retention_days: null,
      allowed_origins: [],
    });
    expect(await text(['app', 'update', id, '--create-users', 'false'], admin)).toMatch(/^Creates users +no$/m);
    expect(await text(['app', 'update', id, '--link-previews', 'true'], admin)).toMatch(/^Link previews +on$/m);
    expect(await json(['app', 'update', id, '--link-previews', 'false'], admin)).toMatchObject({ link_previews: false });
    expect((await failing(['app', 'update', id], admin)).code).toBe(2);
    expect(await text(['app', 'delete', id, '--yes'], admin)).toBe(`Deleted ${id}.\n`);
    expect((await failing(['app', 'show', id], admin)).code).toBe(1);
  });
});

describe.concurrent('key', { timeout: 60_000 }, () => {
  it('is made with the scopes that were named, and works', async () => {
    const made = await json<{ id: string; secret: string; scopes: string[] }>(
      ['key', 'create', '--app', ids.app, '--name', 'reader', '--scope', 'users:read', '--scope', 'messages:read', '--expires-in', '1h'],
      admin,
    );
    expect(made).toMatchObject({
      app_id: ids.app,
      name: 'reader',
      scopes: ['users:read', 'messages:read'],
      expires_ms: expect.any(Number),
    });
    expect((await run(['user', 'list', '--key', made.secret], admin)).code).toBe(0);
    const refused = await failing(['user', 'create', 'eve', '--key', made.secret], admin);
    expect([refused.code, refused.line]).toEqual([1, expect.stringContaining('users:write')]);
    expect(await text(['key', 'list', '--app', ids.app], admin)).toMatch(new RegExp(`^${made.id}  ${ids.app}  reader +ending$`, 'm'));
    expect((await failing(['key', 'create', '--app', ids.app, '--scope', 'everything'], admin)).code).toBe(2);
    expect((await failing(['key', 'create'], admin)).code).toBe(2);
  });

  it('is an admin key when it is asked for', async () => {
    const output = await text(['key', 'create', '--admin', '--name', 'ops'], admin);
    expect(output).toMatch(/^App +none: an admin key$/m);
    const secret = /^Key +(tk_\w+)$/m.exec(output)![1]!;
    expect(
      (await json<List>(['key', 'list'], { ...admin, cwd: tmpdir(), env: { ...admin.env, TALARIA_KEY: secret } })).items.length,
    ).toBeGreaterThan(1);
  });

  it('is rotated and revoked', async () => {
    const old = await json<{ id: string; secret: string }>(['key', 'create', '--app', ids.app], admin);
    const next = await json<{ id: string; secret: string }>(['key', 'rotate', old.id, '--overlap', '1h'], admin);
    expect(next.id).not.toBe(old.id);
    for (const { secret } of [old, next]) expect((await run(['user', 'list', '--key', secret], admin)).code).toBe(0);
    expect(await text(['key', 'rotate', next.id], admin)).toMatch(/^Key +tk_/m);
    expect(await json(['key', 'revoke', old.id, '--yes'], admin)).toMatchObject({ id: old.id, revoked_ms: expect.any(Number) });
    expect(await text(['key', 'revoke', next.id, '--yes'], admin)).toMatch(/^Revoked +2/m);
    expect(await text(['key', 'list', '--app', ids.app], admin)).toMatch(new RegExp(`^${old.id} .*revoked$`, 'm'));
  });
});

describe.concurrent('token', { timeout: 60_000 }, () => {
  it('is minted as {token, expires_at, user_id}, or as text alone, and is inspected', async () => {
    const beforeMs = Date.now();
    const minted = await json<{ token: string; expires_at: number; user_id: string }>(
      ['token', 'mint', 'alice', '--expires-in', '10m', '--name', 'Alice'],
      app,
    );
    expect(Object.keys(minted)).toEqual(['token', 'expires_at', 'user_id']);
    expect(minted.expires_at).toBeGreaterThanOrEqual(beforeMs + 599_000);
    expect(minted.expires_at).toBeLessThanOrEqual(Date.now() + 600_000);
    const alone = await run(['token', 'mint', 'ext:alice'], app);
    expect(alone.stdout).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(alone.stderr).toBe(`For ${minted.user_id}, until ${alone.stderr.slice(-22, -2)}.\n`);
    expect(await json(['token', 'inspect', minted.token])).toMatchObject({
      verified: false,
      expired: false,
      header: { alg: 'HS256' },
      claims: { sub: 'alice', aud: ids.app, iss: 'talaria' },
    });
    const shown = await run(['token', 'inspect', '-'], { input: `${minted.token}\n` });
    expect(shown.stdout).toMatch(/^User +alice$/m);
    expect(shown.stdout).toMatch(/^Expires +\S+Z \(in /m);
    expect(shown.stdout).toMatch(/^Not verified: the signature was not checked/m);
  });

  it.each(['hello', 'a.b.c', ''])('%j is no token', async (token) => {
    expect((await failing(['token', 'inspect', token])).code).toBe(2);
  });
});

describe.concurrent('user', { timeout: 60_000 }, () => {
  it('is made, shown, changed and listed', async () => {
    const made = await json<Named>(['user', 'create', 'bob', '--name', 'Bob', '--data', '{"vip":true}'], app);
    expect(made).toMatchObject({ external_id: 'bob', name: 'Bob', data: { vip: true } });
    for (const ref of ['bob', 'ext:bob', made.id]) expect(await json(['user', 'show', ref], app)).toEqual(made);
    expect(await text(['user', 'show', 'bob'], app)).toMatch(/^Your id +bob$/m);
    expect(await json(['user', 'update', 'bob', '--name', 'Robert'], app)).toMatchObject({
      id: made.id,
      name: 'Robert',
      data: { vip: true },
    });
    expect(await text(['user', 'update', 'bob', '--data', '{}'], app)).toMatch(/^Data +\{\}$/m);
    expect(await text(['user', 'create', 'bob'], app)).toMatch(/^Name +Robert$/m);
    expect(await text(['user', 'list'], app)).toMatch(new RegExp(`^${made.id}  bob +Robert$`, 'm'));
    expect((await json<List>(['user', 'list'], app)).items).toContainEqual(expect.objectContaining({ id: made.id }));
    expect((await failing(['user', 'create', 'x', '--data', '[1]'], app)).code).toBe(2);
    expect((await failing(['user', 'show', 'nobody'], app)).code).toBe(1);
  });

  it('has its tokens revoked', async () => {
    await json(['user', 'create', 'carol'], app);
    expect(await json(['user', 'revoke-tokens', 'carol', '--yes'], app)).toEqual({ revoked: 'ext:carol' });
    expect(await text(['user', 'revoke-tokens', 'carol', '--yes'], app)).toBe('Revoked all tokens of carol.\n');
    expect(await text(['user', 'revoke-tokens', 'carol', '--device', 'phone', '--yes'], app)).toBe('Revoked the tokens of carol with phone.\n');
  });
});

describe("who signs users in", { timeout: 60_000 }, () => {
  const ISSUER = 'https://login.example.com';

  it('are issuers, which are added, replaced and removed', async () => {
    const add = (...more: string[]) => json<{ items: object[] }>(['app', 'add-issuer', ids.app, ISSUER, '--audience', 'a', ...more], admin);
    expect((await add('--audience', 'b', '--user-prefix', 'corp:')).items).toMatchObject([{ issuer: ISSUER, audiences: ['a', 'b'], user_prefix: 'corp:', create_users: true }]);
    expect((await add('--algorithm', 'ES256', '--create-users', 'false')).items).toMatchObject([{ audiences: ['a'], algorithms: ['ES256'], user_prefix: '', create_users: false }]);
    expect(await text(['app', 'issuers', ids.app], admin)).toMatch(/^https:\/\/login\.example\.com +a +sub +ES256$/m);
    expect((await failing(['app', 'add-issuer', ids.app, ISSUER, '--audience', 'a', '--algorithm', 'HS256'], admin)).code).toBe(2);
    expect(await json(['app', 'remove-issuer', ids.app, ISSUER], admin)).toEqual({ items: [] });
    expect((await failing(['app', 'remove-issuer', ids.app, ISSUER], admin)).code).toBe(2);
  });

  it("is Talaria's own identity, which is switched on, changed and off", async () => {
    expect(await text(['app', 'identity', ids.app], admin)).toBe('Off.\n');
    expect((await failing(['app', 'identity', ids.app, '--guests', 'true'], admin)).code).toBe(2);
    const on = { register: true, guests: false, token_s: 900, session_days: 30 };
    expect(await json(['app', 'identity', ids.app, '--enabled', 'true'], admin)).toEqual({ identity: on });
    expect(await json(['app', 'identity', ids.app, '--guests', 'true', '--token-s', '60'], admin)).toEqual({ identity: { ...on, guests: true, token_s: 60 } });
    expect(await text(['app', 'identity', ids.app], admin)).toMatch(/^User token +60 s$/m);

    await json(['user', 'create', 'dora'], app);
    expect((await failing(['user', 'set-password', 'dora', '--login', 'dora'], app)).code).toBe(2);
    const set = run(['user', 'set-password', 'dora', '--login', 'Dora'], { ...app, input: 'correct horse\n' });
    expect((await set).stdout).toBe('dora has a new password.\n');
    const { public_key } = await json<{ public_key: string }>(['app', 'show', ids.app], admin);
    const login = await fetch(`${server.url}/v1/identity/login`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'talaria-app': public_key }, body: JSON.stringify({ login: 'dora', password: 'correct horse', device_name: 'Laptop' }),
    });
    const { session_id } = await login.json() as { session_id: string };
    expect(await text(['user', 'sessions', 'dora'], app)).toMatch(new RegExp(`^${session_id}  Laptop `, 'm'));
    expect(await json(['user', 'end-session', 'dora', session_id], app)).toEqual({ ended: session_id });
    expect(await json(['user', 'sessions', 'dora'], app)).toEqual({ items: [] });
    expect(await json(['app', 'identity', ids.app, '--enabled', 'false'], admin)).toEqual({ identity: null });
  });
});

describe.concurrent('what destroys', { timeout: 60_000 }, () => {
  it.each([
    ['tenant', 'delete'],
    ['app', 'delete'],
    ['key', 'revoke'],
    ['user', 'revoke-tokens'],
  ])('%s %s wants --yes where nobody can be asked', async (noun, verb) => {
    const id = { tenant: ids.tenant, app: ids.app, key: ids.key, user: 'alice' }[noun]!;
    const options = noun === 'user' ? app : admin;
    const { code, line, stdout } = await failing([noun, verb, id], options);
    expect([code, stdout]).toEqual([2, '']);
    expect(line).toMatch(/^error: .*: this cannot be undone and was not confirmed\. Repeat it with --yes if you mean it\.$/);
    expect(JSON.parse((await failing([noun, verb, id, '-o', 'json'], options)).line)).toMatchObject({ error: { code: 'not_confirmed' } });
  });
});

describe.concurrent('which key is used', { timeout: 60_000 }, () => {
  const elsewhere = () => ({ cwd: tmpdir(), env: { TALARIA_URL: server.url } });

  it('is the one of the flag, then of the file, then of the environment, then the own admin key', async () => {
    const key = readFileSync(join(server.data, 'admin-key'), 'utf8').trim();
    const file = join(directory, 'key-file');
    writeFileSync(file, `${key}\n`);
    const wrong = { ...elsewhere(), env: { TALARIA_URL: server.url, TALARIA_KEY: 'tk_wrong' } };
    const done = async (args: readonly string[], options: RunOptions): Promise<number | null> =>
      (await run(['tenant', 'list', ...args], options)).code;
    expect(await done([], wrong)).toBe(1);
    expect(await done(['--key', key], wrong)).toBe(0);
    expect(await done(['--key-file', file], wrong)).toBe(0);
    expect(await done([], { ...elsewhere(), env: { TALARIA_URL: server.url, TALARIA_KEY_FILE: file } })).toBe(0);
    expect(await done([], { ...elsewhere(), env: { TALARIA_URL: server.url, TALARIA_DATA: server.data } })).toBe(0);
    expect(await done([], admin)).toBe(0);
  });

  it('must be there: exit 2 with how to give one', async () => {
    const none = await failing(['tenant', 'list'], elsewhere());
    expect([none.code, none.line]).toEqual([2, 'error: No admin key was given. Set TALARIA_KEY, or name a file with --key-file.']);
    const appKey = await failing(['user', 'list'], admin);
    expect([appKey.code, appKey.line]).toEqual([2, expect.stringContaining('Make one with talaria key create --app ID')]);
  });

  it('is never the own admin key for a server elsewhere', async () => {
    const { code, line } = await failing(['tenant', 'list', '--url', 'https://talaria.example'], { cwd: directory });
    expect([code, line]).toEqual([2, expect.stringContaining('No admin key was given.')]);
  });

  it('is refused when it is wrong, or of the wrong kind: exit 1 with the code of the server', async () => {
    const wrong = await failing(['tenant', 'list', '--key', `tk_${'0'.repeat(26)}_${'0'.repeat(52)}`, '-o', 'json'], elsewhere());
    expect(wrong.code).toBe(1);
    expect(['invalid_token', 'unauthenticated']).toContain((JSON.parse(wrong.line) as { error: { code: string } }).error.code);
    const kind = await failing(['user', 'list', '--key-file', join(server.data, 'admin-key')], elsewhere());
    expect([kind.code, kind.line]).toEqual([1, expect.stringContaining('admin key')]);
    expect((await failing(['tenant', 'list', '--key', 'two words'], elsewhere())).code).toBe(2);
    expect((await failing(['tenant', 'list', '--key-file', '/nowhere'], elsewhere())).code).toBe(2);
  });
});

describe.concurrent('colour', { timeout: 60_000 }, () => {
  it('is only for terminals, may be forced, and never is with NO_COLOR', async () => {
    const list = (env: Readonly<Record<string, string>>): Promise<Ended> =>
      run(['tenant', 'list'], { ...admin, env: { ...admin.env, ...env } });
    const [plain, forced, none] = await Promise.all([list({}), list({ FORCE_COLOR: '1' }), list({ FORCE_COLOR: '1', NO_COLOR: '1' })]);
    expect([plain, forced, none].map(({ stdout }) => stdout.includes('\u001b['))).toEqual([false, true, false]);
  });
});
