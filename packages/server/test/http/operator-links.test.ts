/** Links by which operators come in: the first owner, who is invited, and who has lost a password. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { PasswordHash } from '../../src/domain/identity/password-hasher.js';
import { firstOwnerLink } from '../../src/domain/operators/links.js';
import { argon2id } from '../../src/runtime/argon2.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { openBrowser, PASSWORD, secretOf, signedIn } from './support/browser.js';
import { expectOk, expectProblem, type Reply } from './support/reply.js';
import { startStage, type Stage } from './support/stage.js';

const DAY_MS = 24 * 3_600_000;

describe.each(['uws', 'ws'] as const)('over %s', (transport) => {
  let stage: Stage;
  let clock: ManualClock;
  let hashed = 0;
  const passwordHash: PasswordHash = {
    hash(password) {
      hashed += 1;
      return argon2id.hash(password);
    },
    verify: (hash, password) => argon2id.verify(hash, password),
  };

  beforeAll(async () => {
    clock = manualClock();
    stage = await startStage({ transport, clock, passwordHash });
  });
  afterAll(() => stage.stop());

  const accept = (link: string, fields: Record<string, unknown>): Promise<Reply> => openBrowser(stage).call('session.accept', { link, password: PASSWORD, ...fields });
  const look = (link: string): Promise<Reply> => openBrowser(stage).call('session.link', { link });

  // First: nobody is there yet.
  it('the first owner comes in by a link of the start, and no other of them is good any more', async () => {
    const { domain } = stage.world.server;
    const [one, two] = [await firstOwnerLink(domain), await firstOwnerLink(domain)];
    const [first, second] = [secretOf(one!.path), secretOf(two!.path)];
    expect(one).toEqual({ path: expect.stringMatching(/^\/dashboard\/#link=[\w-]{43}$/), expires_ms: clock.now() + DAY_MS });
    expect(first).not.toBe(second);
    // An invitation is no owner, whatever role it is of.
    await stage.done('operators.invite', { role: 'owner' }, { as: stage.adminKey });
    expect(await firstOwnerLink(domain)).toBeDefined();
    const browser = openBrowser(stage);
    expect(await browser.done('session.link', { link: first })).toEqual({ role: 'owner', login: null, name: '', expires_ms: clock.now() + DAY_MS });
    // Nothing comes of a half one.
    expect(expectProblem(await accept(first, {}), 'invalid_argument').field).toBe('login');
    expect(expectProblem(await accept(first, { login: 'ann@example.com', password: 'password1' }), 'invalid_argument').field).toBe('password');
    const signed = await browser.done('session.accept', { link: first, login: 'ANN@example.com', name: 'Ann', password: PASSWORD });
    expect(signed.operator).toMatchObject({ login: 'ann@example.com', name: 'Ann', role: 'owner', disabled: false });
    expect((await browser.done('operators.me')).id).toBe(signed.operator.id);
    for (const link of [first, second]) {
      expect(expectProblem(await accept(link, { login: 'eve@example.com' }), 'not_found').field).toBe('link');
      expectProblem(await look(link), 'not_found');
    }
    expect(await firstOwnerLink(domain)).toBeUndefined();
  });

  it('an invitation is taken up once, with a login that nobody has', async () => {
    const owner = await signedIn(stage, 'owner');
    const { operator, path, expires_ms } = await owner.done('operators.invite', { role: 'moderator', name: 'Ben' });
    expect(operator).toMatchObject({ login: null, name: 'Ben', role: 'moderator', disabled: false, last_seen_ms: null });
    expect(expires_ms).toBe(clock.now() + DAY_MS);
    const link = secretOf(path);
    expect((await openBrowser(stage).done('session.link', { link })).name).toBe('Ben');
    const taken = (await owner.done('operators.me')).login!;
    expect(expectProblem(await accept(link, { login: taken }), 'already_exists').field).toBe('login');
    const replies = await Promise.all(Array.from({ length: 4 }, (_, at) => accept(link, { login: `ben-${at}-${transport}` })));
    expect(replies.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 404, 404, 404]);
    expect((await owner.done('operators.get', { operator_id: operator.id })).login).toMatch(/^ben-\d-/);
  });

  it('a lost password is set anew: the sessions end, name and login stay', async () => {
    const lost = await signedIn(stage, 'viewer');
    const { login, name } = await lost.done('operators.me');
    const first = await stage.done('operators.link', { operator_id: lost.id }, { as: stage.adminKey });
    const second = await stage.done('operators.link', { operator_id: lost.id }, { as: stage.adminKey });
    expectProblem(await look(secretOf(first.path)), 'not_found');
    expect(await openBrowser(stage).done('session.link', { link: secretOf(second.path) })).toMatchObject({ role: 'viewer', login, name });
    // Making one changes nothing yet.
    expectOk(await lost.call('operators.me'));
    expect(expectProblem(await accept(secretOf(second.path), { login: 'another@example.com' }), 'invalid_argument').field).toBe('login');
    expectOk(await accept(secretOf(second.path), { password: 'a new battery', name: 'Another' }));
    expectProblem(await lost.call('operators.me'), 'unauthenticated');
    expectProblem(await openBrowser(stage).call('session.create', { login, password: PASSWORD }), 'invalid_credentials');
    expect((await openBrowser(stage).done('session.create', { login, password: 'a new battery' })).operator).toMatchObject({ id: lost.id, name });
    expectProblem(await accept(secretOf(second.path), {}), 'not_found');
  });

  it('[BAD operator.link] is good for a day', async () => {
    const { path } = await stage.done('operators.invite', { role: 'viewer' }, { as: stage.adminKey });
    clock.advance(DAY_MS - 1);
    expectOk(await look(secretOf(path)));
    clock.advance(1);
    expectProblem(await look(secretOf(path)), 'not_found');
    expectProblem(await accept(secretOf(path), { login: 'late@example.com' }), 'not_found');
  });

  it('is not good of who is disabled or deleted', async () => {
    const invite = () => stage.done('operators.invite', { role: 'viewer' }, { as: stage.adminKey });
    const [off, gone] = [await invite(), await invite()];
    await stage.done('operators.update', { operator_id: off.operator.id, disabled: true }, { as: stage.adminKey });
    await stage.done('operators.delete', { operator_id: gone.operator.id }, { as: stage.adminKey });
    for (const { path } of [off, gone]) expectProblem(await accept(secretOf(path), { login: 'off@example.com' }), 'not_found');
    expectProblem(await stage.call('operators.link', { operator_id: off.operator.id }, { as: stage.adminKey }), 'conflict');
  });

  it('[BAD operator.link] that is none costs no hashing of passwords', async () => {
    const before = hashed;
    for (const link of ['', 'A', 'A'.repeat(43), '__proto__', '-'.repeat(64)]) expectProblem(await accept(link, { login: 'eve@example.com' }), 'not_found');
    expectProblem(await accept('A'.repeat(65), { login: 'eve@example.com' }), 'invalid_argument');
    expect(hashed).toBe(before);
  });

  it('is stored as a hash, and is in no log; so is a session', async () => {
    const { path } = await stage.done('operators.invite', { role: 'viewer' }, { as: stage.adminKey });
    const browser = await signedIn(stage, 'viewer');
    const secrets = [secretOf(path), browser.cookie!.split('=')[1]!];
    const db = new Database(join(stage.world.directory, 'talaria.db'), { readonly: true });
    const stored = JSON.stringify(['operators', 'operator_links', 'operator_sessions'].map((table) => db.prepare(`SELECT * FROM ${table}`).all()));
    db.close();
    for (const secret of secrets) {
      expect(stored).toContain(createHash('sha256').update(secret).digest('base64url'));
      expect(stored).not.toContain(secret);
      expect(stage.log.text()).not.toContain(secret);
    }
    expect(stored).not.toContain(PASSWORD);
  });

  it('asks for pages of this server, and for JSON', async () => {
    const { path } = await stage.done('operators.invite', { role: 'owner' }, { as: stage.adminKey });
    const browser = openBrowser(stage);
    const input = { link: secretOf(path), login: 'forged@example.com', password: PASSWORD };
    for (const id of ['session.accept', 'session.link'] as const) {
      const given = id === 'session.link' ? { link: input.link } : input;
      expectProblem(await browser.call(id, given, { headers: { origin: 'https://evil.example' } }), 'origin_not_allowed');
      expectProblem(await browser.call(id, given, { headers: { 'sec-fetch-site': 'cross-site' } }), 'origin_not_allowed');
      expectProblem(await browser.call(id, given, { headers: { 'content-type': 'text/plain' } }), 'unsupported_media_type');
    }
    expectOk(await browser.call('session.accept', input));
  });
});
