/** The built-in identity: accounts, sessions, guests; and that nobody learns who has an account. */
import type { OperationId } from '@talaria/protocol/operations';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../gateway/world.js';
import { argon2id } from '../../src/runtime/argon2.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { expectOk, expectProblem, jsonOf, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

interface LoggedIn {
  readonly user_id: string; readonly session_id: string; readonly device_id: string; readonly guest: boolean; readonly token: string; readonly expires_at: number; readonly refresh_token: string;
  readonly refresh_expires_at: number;
}

let stage: Stage;
let scene: Scene;
let clock: ManualClock;
let hashed = 0;
let busy = false;
/** What happens between the look at a password and what follows from it. */
let meanwhile: (() => Promise<unknown>) | undefined;

beforeAll(async () => {
  clock = manualClock();
  stage = await startStage({
    clock, trustProxy: ['127.0.0.1/32'],
    passwordHash: {
      hash(password) {
        hashed += 1;
        return argon2id.hash(password);
      },
      async verify(known, password) {
        hashed += 1;
        if (busy) throw new Error('staged');
        const right = await argon2id.verify(known, password);
        const happens = meanwhile;
        meanwhile = undefined;
        await happens?.();
        return right;
      },
    },
  });
});
beforeEach(async () => {
  scene = await stage.scene();
  busy = false;
  await settings({});
});
afterAll(() => stage.stop());

const PASSWORD = 'correct horse';
const settings = (identity: object | null): Promise<unknown> => stage.world.op(admin, 'apps.update', { app_id: scene.id, identity });
/** From an address of its own, so that limits of addresses are asked about where they are meant. */
let addresses = 0;
const somewhere = (): string => `198.51.${Math.floor(addresses / 250) % 250}.${1 + (addresses += 1) % 250}`;
const ask = (id: OperationId, input: object, more: { readonly from?: string; readonly app?: string; readonly headers?: Record<string, string> } = {}): Promise<Reply> =>
  stage.call(id, { ...input }, { headers: { 'talaria-app': more.app ?? scene.publicKey, 'x-forwarded-for': more.from ?? somewhere(), ...more.headers } });
const register = (login = 'ann@example.com', password = PASSWORD, more = {}): Promise<Reply> => ask('identity.register', { login, password, ...more });
const login = (name = 'ann@example.com', password = PASSWORD, from?: string, more = {}): Promise<Reply> => ask('identity.login', { login: name, password, ...more }, from === undefined ? {} : { from });
const done = (reply: Reply): LoggedIn => jsonOf<LoggedIn>(expectOk(reply));
const joined = async (more = {}): Promise<LoggedIn> => {
  expectOk(await register());
  return done(await login(undefined, undefined, undefined, more));
};
const refresh = (token: string): Promise<Reply> => ask('identity.refresh', { refresh_token: token });
const me = (as: string): Promise<Reply> => stage.call('users.get', { user_id: 'me' }, { as });
const asUser = (id: OperationId, input: object, as: string): Promise<Reply> => stage.call(id, { user_id: 'me', ...input }, { as });
/** What everybody is told, without what is new in every answer. */
const told = (reply: Reply): string => `${reply.status} ${reply.text.replace(/"request_id":"[^"]+"/, '')} ${JSON.stringify([...reply.headers].filter(([name]) => !['date', 'talaria-request-id', 'uwebsockets'].includes(name)))}`;

describe('an account', () => {
  it('is registered, logged in to, and is a user like others', async () => {
    const ann = await joined({ device_id: 'phone', device_name: "Ann's phone" });
    expect(ann).toEqual({
      user_id: expect.stringMatching(/^u_/), session_id: expect.stringMatching(/^s_/), device_id: 'phone', guest: false, token: expect.stringMatching(/^eyJ/),
      expires_at: (Math.floor(clock.now() / 1_000) + 900) * 1_000, refresh_token: expect.stringMatching(/^tr_[\w-]{86}$/), refresh_expires_at: clock.now() + 30 * 86_400_000,
    });
    expect(jsonOf(expectOk(await me(ann.token)))).toMatchObject({ id: ann.user_id, external_id: ann.user_id });
    expect(jsonOf(expectOk(await asUser('accounts.get', {}, ann.token)))).toMatchObject({ user_id: ann.user_id, login: 'ann@example.com', guest: false });
    const client = await stage.world.client(scene, ann.token);
    expect(client.all('welcome')[0]?.welcome.user_id).toBe(ann.user_id);
    for (const secret of [PASSWORD, ann.token, ann.refresh_token]) expect(stage.log.text()).not.toContain(secret);
  });

  it('is found by its login in any capitals', async () => {
    const ann = await joined();
    expect(done(await login('ANN@Example.com')).user_id).toBe(ann.user_id);
  });

  it.each([
    ['a short password', { password: 'short' }], ['a common one', { password: 'password123' }], ['the login', { password: 'ann@example.com' }], ['a long one', { password: 'x'.repeat(257) }],
    ['a short login', { login: 'ab' }], ['a login with a blank', { login: 'ann example' }], ['a login with a sign that stands for a blank and another', { login: 'ann\u00b4s' }],
    ['a login that is long when it is written out', { login: '\ufdfa'.repeat(20) }], ['a long login', { login: 'a'.repeat(255) }],
  ])('is not made with %s', async (_, wrong) => {
    expectProblem(await register(undefined, undefined, wrong), 'invalid_argument');
  });

  it('is of one app alone (ISO1)', async () => {
    const ann = await joined();
    const other = await stage.scene();
    await stage.world.op(admin, 'apps.update', { app_id: other.id, identity: {} });
    expectProblem(await ask('identity.login', { login: 'ann@example.com', password: PASSWORD }, { app: other.publicKey }), 'invalid_credentials');
    expectProblem(await ask('identity.refresh', { refresh_token: ann.refresh_token }, { app: other.publicKey }), 'invalid_token');
    expectOk(await ask('identity.logout', { refresh_token: ann.refresh_token }, { app: other.publicKey }));
    expectOk(await me(ann.token));
  });

  it('is not made, nor asked for, where the app has not switched it on', async () => {
    await settings(null);
    for (const id of ['identity.register', 'identity.login'] as const) expectProblem(await ask(id, { login: 'ann@example.com', password: PASSWORD }), 'forbidden');
    expectProblem(await ask('identity.refresh', { refresh_token: 'x' }), 'forbidden');
    await settings({ register: false });
    expectProblem(await register(), 'forbidden');
    expectProblem(await login(), 'invalid_credentials');
    expectProblem(await ask('identity.guest', {}), 'forbidden');
  });

  it('is asked for by pages of the origins that the app names', async () => {
    await stage.world.op(admin, 'apps.update', { app_id: scene.id, allowed_origins: ['https://app.example'] });
    expectProblem(await ask('identity.login', { login: 'ann', password: PASSWORD }, { headers: { origin: 'https://evil.example' } }), 'origin_not_allowed');
    const reply = await ask('identity.login', { login: 'ann', password: PASSWORD }, { headers: { origin: 'https://app.example' } });
    expectProblem(reply, 'invalid_credentials');
    expect(reply.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });
});

describe('whoever asks', () => {
  it('[BAD identity.enumeration] is told the same of a login that is there and of one that is not, at the same cost', async () => {
    await joined();
    const both = async (call: (name: string) => Promise<Reply>): Promise<void> => {
      const costs: number[] = [];
      const answers: string[] = [];
      for (const name of ['ann@example.com', 'nobody@example.com']) {
        const before = hashed;
        answers.push(told(await call(name)));
        costs.push(hashed - before);
      }
      expect(answers[0]).toBe(answers[1]);
      expect(costs).toEqual([1, 1]);
    };
    await both((name) => login(name, 'wrong password'));
    await both((name) => register(name, 'another password'));
  });

  it('[BAD identity.enumeration] cannot take a login that somebody has', async () => {
    const ann = await joined();
    expectOk(await register('ann@example.com', 'another password'));
    expectProblem(await login('ann@example.com', 'another password'), 'invalid_credentials');
    expect(done(await login()).user_id).toBe(ann.user_id);
  });

  it('[BAD identity.guessing] waits longer after each wrong password, whether or not there is such a login', async () => {
    await joined();
    for (const name of ['ann@example.com', 'nobody@example.com']) {
      const from = somewhere();
      for (let turn = 0; turn < 5; turn += 1) expectProblem(await login(name, 'wrong password', from), 'invalid_credentials');
      for (const waitMs of [1_000, 2_000, 4_000]) {
        const before = hashed;
        expect(expectProblem(await login(name, 'wrong password', from), 'rate_limited').retry_after_ms).toBe(waitMs);
        // Nor does the right one help before its time, nor is it looked at.
        expectProblem(await login(name, PASSWORD, from), 'rate_limited');
        expect(hashed).toBe(before);
        clock.advance(waitMs);
        expectProblem(await login(name, 'wrong password', from), 'invalid_credentials');
      }
    }
  });

  it('[BAD identity.guessing] a thousand at once are as many as one after the other', async () => {
    const from = somewhere();
    const replies = await Promise.all(Array.from({ length: 200 }, () => login('ann@example.com', 'wrong password', from)));
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(195);
  });

  it('[BAD identity.guessing] from many addresses waits, too; the owner does not, where they have logged in before', async () => {
    const home = somewhere();
    expectOk(await register());
    done(await login(undefined, undefined, home));
    for (let turn = 0; turn < 20; turn += 1) expectProblem(await login('ann@example.com', 'wrong password'), 'invalid_credentials');
    const { retry_after_ms } = expectProblem(await login('ann@example.com', PASSWORD), 'rate_limited');
    expect(retry_after_ms).toBe(1_000);
    done(await login(undefined, undefined, home));
    // And nobody waits for longer than a minute for what strangers do, however long they have been at it.
    for (let turn = 0; turn < 30; turn += 1) {
      clock.advance(60_000);
      expectProblem(await login('ann@example.com', 'wrong password'), 'invalid_credentials');
    }
    expect(expectProblem(await login(), 'rate_limited').retry_after_ms).toBe(60_000);
    clock.advance(60_000);
    done(await login());
  });

  it('[BAD identity.guessing] many logins from one address waits, whatever it succeeds in between', async () => {
    const from = somewhere();
    await joined();
    for (let turn = 0; turn < 50; turn += 1) {
      expectProblem(await login(`name${turn}`, 'wrong password', from), 'invalid_credentials');
      if (turn % 10 === 0) done(await login(undefined, undefined, from));
    }
    expectProblem(await login('other', 'wrong password', from), 'rate_limited');
    expectProblem(await login('ann@example.com', PASSWORD, from), 'rate_limited');
  });

  it('makes so many accounts from one address, and then waits', async () => {
    const from = somewhere();
    const make = (at: number): Promise<Reply> => ask('identity.register', { login: `made${at}`, password: 'no password at all' }, { from });
    // Refused before it costs anything.
    for (let at = 0; at < 30; at += 1) expectOk(await make(at));
    const before = hashed;
    expect(expectProblem(await make(30), 'rate_limited').retry_after_ms).toBe(10_000);
    expect(hashed).toBe(before);
  });

  it('an attempt that was not made does not count', async () => {
    await joined();
    const from = somewhere();
    busy = true;
    for (let turn = 0; turn < 10; turn += 1) expectProblem(await login(undefined, undefined, from), 'internal');
    busy = false;
    done(await login(undefined, undefined, from));
  });

  it('attempts are counted across restarts: they are in the database', async () => {
    const from = somewhere();
    for (let turn = 0; turn < 6; turn += 1) await login('ann@example.com', 'wrong password', from);
    const { domain } = stage.world.server;
    const seen = await domain.storage.attemptKnown(scene.id, domain.keyring.mac('attempt-name', JSON.stringify(['pair', 'ann@example.com', from])).subarray(0, 16).toString('base64url'), clock.now());
    expect(seen).toBe(true);
  });
});

describe('a session', () => {
  it('goes on with each refresh token once', async () => {
    const first = await joined({ device_id: 'phone' });
    const seen = new Set([first.refresh_token]);
    let { refresh_token } = first;
    for (let turn = 0; turn < 5; turn += 1) {
      clock.advance(86_400_000);
      const next = done(await refresh(refresh_token));
      expect(next).toMatchObject({ user_id: first.user_id, session_id: first.session_id, device_id: 'phone', refresh_expires_at: clock.now() + 30 * 86_400_000 });
      expectOk(await me(next.token));
      ({ refresh_token } = next);
      seen.add(refresh_token);
    }
    expect(seen.size).toBe(6);
  });

  it('[RES6] is answered again with the same token when the answer was lost', async () => {
    const { refresh_token } = await joined();
    const next = done(await refresh(refresh_token));
    clock.advance(29_000);
    const again = done(await refresh(refresh_token));
    expect(again.refresh_token).toBe(next.refresh_token);
    expectOk(await me(again.token));
    done(await refresh(again.refresh_token));
  });

  it.each<[string, (token: string) => Promise<void>]>([
    ['later', async () => clock.advance(30_000)],
    ['behind the next one', async (next) => void done(await refresh(next))],
  ])('[RES6] [BAD identity.reuse] ends for everybody when an exchanged token comes %s', async (_, meanwhile) => {
    const thief = await joined();
    const owner = done(await refresh(thief.refresh_token));
    const client = await stage.world.client(scene, owner.token);
    await meanwhile(owner.refresh_token);
    expectProblem(await refresh(thief.refresh_token), 'revoked');
    expect(await client.end()).toEqual({ code: 4403, reason: 'revoked' });
    expectProblem(await refresh(owner.refresh_token), 'revoked');
    for (const { token } of [thief, owner]) expectProblem(await me(token), 'revoked');
    expect(stage.log.text()).toContain('session.refresh_reused');
  });

  it.each<[string, (token: string) => string]>([
    ['changed', (token) => `${token.slice(0, 50)}${token[50] === 'A' ? 'B' : 'A'}${token.slice(51)}`], ['cut', (token) => token.slice(0, -1)], ['empty', () => ''],
    ['with another session', (token) => `tr_${'A'.repeat(22)}${token.slice(25)}`], ['a user token', () => 'eyJhbGciOiJIUzI1NiJ9.e30.x'],
  ])('[BAD identity.refresh] is not touched by a token that is %s', async (_, change) => {
    const { refresh_token } = await joined();
    expectProblem(await refresh(change(refresh_token)), 'invalid_token');
    expectOk(await ask('identity.logout', { refresh_token: change(refresh_token) }));
    done(await refresh(refresh_token));
  });

  it('ends when it is not used', async () => {
    const { refresh_token } = await joined();
    clock.advance(30 * 86_400_000);
    expectProblem(await refresh(refresh_token), 'revoked');
  });

  it('[RES6] ends by logout, with what is open', async () => {
    const ann = await joined();
    const client = await stage.world.client(scene, ann.token);
    expectOk(await ask('identity.logout', { refresh_token: ann.refresh_token }));
    expect(await client.end()).toEqual({ code: 4403, reason: 'revoked' });
    expectProblem(await me(ann.token), 'revoked');
    expectProblem(await refresh(ann.refresh_token), 'revoked');
    expectOk(await ask('identity.logout', { refresh_token: ann.refresh_token }));
  });

  it.each<[string, object]>([['all tokens', {}], ['its device', { device_id: 'phone' }]])('[RES6] ends when a backend revokes %s of the user', async (_, named) => {
    const ann = await joined({ device_id: 'phone' });
    await stage.done('auth.revoke', { user_id: ann.user_id, ...named }, { as: scene.key });
    expectProblem(await me(ann.token), 'revoked');
    expectProblem(await refresh(ann.refresh_token), 'revoked');
    clock.advance(1_000);
    expectOk(await me(done(await login(undefined, undefined, undefined, { device_id: 'phone' })).token));
  });

  it.each<[string, (session: LoggedIn) => object, readonly string[]]>([
    ['all tokens', () => ({}), []],
    ['the session', ({ session_id }) => ({ session_id }), ['tablet']],
    ['its device', () => ({ device_id: 'phone' }), ['tablet']],
    ['a token', () => ({ token_id: 'another' }), ['tablet', 'phone']],
    ['all that was issued before it', () => ({ issued_before_ms: clock.now() - 60_000 }), ['tablet', 'phone']],
  ])('[RES6] is not listed any more when a backend has revoked %s', async (_, named, left) => {
    const phone = await joined({ device_id: 'phone' });
    done(await login(undefined, undefined, undefined, { device_id: 'tablet' }));
    await stage.done('auth.revoke', { user_id: phone.user_id, ...named(phone) }, { as: scene.key });
    expect((await stage.done('sessions.list', { user_id: phone.user_id }, { as: scene.key })).items.map(({ device_id }) => device_id)).toEqual(left);
  });

  it('that begins in the second in which all tokens were revoked goes on', async () => {
    const { user_id } = await joined();
    await stage.done('auth.revoke', { user_id }, { as: scene.key });
    const next = done(await login());
    expectOk(await me(next.token));
    expect((await stage.done('sessions.list', { user_id }, { as: scene.key })).items.map(({ id }) => id)).toEqual([next.session_id]);
    clock.advance(60_000);
    done(await refresh(next.refresh_token));
  });

  it('that is ended because it began before a moment keeps the user token that is of later', async () => {
    const ann = await joined();
    clock.advance(120_000);
    const next = done(await refresh(ann.refresh_token));
    await stage.done('auth.revoke', { user_id: ann.user_id, issued_before_ms: clock.now() - 60_000 }, { as: scene.key });
    expectProblem(await me(ann.token), 'revoked');
    expectOk(await me(next.token));
    expectProblem(await refresh(next.refresh_token), 'revoked');
  });

  it('[RES6] rests with its user: none is begun, goes on or is listed until the user is active again', async () => {
    const ann = await joined();
    await stage.done('users.deactivate', { user_id: ann.user_id }, { as: scene.key });
    clock.advance(2_000);
    expect(expectProblem(await login(), 'forbidden').detail).toBe('The user is deactivated.');
    expectProblem(await login(undefined, 'wrong password'), 'invalid_credentials');
    expectProblem(await refresh(ann.refresh_token), 'revoked');
    const listed = async () => (await stage.done('sessions.list', { user_id: ann.user_id }, { as: scene.key })).items.map(({ id }) => id);
    expect(await listed()).toEqual([]);
    await stage.done('users.reactivate', { user_id: ann.user_id }, { as: scene.key });
    const again = done(await login());
    expectOk(await me(again.token));
    expect(await listed()).toEqual([again.session_id]);
  });

  it('[RES6] is listed with the others, and each is ended by its user or the backend', async () => {
    const phone = await joined({ device_id: 'phone', device_name: 'Phone' });
    const [laptop, tablet] = [done(await login(undefined, undefined, undefined, { device_name: 'Laptop' })), done(await login())];
    const { items } = jsonOf<{ items: { id: string; device_name: string; current: boolean }[] }>(expectOk(await asUser('sessions.list', {}, phone.token)));
    expect(items.map(({ id, device_name, current }) => [id, device_name, current])).toEqual([[tablet.session_id, '', false], [laptop.session_id, 'Laptop', false], [phone.session_id, 'Phone', true]]);
    expect((await stage.done('sessions.list', { user_id: phone.user_id }, { as: scene.key })).items.map(({ current }) => current)).toEqual([false, false, false]);
    const client = await stage.world.client(scene, laptop.token);
    expectOk(await asUser('sessions.revoke', { session_id: laptop.session_id }, phone.token));
    expect(await client.end()).toEqual({ code: 4403, reason: 'revoked' });
    expectProblem(await refresh(laptop.refresh_token), 'revoked');
    expect(jsonOf(expectOk(await asUser('sessions.clear', {}, phone.token)))).toEqual({ ended: 1 });
    expectProblem(await me(tablet.token), 'revoked');
    expectOk(await me(phone.token));
    expect(await stage.done('sessions.clear', { user_id: phone.user_id }, { as: scene.key })).toEqual({ ended: 1 });
    expectProblem(await me(phone.token), 'revoked');
  });

  it('[ISO1] is nobody else\'s', async () => {
    const ann = await joined();
    expectOk(await register('ben'));
    const ben = done(await login('ben'));
    for (const [id, input] of [['sessions.list', {}], ['sessions.clear', {}], ['accounts.get', {}], ['sessions.revoke', { session_id: ann.session_id }]] as const) {
      expectProblem(await stage.call(id, { user_id: ann.user_id, ...input }, { as: ben.token }), 'forbidden');
    }
    expectProblem(await asUser('sessions.revoke', { session_id: ann.session_id }, ben.token), 'not_found');
    expectOk(await me(ann.token));
  });

  it('makes room for a hundred, and the oldest end', async () => {
    const first = await joined();
    const { domain } = stage.world.server;
    const row = (await domain.storage.session(scene.id, first.session_id))!;
    for (let at = 0; at < 99; at += 1) await domain.storage.createSession({ ...row, id: domain.ids.id('session') });
    expectOk(await me(first.token));
    done(await login());
    expectProblem(await me(first.token), 'revoked');
    expect((await domain.storage.sessions(scene.id, first.user_id, clock.now()))).toHaveLength(100);
    // Logins at the same time do not see each other.
    for (let at = 0; at < 20; at += 1) await domain.storage.createSession({ ...row, id: domain.ids.id('session') });
    done(await login());
    expect((await domain.storage.sessions(scene.id, first.user_id, clock.now()))).toHaveLength(100);
  });
});

describe('a password', () => {
  it('that is changed while somebody logs in with the former one leaves no session behind', async () => {
    const ann = await joined();
    meanwhile = () => stage.done('accounts.set', { user_id: ann.user_id, password: 'battery staple' }, { as: scene.key });
    expectProblem(await login(), 'invalid_credentials');
    expect(await stage.done('sessions.list', { user_id: ann.user_id }, { as: scene.key })).toEqual({ items: [] });
    done(await login(undefined, 'battery staple'));
  });

  it('that the backend sets is not overwritten by whoever was about to change the former one', async () => {
    const ann = await joined();
    meanwhile = () => stage.done('accounts.set', { user_id: ann.user_id, login: 'ann', password: 'battery staple' }, { as: scene.key });
    expectProblem(await stage.call('accounts.password', { current_password: PASSWORD, new_password: 'a thief was here' }, { as: ann.token }), 'invalid_credentials');
    expectProblem(await login('ann', 'a thief was here'), 'invalid_credentials');
    done(await login('ann', 'battery staple'));
  });

  it('that is new ends every session, also of more than there should be', async () => {
    const ann = await joined();
    const { domain } = stage.world.server;
    const row = (await domain.storage.session(scene.id, ann.session_id))!;
    // Logins at the same time do not see each other.
    for (let at = 0; at < 230; at += 1) await domain.storage.createSession({ ...row, id: domain.ids.id('session') });
    await stage.done('accounts.set', { user_id: ann.user_id, password: 'battery staple' }, { as: scene.key });
    expectProblem(await me(ann.token), 'revoked');
    expectProblem(await refresh(ann.refresh_token), 'revoked');
    expect(await domain.storage.sessions(scene.id, ann.user_id, clock.now())).toEqual([]);
  });

  it('is changed by its user, and all other sessions end', async () => {
    const [one, two] = [await joined(), done(await login())];
    const change = (current_password: string, new_password: string): Promise<Reply> => stage.call('accounts.password', { current_password, new_password }, { as: one.token });
    expectProblem(await change('wrong password', 'battery staple'), 'invalid_credentials');
    expectProblem(await change(PASSWORD, 'password'), 'invalid_argument');
    expectOk(await change(PASSWORD, 'battery staple'));
    expectOk(await me(one.token));
    expectProblem(await me(two.token), 'revoked');
    expectProblem(await login(), 'invalid_credentials');
    done(await login(undefined, 'battery staple'));
  });

  it('is not guessed by whoever has found a device', async () => {
    const { token } = await joined();
    const change = (current_password: string): Promise<Reply> => stage.call('accounts.password', { current_password, new_password: 'battery staple' }, { as: token });
    for (let turn = 0; turn < 5; turn += 1) expectProblem(await change('wrong password'), 'invalid_credentials');
    expectProblem(await change(PASSWORD), 'rate_limited');
  });

  it('is set by the backend, also for a user that there was', async () => {
    const ann = await joined();
    await stage.done('accounts.set', { user_id: ann.user_id, password: 'battery staple' }, { as: scene.key });
    expectProblem(await me(ann.token), 'revoked');
    expect(done(await login(undefined, 'battery staple')).user_id).toBe(ann.user_id);
    const set = (more: object): Promise<Reply> => stage.call('accounts.set', { user_id: 'ext:alice', password: PASSWORD, ...more }, { as: scene.key });
    expect(expectProblem(await set({}), 'invalid_argument').field).toBe('login');
    expectProblem(await set({ login: 'Ann@example.com' }), 'already_exists');
    expectOk(await set({ login: 'alice' }));
    expect(done(await login('alice')).user_id).toBe(scene.alice.id);
    expectProblem(await stage.call('accounts.set', { user_id: 'ext:nobody', login: 'nobody', password: PASSWORD }, { as: scene.key }), 'not_found');
    expectProblem(await stage.call('accounts.get', { user_id: 'ext:bob' }, { as: scene.key }), 'not_found');
  });
});

describe('a guest', () => {
  it('is a user without a login, who becomes an account and stays the same user', async () => {
    await settings({ guests: true });
    const guest = done(await ask('identity.guest', { name: 'Guest 7' }));
    expect(guest.guest).toBe(true);
    expect(jsonOf(expectOk(await me(guest.token)))).toMatchObject({ name: 'Guest 7' });
    expect(jsonOf(expectOk(await asUser('accounts.get', {}, guest.token)))).toMatchObject({ guest: true, login: null });
    expect(done(await refresh(guest.refresh_token)).guest).toBe(true);
    const { refresh_token } = done(await refresh(guest.refresh_token));
    expectOk(await register('ann', PASSWORD, { refresh_token }));
    const ann = done(await login('ann'));
    expect([ann.user_id, ann.guest]).toEqual([guest.user_id, false]);
    expect(done(await refresh(refresh_token)).guest).toBe(false);
  });

  it('becomes one account, also when it is asked for twice at once', async () => {
    await settings({ guests: true });
    const { refresh_token } = done(await ask('identity.guest', {}));
    const replies = await Promise.all(['ann', 'eve'].map((name) => register(name, PASSWORD, { refresh_token })));
    expect(replies.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 401]));
    const [first, second] = replies[0]!.status === 200 ? ['ann', 'eve'] : ['eve', 'ann'];
    done(await login(first));
    expectProblem(await login(second), 'invalid_credentials');
  });

  it('does not take a login that somebody has, nor does an account become another', async () => {
    await settings({ guests: true });
    const ann = await joined();
    const guest = done(await ask('identity.guest', {}));
    expectOk(await register(undefined, 'another password', { refresh_token: guest.refresh_token }));
    expectProblem(await login(undefined, 'another password'), 'invalid_credentials');
    expect(jsonOf(expectOk(await asUser('accounts.get', {}, guest.token)))).toMatchObject({ guest: true });
    expectProblem(await register('other', PASSWORD, { refresh_token: ann.refresh_token }), 'invalid_token');
    expectProblem(await register('other', PASSWORD, { refresh_token: 'x' }), 'invalid_token');
  });
});

it('the setting is told as it was given, with its defaults, and is off with null', async () => {
  const shown = async (): Promise<unknown> => (await stage.done('apps.get', { app_id: scene.id }, { as: stage.adminKey })).identity;
  expect(await shown()).toEqual({ register: true, guests: false, token_s: 900, session_days: 30 });
  await settings({ guests: true, token_s: 60 });
  expect(await shown()).toEqual({ register: true, guests: true, token_s: 60, session_days: 30 });
  await settings(null);
  expect(await shown()).toBeNull();
  expect((await stage.scene()).id).not.toBe(scene.id);
});
