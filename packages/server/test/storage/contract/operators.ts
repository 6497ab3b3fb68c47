import { describe, expect, it } from 'vitest';
import type { LinkAccepted } from '../../../src/storage/operator-rules.js';
import type { OperatorLinkRow, OperatorRow, OperatorSessionRow } from '../../../src/storage/rows.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { useStage } from './stage.js';

const operatorRow = (world: World, fields: Partial<OperatorRow> = {}): OperatorRow => {
  const id = world.ids.id('operator');
  return { id, login: `ann-${id}`, name: 'Ännä "1"', role: 'viewer', passwordHash: '$argon2id$x', disabled: false, createdMs: 1, seenMs: null, ...fields };
};
const linkRow = (world: World, operator: string | null, fields: Partial<OperatorLinkRow> = {}): OperatorLinkRow => ({ hash: `link-${world.ids.id('request')}`, operator, createdMs: 1, expiresMs: 90_000, ...fields });
const sessionRow = (world: World, operator: string, fields: Partial<OperatorSessionRow> = {}): OperatorSessionRow => {
  const id = world.ids.id('session');
  return { id, operator, hash: `hash-${id}`, address: '2001:db8::1', agent: 'Browser "ä"', createdMs: 5, usedMs: 5, expiresMs: 90_000, ...fields };
};
const by = (world: World, fields: Partial<LinkAccepted> = {}): LinkAccepted => ({ nowMs: 10, login: null, name: null, passwordHash: '$argon2id$new', newId: world.ids.id('operator'), ...fields });

/** Who runs the installation. They belong to no app, and tests of one storage see those of each other. */
export function operatorsContract(open: OpenHarness): void {
  describe('operators', () => {
    const stage = useStage(open);
    const made = async (world: World, fields: Partial<OperatorRow> = {}): Promise<OperatorRow> => {
      const row = operatorRow(world, fields);
      await world.storage.createOperator(row);
      return row;
    };

    // First: nobody has been made yet.
    it('there is no owner at the beginning, nor by an invitation, one who is disabled, or another role', async () => {
      const world = stage.world();
      expect(await world.storage.ownerKnown()).toBe(false);
      await made(world, { role: 'owner', login: null, passwordHash: null });
      await made(world, { role: 'owner', disabled: true });
      await made(world, { role: 'admin' });
      expect(await world.storage.ownerKnown()).toBe(false);
    });

    it('the link of the first owner makes one of many who come at once, and is no good to anybody later', async () => {
      const world = stage.world();
      const links = [linkRow(world, null), linkRow(world, null)];
      for (const link of links) await world.storage.addOperatorLink(link);
      expect(await world.storage.operatorLink(links[0]!.hash)).toEqual(links[0]);
      const outcomes = await Promise.all(Array.from({ length: 6 }, (_, at) => world.storage.acceptOperatorLink(links[at % 2]!.hash, by(world, { login: `first-${at}`, name: 'First' }))));
      const done = outcomes.flatMap((one) => (one.outcome === 'accepted' ? [one.operator] : []));
      expect(done).toHaveLength(1);
      expect(await world.storage.operator(done[0]!.id)).toEqual({ id: done[0]!.id, login: done[0]!.login, name: 'First', role: 'owner', passwordHash: '$argon2id$new', disabled: false, createdMs: 10, seenMs: null });
      expect(await world.storage.ownerKnown()).toBe(true);
      for (const { hash } of links) expect(await world.storage.operatorLink(hash)).toBeNull();
      const late = linkRow(world, null);
      await world.storage.addOperatorLink(late);
      expect(await world.storage.acceptOperatorLink(late.hash, by(world, { login: 'late' }))).toEqual({ outcome: 'absent' });
      // As it was for everything behind: no owner.
      const others = await made(world, { role: 'owner' });
      expect((await world.storage.changeOperator(done[0]!.id, { role: 'viewer' })).outcome).toBe('done');
      expect((await world.storage.changeOperator(others.id, { role: 'viewer' })).outcome).toBe('last_owner');
    });

    it('are made, found by id and by login, and listed in order', async () => {
      const world = stage.world();
      const rows = [await made(world), await made(world, { login: null, passwordHash: null, role: 'moderator', seenMs: 7 }), await made(world, { disabled: true })];
      for (const row of rows) expect(await world.storage.operator(row.id)).toEqual(row);
      expect(await world.storage.operatorByLogin(rows[0]!.login!)).toEqual(rows[0]);
      expect(await world.storage.operatorByLogin(rows[0]!.login!.toUpperCase())).toBeNull();
      expect(await world.storage.operator(world.ids.id('operator'))).toBeNull();
      const all = (await world.storage.operators(200, null)).items;
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted());
      const ids = new Set(rows.map(({ id }) => id));
      expect(all.filter(({ id }) => ids.has(id))).toEqual(rows.toSorted((left, right) => (left.id < right.id ? -1 : 1)));
      const before = all.at(-3)!;
      expect(await world.storage.operators(1, before.id)).toEqual({ items: [all.at(-2)], more: true });
      expect(await world.storage.operators(2, before.id)).toEqual({ items: all.slice(-2), more: false });
      await expect(world.storage.createOperator({ ...operatorRow(world), login: rows[0]!.login })).rejects.toMatchObject({ code: 'invalid_argument' });
    });

    it('change, and their sessions end when the role is lower, they are disabled, or the password is another one', async () => {
      const world = stage.world();
      const row = await made(world, { role: 'admin' });
      const start = async (): Promise<OperatorSessionRow[]> => {
        const rows = [sessionRow(world, row.id), sessionRow(world, row.id)];
        const { passwordHash } = (await world.storage.operator(row.id))!;
        for (const session of rows) expect(await world.storage.createOperatorSession(session, passwordHash!, 10)).toBe(true);
        return rows;
      };
      const live = async () => (await world.storage.operatorSessions(row.id)).map(({ id }) => id);
      const [one, two] = await start() as [OperatorSessionRow, OperatorSessionRow];
      expect(await world.storage.changeOperator(row.id, { name: 'Ben', role: 'owner' })).toMatchObject({ outcome: 'done', ends: false, row: { name: 'Ben', role: 'owner' } });
      await made(world, { role: 'owner' });
      expect(await live()).toEqual([two.id, one.id]);
      await world.storage.changeOperator(row.id, { passwordHash: 'other', keepSession: one.id });
      expect(await live()).toEqual([one.id]);
      await world.storage.changeOperator(row.id, { role: 'moderator' });
      expect(await live()).toEqual([]);
      await start();
      await world.storage.changeOperator(row.id, { disabled: true });
      expect(await live()).toEqual([]);
      expect(await world.storage.operator(row.id)).toMatchObject({ name: 'Ben', role: 'moderator', disabled: true, passwordHash: 'other' });
      expect(await world.storage.changeOperator(world.ids.id('operator'), { name: 'x' })).toEqual({ outcome: 'absent' });
    });

    it('there stays an owner, also when two remove each other at once', async () => {
      const world = stage.world();
      for (const { id, role } of (await world.storage.operators(200, null)).items) if (role === 'owner') await world.storage.changeOperator(id, { disabled: true });
      const left = (await world.storage.operators(200, null)).items.filter((row) => row.role === 'owner' && !row.disabled && row.login !== null);
      expect(left).toHaveLength(1);
      const other = await made(world, { role: 'owner' });
      const outcomes = await Promise.all([world.storage.deleteOperator(left[0]!.id), world.storage.changeOperator(other.id, { role: 'admin' })]);
      expect(outcomes.map((one) => (typeof one === 'string' ? one : one.outcome)).toSorted()).toEqual(['done', 'last_owner']);
      expect(await world.storage.ownerKnown()).toBe(true);
      const rest = (await world.storage.operators(200, null)).items.find((row) => row.role === 'owner' && !row.disabled && row.login !== null)!;
      expect(await world.storage.deleteOperator(rest.id)).toBe('last_owner');
      expect(await world.storage.changeOperator(rest.id, { disabled: true })).toEqual({ outcome: 'last_owner' });
      expect(await world.storage.operator(rest.id)).toEqual(rest);
      expect(await world.storage.deleteOperator(world.ids.id('operator'))).toBe('absent');
    });

    it('are deleted with links and sessions, and nobody else is', async () => {
      const world = stage.world();
      const [gone, stays] = [await made(world), await made(world)];
      const links = [linkRow(world, gone.id), linkRow(world, stays.id)] as const;
      const sessions = [sessionRow(world, gone.id), sessionRow(world, stays.id)] as const;
      for (const link of links) await world.storage.addOperatorLink(link);
      for (const session of sessions) await world.storage.createOperatorSession(session, '$argon2id$x', 10);
      expect(await world.storage.deleteOperator(gone.id)).toBe('done');
      expect(await Promise.all([world.storage.operator(gone.id), world.storage.operatorLink(links[0].hash), world.storage.operatorSession(sessions[0].hash)])).toEqual([null, null, null]);
      expect(await world.storage.operatorLink(links[1].hash)).toEqual(links[1]);
      expect(await world.storage.operatorSession(sessions[1].hash)).toEqual({ session: sessions[1], operator: { ...stays, seenMs: 5 } });
    });

    it('take up an invitation once, with a login that nobody has', async () => {
      const world = stage.world();
      const [ann, invited] = [await made(world), await made(world, { login: null, passwordHash: null, name: '', role: 'moderator' })];
      const link = linkRow(world, invited.id);
      await world.storage.addOperatorLink(link);
      expect(await world.storage.acceptOperatorLink(link.hash, by(world, { login: ann.login }))).toEqual({ outcome: 'taken' });
      expect(await world.storage.acceptOperatorLink(link.hash, by(world))).toEqual({ outcome: 'absent' });
      expect(await world.storage.acceptOperatorLink(link.hash, by(world, { login: `b-${invited.id}`, nowMs: 90_000 }))).toEqual({ outcome: 'absent' });
      const asks = Array.from({ length: 5 }, () => world.storage.acceptOperatorLink(link.hash, by(world, { login: `b-${invited.id}`, name: 'Ben' })));
      expect((await Promise.all(asks)).map(({ outcome }) => outcome).toSorted()).toEqual(['absent', 'absent', 'absent', 'absent', 'accepted']);
      expect(await world.storage.operator(invited.id)).toEqual({ ...invited, login: `b-${invited.id}`, name: 'Ben', passwordHash: '$argon2id$new' });
    });

    it('set a new password by a link: name and login stay, sessions and other links end; not who is disabled', async () => {
      const world = stage.world();
      const [ann, off] = [await made(world), await made(world, { disabled: true })];
      const session = sessionRow(world, ann.id);
      await world.storage.createOperatorSession(session, '$argon2id$x', 10);
      const [first, second, dead] = [linkRow(world, ann.id), linkRow(world, ann.id), linkRow(world, off.id)];
      for (const link of [first, second, dead]) await world.storage.addOperatorLink(link);
      expect(await world.storage.acceptOperatorLink(first.hash, by(world))).toEqual({ outcome: 'absent' });
      expect(await world.storage.acceptOperatorLink(dead.hash, by(world))).toEqual({ outcome: 'absent' });
      expect(await world.storage.acceptOperatorLink(second.hash, by(world, { login: 'other', name: 'Other' }))).toMatchObject({ outcome: 'accepted', operator: { id: ann.id } });
      expect(await world.storage.operator(ann.id)).toEqual({ ...ann, passwordHash: '$argon2id$new', seenMs: 5 });
      expect(await world.storage.operatorSessions(ann.id)).toEqual([]);
      expect(await world.storage.acceptOperatorLink(second.hash, by(world))).toEqual({ outcome: 'absent' });
    });

    it('are signed in up to a number, with the password of now, and are seen', async () => {
      const world = stage.world();
      const [ann, off] = [await made(world), await made(world, { disabled: true })];
      const rows = Array.from({ length: 4 }, () => sessionRow(world, ann.id));
      for (const row of rows) expect(await world.storage.createOperatorSession(row, '$argon2id$x', 3)).toBe(true);
      expect(await world.storage.operatorSessions(ann.id)).toEqual([rows[3], rows[2], rows[1]]);
      expect(await world.storage.operatorSession(rows[0]!.hash)).toBeNull();
      expect(await world.storage.createOperatorSession(sessionRow(world, ann.id), 'another', 3)).toBe(false);
      expect(await world.storage.createOperatorSession(sessionRow(world, off.id), '$argon2id$x', 3)).toBe(false);
      expect(await world.storage.createOperatorSession(sessionRow(world, world.ids.id('operator')), '$argon2id$x', 3)).toBe(false);
      await world.storage.useOperatorSession(rows[2]!.id, 70_000);
      expect(await world.storage.operatorSession(rows[2]!.hash)).toEqual({ session: { ...rows[2], usedMs: 70_000 }, operator: { ...ann, seenMs: 70_000 } });
      await world.storage.useOperatorSession(rows[0]!.id, 80_000);
      expect((await world.storage.operator(ann.id))?.seenMs).toBe(70_000);
      expect(await world.storage.endOperatorSessions(off.id, [rows[3]!.id])).toBe(0);
      expect(await world.storage.endOperatorSessions(ann.id, [rows[3]!.id, rows[0]!.id])).toBe(1);
      expect((await world.storage.operatorSessions(ann.id)).map(({ id }) => id)).toEqual([rows[2]!.id, rows[1]!.id]);
    });

    it('links and sessions are forgotten behind their end', async () => {
      const world = stage.world();
      const ann = await made(world);
      while (await world.storage.pruneIdentity(50_000_000, 1_000) > 0);
      await world.storage.addOperatorLink(linkRow(world, ann.id, { hash: 'pruned', expiresMs: 60_000_000 }));
      await world.storage.createOperatorSession(sessionRow(world, ann.id, { hash: 'pruned', expiresMs: 60_000_000 }), '$argon2id$x', 3);
      expect(await world.storage.pruneIdentity(60_000_000, 10)).toBe(0);
      expect(await world.storage.pruneIdentity(60_000_001, 10)).toBe(2);
      expect(await Promise.all([world.storage.operatorLink('pruned'), world.storage.operatorSession('pruned')])).toEqual([null, null]);
    });
  });
}
