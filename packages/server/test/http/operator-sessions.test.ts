/** How operators sign in, and what a cookie is good for: over both transports, as browsers and as attackers ask. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PasswordHash } from '../../src/domain/identity/password-hasher.js';
import { argon2id } from '../../src/runtime/argon2.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { cookieIn, openBrowser, PASSWORD, secretOf, signedIn, type Browser } from './support/browser.js';
import { rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, jsonOf, type Reply } from './support/reply.js';
import { startStage, type Stage } from './support/stage.js';

const HOUR_MS = 3_600_000;

describe.each(['uws', 'ws'] as const)('over %s', (transport) => {
  let stage: Stage;
  let clock: ManualClock;
  /** Passwords that were looked at, and hashes that they were held against. */
  const verified: string[] = [];
  const passwordHash: PasswordHash = {
    hash: (password) => argon2id.hash(password),
    verify(hash, password) {
      verified.push(hash);
      return argon2id.verify(hash, password);
    },
  };

  beforeAll(async () => {
    clock = manualClock();
    stage = await startStage({ transport, clock, passwordHash, trustProxy: ['127.0.0.1'] });
  });
  afterAll(() => stage.stop());

  const loginOf = async (browser: Browser): Promise<string> => (await browser.done('operators.me')).login!;
  const signIn = (login: string, password: string, headers: Record<string, string> = {}): Promise<Reply> => openBrowser(stage).call('session.create', { login, password }, { headers });

  describe('signing in', () => {
    it('sets a cookie that no script and no other site gets, and tells who it is', async () => {
      const login = await loginOf(await signedIn(stage, 'admin'));
      const browser = openBrowser(stage);
      const reply = expectOk(await browser.call('session.create', { login: ` ${login} `.trim().toUpperCase(), password: PASSWORD }, { headers: { 'user-agent': 'Browser\u00e4 1' } }));
      expect(reply.headers.get('set-cookie')).toMatch(/^talaria_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/);
      const session = await browser.done('session.get');
      expect(jsonOf(reply)).toEqual(session);
      expect(session).toMatchObject({ operator: { login, role: 'admin', disabled: false }, idle_expires_ms: clock.now() + 12 * HOUR_MS, expires_ms: clock.now() + 7 * 24 * HOUR_MS });
      expect(session.csrf_token).toMatch(/^[\w-]{43}$/);
      // Nothing of the cookie is told but by the cookie itself, and nothing of it reaches the log.
      const secret = browser.cookie!.split('=')[1]!;
      expect(reply.text).not.toContain(secret);
      for (const text of [secret, session.csrf_token, PASSWORD]) expect(stage.log.text()).not.toContain(text);
      expect((await browser.done('operators.sessions', { operator_id: browser.id })).items[0]).toMatchObject({ id: session.session_id, address: '127.0.0.1', agent: 'Browser 1', current: true });
    });

    it('over TLS, as a trusted proxy says, has a cookie that no neighbour can plant', async () => {
      const login = await loginOf(await signedIn(stage, 'viewer'));
      const behind = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'chat.example.com', 'x-forwarded-for': '203.0.113.7', origin: 'https://chat.example.com' };
      const reply = expectOk(await signIn(login, PASSWORD, behind));
      expect(reply.headers.get('set-cookie')).toMatch(/^__Host-talaria_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=604800$/);
      const cookie = cookieIn(reply)!;
      const browser = openBrowser(stage);
      expectOk(await browser.ask('GET', '/v1/session', { headers: { ...behind, cookie } }));
      // The one name is not taken for the other, on either side.
      expectProblem(await browser.ask('GET', '/v1/session', { headers: { ...behind, cookie: cookie.replace('__Host-', '') } }), 'unauthenticated');
      expectProblem(await browser.ask('GET', '/v1/session', { headers: { cookie } }), 'unauthenticated');
      expectProblem(await signIn(login, PASSWORD, { ...behind, origin: 'http://chat.example.com' }), 'origin_not_allowed');
    });

    it('without TLS is for the own machine only', async () => {
      const login = await loginOf(await signedIn(stage, 'viewer'));
      const body = JSON.stringify({ login, password: PASSWORD });
      const from = (host: string): Promise<Reply> => rawRequest(stage.port, ['POST /v1/session HTTP/1.1', 'Content-Type: application/json', `Content-Length: ${body.length}`, `X-Forwarded-Host: ${host}`], body);
      for (const host of ['localhost', 'localhost:7400', '127.0.0.1:80', '[::1]:7400', 'talaria.localhost']) expectOk(await from(host));
      for (const host of ['192.168.1.5:7400', 'chat.example.com', '127.0.0.1.example.com', 'localhost.example.com', '127.0.0.1@example.com', 'example.com#localhost', '']) {
        expect(expectProblem(await from(host), 'forbidden').detail).toContain('https');
      }
    });

    it('[BAD operator.fixation] gives another cookie than the one that came, and ends that one', async () => {
      const first = await signedIn(stage, 'viewer');
      const login = await loginOf(first);
      const planted = first.cookie!;
      await first.done('session.create', { login, password: PASSWORD });
      expect(first.cookie).not.toBe(planted);
      expectProblem(await openBrowser(stage).ask('GET', '/v1/session', { headers: { cookie: planted } }), 'unauthenticated');
      // A secret of the attacker's own making is not taken up.
      const own = `talaria_session=${'A'.repeat(43)}`;
      const reply = expectOk(await signIn(login, PASSWORD, { cookie: own }));
      expect(cookieIn(reply)).not.toBe(own);
      expectProblem(await openBrowser(stage).ask('GET', '/v1/session', { headers: { cookie: own } }), 'unauthenticated');
    });

    it('[BAD operator.enumeration] answers alike, and does the same work, whatever is wrong', async () => {
      const known = await loginOf(await signedIn(stage, 'viewer'));
      const off = await signedIn(stage, 'viewer');
      const disabled = await loginOf(off);
      await stage.done('operators.update', { operator_id: off.id, disabled: true }, { as: stage.adminKey });
      const told: unknown[] = [];
      verified.length = 0;
      for (const [login, password] of [[known, 'another one'], ['nobody@example.com', PASSWORD], [disabled, PASSWORD], [disabled, 'another one']] as const) {
        const reply = await signIn(login, password);
        const { request_id: _id, ...problem } = expectProblem(reply, 'invalid_credentials');
        told.push({ ...problem, headers: [...reply.headers.keys()].toSorted() });
      }
      expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
      // Whoever runs the server sees that it was tried, and not with what.
      expect(stage.log.lines.filter(({ event }) => event === 'operator.not_signed_in')).toContainEqual({ level: 'warn', event: 'operator.not_signed_in', fields: { request: expect.any(String), address: '127.0.0.1' } });
      expect(stage.log.text()).not.toContain('nobody@example.com');
      // One hash each, and all of the same cost.
      expect(verified).toHaveLength(4);
      expect(new Set(verified.map((hash) => hash.split('$').slice(0, 4).join('$'))).size).toBe(1);
    });

    it('is locked out for a while after some tries, whether or not there is such a login', async () => {
      const known = await loginOf(await signedIn(stage, 'viewer'));
      for (const login of [known, 'nobody-else@example.com']) {
        const codes: string[] = [];
        for (let turn = 0; turn < 6; turn += 1) codes.push(jsonOf<{ code: string }>(await signIn(login, 'a wrong one', { 'x-forwarded-for': '203.0.113.50' })).code);
        expect(codes).toEqual([...Array.from({ length: 5 }, () => 'invalid_credentials'), 'rate_limited']);
      }
      // The right one is not looked at meanwhile, and from elsewhere it is.
      expectProblem(await signIn(known, PASSWORD, { 'x-forwarded-for': '203.0.113.50' }), 'rate_limited');
      expectOk(await signIn(known, PASSWORD, { 'x-forwarded-for': '203.0.113.51' }));
      clock.advance(1_001);
      expectOk(await signIn(known, PASSWORD, { 'x-forwarded-for': '203.0.113.50' }));
    });
  });

  describe('a session', () => {
    /** Nobody waits for the note that a session was used; the clock must not go on before it is written. */
    async function noted(browser: Browser): Promise<void> {
      await expect.poll(async () => (await stage.world.server.domain.storage.operatorSessions(browser.id))[0]?.usedMs, { timeout: 10_000 }).toBe(clock.now());
    }

    it('ends when it is idle, and not while it is used', async () => {
      const browser = await signedIn(stage, 'viewer');
      for (let turn = 0; turn < 3; turn += 1) {
        clock.advance(12 * HOUR_MS - 1);
        expect((await browser.done('session.get')).idle_expires_ms).toBe(clock.now() + 12 * HOUR_MS);
        await noted(browser);
      }
      clock.advance(12 * HOUR_MS);
      const cookie = browser.cookie!;
      const reply = await browser.ask('GET', '/v1/apps');
      expectProblem(reply, 'unauthenticated');
      // The browser is told to forget it.
      expect(cookieIn(reply)).toBe('');
      expectProblem(await browser.ask('GET', '/v1/session', { headers: { cookie } }), 'unauthenticated');
    });

    it('ends after seven days, however much it is used', async () => {
      const browser = await signedIn(stage, 'viewer');
      const { expires_ms: endMs } = await browser.done('session.get');
      while (clock.now() + 6 * HOUR_MS < endMs) {
        clock.advance(6 * HOUR_MS);
        await browser.done('operators.me');
        await noted(browser);
      }
      clock.advance(endMs - clock.now() - 1);
      expect((await browser.done('session.get')).idle_expires_ms).toBe(endMs);
      clock.advance(1);
      expectProblem(await browser.call('operators.me'), 'unauthenticated');
    });

    it('ends by signing out, and the cookie goes', async () => {
      const browser = await signedIn(stage, 'viewer');
      const cookie = browser.cookie!;
      const reply = expectOk(await browser.call('session.delete'));
      expect(reply.headers.get('set-cookie')).toBe('talaria_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0');
      expectProblem(await openBrowser(stage).ask('GET', '/v1/session', { headers: { cookie } }), 'unauthenticated');
    });

    it('is one of ten; the oldest ends', async () => {
      const first = await signedIn(stage, 'viewer');
      const login = await loginOf(first);
      for (let turn = 0; turn < 9; turn += 1) expectOk(await signIn(login, PASSWORD));
      expectOk(await first.call('session.get'));
      expectOk(await signIn(login, PASSWORD));
      expectProblem(await first.call('session.get'), 'unauthenticated');
    });

    it('is listed and revoked, by whose it is', async () => {
      const [here, there] = [await signedIn(stage, 'viewer'), openBrowser(stage)];
      await there.done('session.create', { login: await loginOf(here), password: PASSWORD });
      const { items } = await here.done('operators.sessions', { operator_id: here.id });
      expect(items.map(({ id, current }) => [id, current])).toEqual([[there.sessionId, false], [here.sessionId, true]]);
      await here.done('operators.revoke', { operator_id: here.id, session_id: there.sessionId });
      expectProblem(await there.call('operators.me'), 'unauthenticated');
      expectProblem(await here.call('operators.revoke', { operator_id: here.id, session_id: there.sessionId }), 'not_found');
      const other = await signedIn(stage, 'viewer');
      expectProblem(await here.call('operators.revoke', { operator_id: here.id, session_id: other.sessionId }), 'not_found');
      expectProblem(await here.call('operators.sessions', { operator_id: other.id }), 'forbidden');
      expectOk(await other.call('operators.me'));
    });

    it('ends with the others when the password changes, but for the one that changes it', async () => {
      const [here, there] = [await signedIn(stage, 'viewer'), openBrowser(stage)];
      const login = await loginOf(here);
      await there.done('session.create', { login, password: PASSWORD });
      expectProblem(await here.call('operators.password', { current_password: 'no', new_password: 'another battery' }), 'invalid_credentials');
      expect(expectProblem(await here.call('operators.password', { current_password: PASSWORD, new_password: 'password' }), 'invalid_argument').field).toBe('new_password');
      await here.done('operators.password', { current_password: PASSWORD, new_password: 'another battery' });
      expectProblem(await there.call('operators.me'), 'unauthenticated');
      expectOk(await here.call('operators.me'));
      expectProblem(await signIn(login, PASSWORD), 'invalid_credentials');
      expectOk(await signIn(login, 'another battery'));
    });

    it.each([
      ['is disabled', { disabled: true }], ['gets a lower role', { role: 'viewer' }],
    ] as const)('ends when the operator %s', async (_what, change) => {
      const browser = await signedIn(stage, 'moderator');
      await stage.done('operators.update', { operator_id: browser.id, ...change }, { as: stage.adminKey });
      expectProblem(await browser.call('operators.me'), 'unauthenticated');
    });

    it('goes on with a higher role, which counts at once', async () => {
      const browser = await signedIn(stage, 'viewer');
      expectProblem(await browser.call('keys.list'), 'forbidden');
      await stage.done('operators.update', { operator_id: browser.id, role: 'admin' }, { as: stage.adminKey });
      expectOk(await browser.call('keys.list'));
    });
  });

  describe('[BAD operator.csrf] requests that pages of others make', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await signedIn(stage, 'owner');
    });
    const write = (headers: Record<string, string>, path = '/v1/tenants', method = 'POST', body: unknown = { name: 'csrf' }): Promise<Reply> => browser.ask(method, path, { headers, ...(method === 'DELETE' ? {} : { body }) });
    const tenants = async (): Promise<number> => (await stage.done('tenants.list', { limit: 200 }, { as: stage.adminKey })).items.filter(({ name }) => name === 'csrf').length;

    it.each<[string, Record<string, string>, 'forbidden' | 'origin_not_allowed' | 'unsupported_media_type' | 'unauthenticated']>([
      ['the token is missing', { 'talaria-csrf': '' }, 'forbidden'],
      ['the token is another one', { 'talaria-csrf': 'A'.repeat(43) }, 'forbidden'],
      ['the token is very long', { 'talaria-csrf': 'A'.repeat(4_000) }, 'forbidden'],
      ['the origin is another one', { origin: 'https://evil.example' }, 'origin_not_allowed'],
      ['the origin is another port of this machine', { origin: 'http://127.0.0.1:1' }, 'origin_not_allowed'],
      ['the origin is null', { origin: 'null' }, 'origin_not_allowed'],
      ['the origin only begins alike', { origin: 'http://127.0.0.1.evil.example' }, 'origin_not_allowed'],
      ['the browser says cross-site', { 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
      ['the browser says same-site', { 'sec-fetch-site': 'same-site' }, 'origin_not_allowed'],
      ['nobody has made it but the address bar', { 'sec-fetch-site': 'none' }, 'origin_not_allowed'],
      ['the browser says nonsense', { 'sec-fetch-site': 'same-origin, cross-site' }, 'origin_not_allowed'],
      ['a form could send it', { 'content-type': 'text/plain' }, 'unsupported_media_type'],
      ['a form does send it', { 'content-type': 'application/x-www-form-urlencoded' }, 'unsupported_media_type'],
      ['it says JSON by the way', { 'content-type': 'text/plain; application/json' }, 'unsupported_media_type'],
      ['the cookie is missing', { cookie: 'other=1' }, 'unauthenticated'],
    ])('are refused when %s', async (_what, headers, code) => {
      const before = await tenants();
      const reply = await write(headers);
      expectProblem(reply, code);
      expect(await tenants()).toBe(before);
      expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    });

    it('are refused with the token of another session', async () => {
      const other = await signedIn(stage, 'owner');
      expectProblem(await write({ 'talaria-csrf': other.csrf! }), 'forbidden');
    });

    it('are refused without a body as with one', async () => {
      expectProblem(await write({ 'talaria-csrf': '' }, '/v1/session', 'DELETE'), 'forbidden');
      expectProblem(await browser.ask('POST', '/v1/search/rebuild', { headers: { 'content-type': '' } }), 'unsupported_media_type');
      expectOk(await browser.call('session.get'));
    });

    it('are let through where all of it is so, also when an old browser says nothing of where it is', async () => {
      const before = await tenants();
      expectOk(await write({}));
      expectOk(await write({ origin: '', 'sec-fetch-site': '' }));
      expect(await tenants()).toBe(before + 2);
    });

    it('that only read need no token, and are for pages of this server all the same', async () => {
      for (const site of ['same-origin', 'none', '']) expectOk(await browser.ask('GET', '/v1/apps', { headers: { 'sec-fetch-site': site, 'talaria-csrf': '' } }));
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }]) expectProblem(await browser.ask('GET', '/v1/apps', { headers }), 'origin_not_allowed');
    });

    it('cannot sign somebody in as somebody else', async () => {
      const login = await loginOf(browser);
      for (const [headers, code] of [[{ origin: 'https://evil.example' }, 'origin_not_allowed'], [{ 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'], [{ 'content-type': 'text/plain' }, 'unsupported_media_type']] as const) {
        const reply = await signIn(login, PASSWORD, headers);
        expectProblem(reply, code);
        expect(reply.headers.getSetCookie()).toEqual([]);
      }
    });

    it('are never let across by CORS, whatever is asked', async () => {
      const scene = await stage.scene();
      for (const [method, path] of [['GET', '/v1/session'], ['OPTIONS', '/v1/session'], ['OPTIONS', '/v1/tenants'], ['GET', '/v1/users/ext:alice']] as const) {
        const reply = await browser.ask(method, path, { headers: { origin: 'https://evil.example', 'talaria-act-for': scene.id, 'access-control-request-method': 'POST' } });
        expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control-')), `${method} ${path}`).toEqual([]);
      }
    });
  });

  describe('[BAD operator.cookie] cookies that are not as they should be', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await signedIn(stage, 'viewer');
    });
    const ask = (cookie: string): Promise<Reply> => openBrowser(stage).ask('GET', '/v1/operators/me', { headers: { cookie } });

    it('are found among others, however they are spaced', async () => {
      const own = browser.cookie!;
      for (const cookie of [`a=1; ${own}`, `${own};b=2`, `;; ${own} ;`, `talaria_session_=x; xtalaria_session=y; TALARIA_SESSION=z; ${own}`, `a; =; ${own}`]) expectOk(await ask(cookie));
    });

    it('are none when there are two, whichever comes first', async () => {
      const own = browser.cookie!;
      for (const cookie of [`${own}; talaria_session=x`, `talaria_session=; ${own}`, `${own}; ${own}`]) expect(expectProblem(await ask(cookie), 'unauthenticated').detail).toContain('two cookies');
    });

    it('are none in two headers', async () => {
      const reply = await rawRequest(stage.port, ['GET /v1/operators/me HTTP/1.1', 'Cookie: a=1', `Cookie: ${browser.cookie!}`]);
      // What is joined by a comma is one cookie of another name.
      expectProblem(reply, 'unauthenticated');
    });

    it.each(['', '=', 'talaria_session', 'talaria_session=', 'talaria_session="QUOTED"', `talaria_session=${'A'.repeat(43)}`, `talaria_session=${'A'.repeat(6_000)}`, 'talaria_session=__proto__', 'talaria_session=%00', 'a=1; '.repeat(800)])(
      'are of nobody: %s', async (cookie) => {
        expectProblem(await rawRequest(stage.port, ['GET /v1/operators/me HTTP/1.1', `Cookie: ${cookie}`]), 'unauthenticated');
      });

    it('of a session with something behind it are of nobody', async () => {
      for (const cookie of [`${browser.cookie!}A`, browser.cookie!.slice(0, -1), `${browser.cookie!}=`, browser.cookie!.toUpperCase(), `${browser.cookie!}, b=1`]) expectProblem(await ask(cookie), 'unauthenticated');
    });

    it('are not looked at beside a key', async () => {
      const reply = await openBrowser(stage).ask('GET', '/v1/apps', { as: stage.adminKey, headers: { cookie: 'talaria_session=x; talaria_session=y' } });
      expectOk(reply);
      expectProblem(await browser.ask('GET', '/v1/apps', { as: 'tk_none' }), 'invalid_token');
      expectProblem(await browser.ask('GET', '/v1/apps', { headers: { authorization: 'Basic x' } }), 'invalid_token');
    });
  });

  it('what is asked for with too much, or with what objects have by themselves, is refused', async () => {
    const browser = openBrowser(stage);
    for (const body of [{ login: 'a'.repeat(255), password: PASSWORD }, { login: 'ann', password: 'x'.repeat(257) }, { login: 'a b', password: PASSWORD }, { login: ['ann'], password: PASSWORD }, { login: 'ann' }, { login: 'ann', password: PASSWORD, role: 'owner' }]) {
      expectProblem(await browser.ask('POST', '/v1/session', { body }), 'invalid_argument');
    }
    for (const text of ['{"login":"ann","password":"x","__proto__":{"role":"owner"}}', '{"login":"ann","constructor":{},"password":"x"}', '[]', 'null', '{', '{"login":"ann","login":"ben","password":"x"}']) {
      expectProblem(await browser.ask('POST', '/v1/session', { body: Buffer.from(text) }), 'invalid_argument');
    }
    expectProblem(await browser.ask('POST', '/v1/session?login=ann', { body: { login: 'ann', password: PASSWORD } }), 'invalid_argument');
    expectProblem(await browser.ask('POST', '/v1/session', { body: Buffer.from(`{"login":"${'a'.repeat(300_000)}"}`) }), 'too_large');
  });

  it('a secret is good for what it was made for only', async () => {
    const { path } = await stage.done('operators.invite', { role: 'owner' }, { as: stage.adminKey });
    const browser = await signedIn(stage, 'viewer');
    expectProblem(await openBrowser(stage).ask('GET', '/v1/session', { headers: { cookie: `talaria_session=${secretOf(path)}` } }), 'unauthenticated');
    expectProblem(await openBrowser(stage).call('session.link', { link: browser.cookie!.split('=')[1] }), 'not_found');
    expectProblem(await stage.ask('GET', '/v1/apps', { as: browser.cookie!.split('=')[1] }), 'invalid_token');
  });
});
