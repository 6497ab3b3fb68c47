import { describe, expect, it } from 'vitest';
import type { AttemptRule } from '../../../src/storage/attempts.js';
import { SESSIONS_LISTED_MAX } from '../../../src/storage/port.js';
import type { AccountRow, RevocationRow, SessionRow } from '../../../src/storage/rows.js';
import type { Rotation } from '../../../src/storage/session-rotation.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { useStage } from './stage.js';

const revocation = (world: World, user: string, name: string, fields: Partial<RevocationRow> = {}): RevocationRow => ({
  app: world.app, user, name, beforeMs: 5_000, revokedMs: 4_000, untilMs: 9_000, ...fields,
});

const account = (world: World, user: string, fields: Partial<AccountRow> = {}): AccountRow => ({ app: world.app, user, login: 'ann', passwordHash: 'hash', createdMs: 1, changedMs: 2, ...fields });
const sessionRow = (world: World, user: string, fields: Partial<SessionRow> = {}): SessionRow => ({
  app: world.app, id: world.ids.id('session'), user, device: 'phone', deviceName: 'Ännä "1"', createdMs: 1, usedMs: 1_000, expiresMs: 90_000, endedMs: null, tokenHash: 'one', formerHash: null, ...fields,
});
const rotation = (presentedHash: string, nextHash: string, fields: Partial<Rotation> = {}): Rotation => ({ presentedHash, nextHash, nowMs: 2_000, expiresMs: 99_000, grace_ms: 500, ...fields });
const rule = (name: string, fields: Partial<AttemptRule> = {}): AttemptRule => ({ name, free: 3, delay_ms: 1_000, delay_ms_max: 5_000, keep_ms: 100_000, ...fields });

/** How users show who they are. */
export function identityContract(open: OpenHarness): void {
  describe('tokens that are revoked by name', () => {
    const stage = useStage(open);
    const before = async (world: World, externalId: string, ...names: string[]): Promise<number> => (await world.storage.userOfToken(world.app, externalId, names)).revokedBeforeMs;

    it('[RES6] are those of the user that carry the name', async () => {
      const world = stage.world();
      const [ann, ben] = [await world.user('ann'), await world.user('ben')];
      await world.storage.addRevocations(world.app, [revocation(world, ann, 'token a'), revocation(world, ann, 'device "{ä}", NULL', { beforeMs: 6_000 })]);
      expect(await world.storage.userOfToken(world.app, 'ann', ['token a'])).toEqual({ user: await world.storage.user(world.app, ann), revokedBeforeMs: 5_000 });
      expect(await before(world, 'ann', 'token b', 'device "{ä}", NULL', 'token a')).toBe(6_000);
      expect(await before(world, 'ann')).toBe(0);
      expect(await before(world, 'ann', 'token', 'token A', 'token a ')).toBe(0);
      expect(await before(world, 'ben', 'token a')).toBe(0);
      expect((await world.storage.userOfToken(world.app, 'ben', [])).user?.id).toBe(ben);
      expect(await world.storage.userOfToken(world.app, 'nobody', ['token a'])).toEqual({ user: null, revokedBeforeMs: 0 });
    });

    it('[ISO1] and of no other app', async () => {
      const [here, there] = [stage.world(), stage.world()];
      const [ann] = [await here.user('ann'), await there.user('ann')];
      await here.storage.addRevocations(here.app, [revocation(here, ann, 'token a')]);
      expect(await before(there, 'ann', 'token a')).toBe(0);
    });

    it('[RES6] stay revoked up to the latest moment that was said', async () => {
      const world = stage.world();
      const ann = await world.user('ann');
      for (const [beforeMs, revokedMs, untilMs] of [[5_000, 4_000, 9_000], [3_000, 4_500, 8_000], [4_000, 4_600, 9_500]] as const) {
        await world.storage.addRevocations(world.app, [revocation(world, ann, 'device d', { beforeMs, revokedMs, untilMs })]);
        expect(await before(world, 'ann', 'device d')).toBe(5_000);
      }
      expect((await world.storage.revocations(4_600)).names.filter(({ app }) => app === world.app)).toEqual([{ app: world.app, user: ann, name: 'device d', beforeMs: 5_000 }]);
    });

    it('[RES6] are told from a moment on', async () => {
      const world = stage.world();
      const ann = await world.user('ann');
      await world.storage.addRevocations(world.app, [revocation(world, ann, 'token a', { revokedMs: 8_999 }), revocation(world, ann, 'token b', { revokedMs: 9_000 })]);
      expect((await world.storage.revocations(9_000)).names.filter(({ app }) => app === world.app)).toEqual([{ app: world.app, user: ann, name: 'token b', beforeMs: 5_000 }]);
    });

    it('are forgotten when none of them can live any more, a few at a time', async () => {
      const world = stage.world();
      const ann = await world.user('ann');
      // Whatever other tests have left.
      while (await world.storage.pruneIdentity(10_000_000, 1_000) > 0);
      const until = [20_000_000, 20_000_001, 20_000_002, 20_000_003];
      await world.storage.addRevocations(world.app, until.map((untilMs) => revocation(world, ann, `token ${untilMs}`, { untilMs })));
      expect(await world.storage.pruneIdentity(20_000_000, 10)).toBe(0);
      expect(await world.storage.pruneIdentity(20_000_003, 2)).toBe(2);
      expect(await world.storage.pruneIdentity(20_000_003, 2)).toBe(1);
      expect(await world.storage.pruneIdentity(20_000_003, 2)).toBe(0);
      expect(await before(world, 'ann', ...until.slice(0, 3).map((one) => `token ${one}`))).toBe(0);
      expect(await before(world, 'ann', 'token 20000003')).toBe(5_000);
    });
  });

  describe('accounts', () => {
    const stage = useStage(open);
    const newUser = (world: World) => {
      const id = world.ids.id('user');
      return { app: world.app, id, externalId: id, name: '', data: '{}', createdMs: 1, updatedMs: 1, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null };
    };

    it('[ISO1] are made once for a login, with their user or not at all, also when many ask at once', async () => {
      const world = stage.world();
      const users = Array.from({ length: 6 }, () => newUser(world));
      const made = await Promise.all(users.map((user) => world.storage.createAccount(account(world, user.id), user)));
      expect(made.filter(Boolean)).toHaveLength(1);
      const winner = users[made.indexOf(true)]!;
      expect(await world.storage.accountByLogin(world.app, 'ann')).toEqual(account(world, winner.id));
      expect(await world.storage.account(world.app, winner.id)).toEqual(account(world, winner.id));
      expect((await world.storage.users(world.app, 10, null)).items.map(({ id }) => id)).toEqual([winner.id]);
      expect(await world.storage.accountByLogin(world.app, 'Ann')).toBeNull();
      const other = stage.world();
      expect(await other.storage.accountByLogin(other.app, 'ann')).toBeNull();
      const there = newUser(other);
      expect(await other.storage.createAccount(account(other, there.id), there)).toBe(true);
    });

    it('[ISO1] of guests have no login, and get one later that nobody has', async () => {
      const world = stage.world();
      const [guest, second, ann] = [newUser(world), newUser(world), newUser(world)];
      for (const user of [guest, second]) expect(await world.storage.createAccount(account(world, user.id, { login: null, passwordHash: null }), user)).toBe(true);
      expect(await world.storage.createAccount(account(world, ann.id), ann)).toBe(true);
      expect(await world.storage.setAccount(account(world, guest.id))).toBe('taken');
      expect(await world.storage.account(world.app, guest.id)).toEqual(account(world, guest.id, { login: null, passwordHash: null }));
      const named = account(world, guest.id, { login: 'ben', passwordHash: 'other', changedMs: 9 });
      expect(await world.storage.setAccount(named)).toBe('done');
      expect(await world.storage.accountByLogin(world.app, 'ben')).toEqual(named);
      expect(await world.storage.setAccount(account(world, guest.id, { login: 'carl', changedMs: 10 }))).toBe('done');
      expect(await world.storage.accountByLogin(world.app, 'ben')).toBeNull();
      // A login that was given up is free, and a user without an account gets one.
      const plain = await world.user('plain');
      expect(await world.storage.setAccount(account(world, plain, { login: 'ben' }))).toBe('done');
      expect(await world.storage.account(world.app, plain)).toEqual(account(world, plain, { login: 'ben' }));
    });

    it('are changed only where they are what the caller has seen', async () => {
      const world = stage.world();
      const [ann, guest] = [newUser(world), newUser(world)];
      await world.storage.createAccount(account(world, ann.id, { passwordHash: 'first' }), ann);
      await world.storage.createAccount(account(world, guest.id, { login: null, passwordHash: null }), guest);
      const change = (fields: Partial<AccountRow>, former: string | null) => world.storage.setAccount(account(world, ann.id, fields), former);
      for (const former of ['other', '', null]) expect(await change({ passwordHash: 'third' }, former)).toBe('outdated');
      expect(await world.storage.account(world.app, ann.id)).toMatchObject({ login: 'ann', passwordHash: 'first' });
      expect(await Promise.all([change({ passwordHash: 'second', changedMs: 7 }, 'first'), change({ passwordHash: 'third', changedMs: 7 }, 'first')])).toEqual(expect.arrayContaining(['done', 'outdated']));
      expect(await world.storage.setAccount(account(world, guest.id, { login: 'ann' }), null)).toBe('taken');
      expect(await world.storage.setAccount(account(world, guest.id, { login: 'carl' }), null)).toBe('done');
      expect(await world.storage.setAccount(account(world, guest.id, { login: 'dora' }), null)).toBe('outdated');
      // Whom nobody has an account of is not given one.
      expect(await world.storage.setAccount(account(world, await world.user('plain'), { login: 'emil' }), null)).toBe('outdated');
    });
  });

  describe('sessions', () => {
    const stage = useStage(open);

    it('[RES6] are listed while they live, newest first, and end once', async () => {
      const world = stage.world();
      const [ann, ben] = await world.users(2) as [string, string];
      const rows = [sessionRow(world, ann), sessionRow(world, ann, { expiresMs: 2_000 }), sessionRow(world, ann, { formerHash: 'zero' })];
      for (const row of rows) await world.storage.createSession(row);
      await world.storage.createSession(sessionRow(world, ben));
      expect(await world.storage.sessions(world.app, ann, 2_000)).toEqual([rows[2], rows[0]]);
      expect(await world.storage.session(world.app, rows[1]!.id)).toEqual(rows[1]);
      expect(await world.storage.session(world.app, world.ids.id('session'))).toBeNull();
      await world.storage.endSessions(world.app, ben, [rows[0]!.id], 3_000);
      expect(await world.storage.session(world.app, rows[0]!.id)).toEqual(rows[0]);
      await world.storage.endSessions(world.app, ann, [rows[0]!.id, world.ids.id('session')], 3_000);
      await world.storage.endSessions(world.app, ann, [rows[0]!.id], 4_000);
      await world.storage.endSessions(world.app, ann, [], 4_000);
      expect(await world.storage.session(world.app, rows[0]!.id)).toEqual({ ...rows[0], endedMs: 3_000 });
      expect(await world.storage.sessions(world.app, ann, 2_000)).toEqual([rows[2]]);
      const other = stage.world();
      expect(await other.storage.session(other.app, rows[2]!.id)).toBeNull();
    });

    it('are listed up to a number', async () => {
      const world = stage.world();
      const ann = await world.user();
      for (let at = 0; at < SESSIONS_LISTED_MAX + 2; at += 1) await world.storage.createSession(sessionRow(world, ann));
      expect(await world.storage.sessions(world.app, ann, 0)).toHaveLength(SESSIONS_LISTED_MAX);
    });

    it('[RES6] rotate: once, again for a lost answer, and never for one that was exchanged before', async () => {
      const world = stage.world();
      const ann = await world.user();
      const row = sessionRow(world, ann);
      await world.storage.createSession(row);
      const ask = (presented: string, next: string, fields: Partial<Rotation> = {}) => world.storage.rotateSession(world.app, row.id, rotation(presented, next, fields));
      expect(await ask('one', 'two')).toBe('rotated');
      const rotated = { ...row, tokenHash: 'two', formerHash: 'one', usedMs: 2_000, expiresMs: 99_000 };
      expect(await world.storage.session(world.app, row.id)).toEqual(rotated);
      expect(await ask('one', 'two', { nowMs: 2_499 })).toBe('repeated');
      expect(await world.storage.session(world.app, row.id)).toEqual(rotated);
      expect(await ask('two', 'three', { nowMs: 2_500 })).toBe('rotated');
      // The next of the one that comes again has been exchanged itself.
      expect(await ask('one', 'two', { nowMs: 2_501 })).toBe('reused');
      expect((await world.storage.session(world.app, row.id))?.endedMs).toBe(2_501);
      expect(await ask('three', 'four', { nowMs: 2_502 })).toBe('ended');
    });

    it('[RES6] end when the token before comes too late, and when they have expired', async () => {
      const world = stage.world();
      const ann = await world.user();
      const [late, over] = [sessionRow(world, ann), sessionRow(world, ann, { expiresMs: 2_000 })];
      for (const row of [late, over]) await world.storage.createSession(row);
      expect(await world.storage.rotateSession(world.app, late.id, rotation('one', 'two'))).toBe('rotated');
      expect(await world.storage.rotateSession(world.app, late.id, rotation('one', 'two', { nowMs: 2_500 }))).toBe('reused');
      expect(await world.storage.rotateSession(world.app, over.id, rotation('one', 'two'))).toBe('ended');
      expect(await world.storage.rotateSession(world.app, world.ids.id('session'), rotation('one', 'two'))).toBe('ended');
    });

    it('[RES6] rotate once when many ask at once', async () => {
      const world = stage.world();
      const row = sessionRow(world, await world.user());
      await world.storage.createSession(row);
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => world.storage.rotateSession(world.app, row.id, rotation('one', 'two'))));
      expect(outcomes.toSorted()).toEqual([...Array.from({ length: 7 }, () => 'repeated'), 'rotated']);
    });

    it('are forgotten behind their end', async () => {
      const world = stage.world();
      const row = sessionRow(world, await world.user(), { expiresMs: 30_000_000 });
      await world.storage.createSession(row);
      while (await world.storage.pruneIdentity(30_000_000, 100) > 0);
      expect(await world.storage.session(world.app, row.id)).not.toBeNull();
      expect(await world.storage.pruneIdentity(30_000_001, 100)).toBe(1);
      expect(await world.storage.session(world.app, row.id)).toBeNull();
    });
  });

  describe('attempts', () => {
    const stage = useStage(open);

    it('are free at first, then wait twice as long each time, up to a bound', async () => {
      const { app, storage } = stage.world();
      const take = (nowMs: number) => storage.takeAttempt(app, [rule('a')], nowMs);
      for (let turn = 0; turn < 3; turn += 1) expect(await take(1_000)).toBe(0);
      expect(await take(1_000)).toBe(1_000);
      expect(await take(1_999)).toBe(1);
      expect(await take(2_000)).toBe(0);
      expect(await take(2_000)).toBe(2_000);
      expect(await take(4_000)).toBe(0);
      expect(await take(4_000)).toBe(4_000);
      expect(await take(8_000)).toBe(0);
      expect(await take(8_000)).toBe(5_000);
      // A clock that jumps back makes nobody wait longer.
      expect(await take(100)).toBe(5_000);
      // Nothing for so long, and all is forgotten.
      expect(await take(108_000)).toBe(0);
      expect(await take(108_000)).toBe(0);
    });

    it('count by all rules or by none, and for one app', async () => {
      const { app, storage } = stage.world();
      const other = stage.world();
      const both = [rule('one', { free: 1 }), rule('two', { free: 9 })];
      expect(await storage.takeAttempt(app, both, 1_000)).toBe(0);
      for (let turn = 0; turn < 20; turn += 1) expect(await storage.takeAttempt(app, both, 1_000)).toBe(1_000);
      for (let turn = 0; turn < 8; turn += 1) expect(await storage.takeAttempt(app, [both[1]!], 1_000)).toBe(0);
      expect(await storage.takeAttempt(app, [both[1]!], 1_000)).toBe(1_000);
      expect(await other.storage.takeAttempt(other.app, both, 1_000)).toBe(0);
      // What is given back in one app opens nothing in another.
      await other.storage.settleAttempt(other.app, { forget: [], back: ['one', 'two'], known: null }, 1_000);
      expect(await storage.takeAttempt(app, [both[1]!], 1_000)).toBe(1_000);
    });

    it('are counted one by one when many come at once', async () => {
      const { app, storage } = stage.world();
      const waits = await Promise.all(Array.from({ length: 20 }, () => storage.takeAttempt(app, [rule('b', { free: 1, delay_ms: 1_000 }), rule('a', { free: 5 })], 1_000)));
      expect(waits.filter((wait) => wait === 0)).toHaveLength(1);
    });

    it('begin anew, are given back, and are noted', async () => {
      const { app, storage } = stage.world();
      for (let turn = 0; turn < 3; turn += 1) await storage.takeAttempt(app, [rule('a'), rule('b')], 1_000);
      await storage.settleAttempt(app, { forget: ['a'], back: ['b', 'c'], known: { name: 'here', untilMs: 5_000 } }, 1_000);
      for (let turn = 0; turn < 3; turn += 1) expect(await storage.takeAttempt(app, [rule('a')], 1_000)).toBe(0);
      expect(await storage.takeAttempt(app, [rule('a')], 1_000)).toBe(1_000);
      expect([await storage.takeAttempt(app, [rule('b')], 1_000), await storage.takeAttempt(app, [rule('b')], 1_000)]).toEqual([0, 1_000]);
      expect([await storage.attemptKnown(app, 'here', 4_999), await storage.attemptKnown(app, 'here', 5_000), await storage.attemptKnown(app, 'there', 0)]).toEqual([true, false, false]);
    });
  });
}
