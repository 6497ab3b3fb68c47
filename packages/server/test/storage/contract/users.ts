import { describe, expect, it } from 'vitest';
import type { UserRow } from '../../../src/storage/rows.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { useStage } from './stage.js';

const userRow = (world: World, externalId: string, fields: Partial<UserRow> = {}): UserRow => ({
  app: world.app, id: world.ids.id('user'), externalId, name: 'Ann', data: '{"a":1}', createdMs: 10, updatedMs: 11, tokensNotBeforeMs: 0, settings: '{}', deactivatedMs: null, ...fields,
});

export function usersContract(open: OpenHarness): void {
  describe('users', () => {
    const stage = useStage(open);

    it('[ISO1] are made once per external id, also when many ask at once', async () => {
      const world = stage.world();
      const rows = Array.from({ length: 8 }, (_, at) => userRow(world, 'ext|1', { name: `n${at}` }));
      const made = await Promise.all(rows.map((row) => world.storage.createUser(row)));
      expect(new Set(made.map((row) => row.id)).size).toBe(1);
      const first = made[0]!;
      expect(rows).toContainEqual(first);
      expect(await world.storage.userByExternalId(world.app, 'ext|1')).toEqual(first);
      const found = await Promise.all(rows.map((row) => world.storage.user(world.app, row.id)));
      expect(found.filter((user) => user !== null)).toEqual([first]);
      expect(await world.storage.userByExternalId(world.app, 'ext|2')).toBeNull();
    });

    it('[ISO1] are refused under an id that is taken, without a word of whose it is', async () => {
      const world = stage.world();
      const first = await world.storage.createUser(userRow(world, 'one'));
      await expect(world.storage.createUser(userRow(world, 'two', { id: first.id }))).rejects.toMatchObject({
        code: 'invalid_argument', message: 'The database does not take these values.',
      });
      expect(await world.storage.userByExternalId(world.app, 'two')).toBeNull();
    });

    it('[SND2] change field by field', async () => {
      const world = stage.world();
      const row = await world.storage.createUser(userRow(world, 'one'));
      const renamed = await world.storage.updateUser(world.app, row.id, { name: 'New', updatedMs: 20 });
      expect(renamed).toEqual({ ...row, name: 'New', updatedMs: 20 });
      const all = await world.storage.updateUser(world.app, row.id, { data: '{}', tokensNotBeforeMs: 5, updatedMs: 21 });
      expect(all).toEqual({ ...row, name: 'New', data: '{}', tokensNotBeforeMs: 5, updatedMs: 21 });
      expect(await world.storage.user(world.app, row.id)).toEqual(all);
      expect(await world.storage.updateUser(world.app, world.ids.id('user'), { name: 'x', updatedMs: 1 })).toBeNull();
    });

    it('[ISO1] come by ids in the order that was asked for, and page by page in order of ids', async () => {
      const world = stage.world();
      const ids = await world.users(5);
      const asked = [ids[3]!, world.ids.id('user'), ids[0]!];
      expect((await world.storage.usersById(world.app, asked)).map((row) => row.id)).toEqual([ids[3], ids[0]]);
      expect(await world.storage.usersById(world.app, [])).toEqual([]);
      for (const limit of [1, 2, 5, 6]) {
        const seen: string[] = [];
        for (let after: string | null = null; ;) {
          const page = await world.storage.users(world.app, limit, after);
          seen.push(...page.items.map((row) => row.id));
          if (!page.more) break;
          after = seen.at(-1)!;
        }
        expect(seen).toEqual([...ids].sort());
      }
    });

    it('[ISO1] were last seen when it was written last, and never before that', async () => {
      const world = stage.world();
      const other = stage.world();
      const [ann, ben, nobody, foreign] = [await world.user(), await world.user(), world.ids.id('user'), await other.user()];
      const seen = async (...users: string[]) => new Map((await world.storage.lastSeen(world.app, null, users)).map(({ user, seenMs }) => [user, seenMs]));
      expect(await seen(ann, nobody, foreign)).toEqual(new Map([[ann, null]]));
      const rows = (...times: [user: string, seenMs: number][]) => times.map(([user, seenMs]) => ({ app: world.app, user, seenMs }));
      await world.storage.addSeen([...rows([ann, 500], [ben, 700], [nobody, 1], [foreign, 1], [ann, 400]), { app: other.app, user: foreign, seenMs: 9 }]);
      expect(await seen(ann, ben, nobody, foreign)).toEqual(new Map([[ann, 500], [ben, 700]]));
      await world.storage.addSeen(rows([ann, 499], [ben, 701]));
      expect(await seen(ann, ben, ann)).toEqual(new Map([[ann, 500], [ben, 701]]));
      expect(await world.storage.lastSeen(other.app, null, [foreign, ann])).toEqual([{ user: foreign, seenMs: 9, settings: '{}', blocked: false }]);
      await world.storage.addSeen([]);
      expect(await world.storage.lastSeen(world.app, null, [])).toEqual([]);
      // Nothing else of them changes.
      expect(await world.storage.user(world.app, ann)).toMatchObject({ updatedMs: 1 });
    });

    it('[ISO2] were last seen only by themselves and by those with whom they share a conversation now', async () => {
      const world = stage.world();
      const [ann, ben, carol, dora] = await world.users(4) as [string, string, string, string];
      const group = await world.group(ann, [ben]);
      await world.group(ben, [carol]);
      await world.storage.addSeen([ann, ben, carol, dora].map((user) => ({ app: world.app, user, seenMs: 5 })));
      const seenBy = async (viewer: string) => (await world.storage.lastSeen(world.app, viewer, [ann, ben, carol, dora])).map(({ user }) => user).sort();
      expect(await seenBy(ann)).toEqual([ann, ben].sort());
      expect(await seenBy(ben)).toEqual([ann, ben, carol].sort());
      expect(await seenBy(dora)).toEqual([dora]);
      expect(await seenBy(world.ids.id('user'))).toEqual([]);
      await world.leave(group, ben);
      expect(await seenBy(ann)).toEqual([ann]);
      expect(await seenBy(ben)).toEqual([ben, carol].sort());
    });

    it('[ISO2] were last seen by who shares one conversation with them, however many either of the two is in', async () => {
      const world = stage.world();
      const [viewer, busy, quiet, shy, stranger] = await world.users(5) as [string, string, string, string, string];
      const others = await world.users(6);
      for (const other of others.slice(0, 3)) await world.group(viewer, [other]);
      const old = await world.group(viewer, [shy]);
      await world.group(viewer, [busy, quiet]);
      for (const other of others) await world.group(busy, [other]);
      for (const other of others) await world.group(stranger, [other]);
      const all = [viewer, busy, quiet, shy, stranger, ...others];
      const seenBy = async (user: string) => (await world.storage.lastSeen(world.app, user, all)).map((row) => row.user).sort();
      expect(await seenBy(viewer)).toEqual([viewer, busy, quiet, shy, ...others.slice(0, 3)].sort());
      expect(await seenBy(busy)).toEqual([viewer, busy, quiet, ...others].sort());
      expect(await seenBy(stranger)).toEqual([stranger, ...others].sort());
      await world.leave(old, viewer);
      expect(await seenBy(viewer)).toEqual([viewer, busy, quiet, ...others.slice(0, 3)].sort());
      expect(await seenBy(shy)).toEqual([shy]);
    });

    it('[ISO2] come with their settings, and with whether one of the two has blocked the other, to a viewer', async () => {
      const world = stage.world();
      const other = stage.world();
      const [ann, ben, carol] = await world.users(3) as [string, string, string];
      await world.group(ann, [ben, carol]);
      const block = (subject: string, whom: string, on: boolean) => world.done(world.command('block.set', { user: subject, subject, other: whom, on, direct: null }));
      const blockedFor = async (viewer: string | null) =>
        (await world.storage.lastSeen(world.app, viewer, [ann, ben, carol, ben])).flatMap(({ user, blocked }) => (blocked ? [user] : [])).sort();
      expect([await blockedFor(ann), await blockedFor(ben)]).toEqual([[], []]);
      await block(ann, ben, true);
      await block(carol, ann, true);
      expect(await blockedFor(ann)).toEqual([ben, carol].sort());
      expect([await blockedFor(ben), await blockedFor(carol), await blockedFor(null)]).toEqual([[ann], [ann], []]);
      await block(ann, ben, false);
      expect([await blockedFor(ann), await blockedFor(ben)]).toEqual([[carol], []]);
      await world.done(world.command('privacy.set', { user: ben, subject: ben, change: { last_seen: false } }));
      const [seen] = await world.storage.lastSeen(world.app, ann, [ben]);
      expect(JSON.parse(seen!.settings)).toEqual({ last_seen: false });
      // ISO1: the same ids in another app are nobody's.
      expect(await other.storage.lastSeen(other.app, ann, [ann, ben, carol])).toEqual([]);
    });

    it('[RES6] and keys are named that were revoked since a moment', async () => {
      const { app, ids, storage } = stage.world();
      const revoked = ids.id('user');
      for (const [id, updatedMs, tokensNotBeforeMs] of [[revoked, 9_000, 4_000], [ids.id('user'), 8_999, 4_000], [ids.id('user'), 9_500, 0]] as const) {
        await storage.createUser({ app, id, externalId: id, name: '', data: '{}', createdMs: 1, updatedMs, tokensNotBeforeMs, settings: '{}', deactivatedMs: null });
      }
      const key = (id: string, revokedMs: number | null) => storage.createKey({
        id, app, name: 'k', prefix: 'tk', hash: 'h', scopes: [], createdMs: 1, expiresMs: null, revokedMs, lastUsedMs: null,
      });
      const gone = await key(ids.id('key'), 9_000);
      await key(ids.id('key'), 8_000);
      await key(ids.id('key'), null);
      const found = await storage.revocations(9_000);
      expect(found.users.filter((one) => one.app === app)).toEqual([{ app, user: revoked, beforeMs: 4_000 }]);
      expect(found.keys).toContain(gone.id);
      expect(found.keys.filter((id) => id === gone.id)).toHaveLength(1);
      expect((await storage.revocations(9_001)).keys).not.toContain(gone.id);
    });
  });
}
