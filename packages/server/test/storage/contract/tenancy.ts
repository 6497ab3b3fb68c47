import { describe, expect, it } from 'vitest';
import type { AppRow, KeyRow, TenantRow } from '../../../src/storage/rows.js';
import type { Paged } from '../../../src/storage/port.js';
import type { OpenHarness } from '../harness.js';
import { createWorld, refusedWith, type World } from '../world.js';
import { useStage } from './stage.js';

const tenantRow = (world: World, fields: Partial<TenantRow> = {}): TenantRow => ({ id: world.ids.id('tenant'), name: 'Acme', status: 'active', createdMs: 1, ...fields });
const appRow = (world: World, tenant: string, fields: Partial<AppRow> = {}): AppRow => ({
  id: world.ids.id('app'), tenant, name: 'Chat', publicKey: `pk_${world.ids.id('request')}`, sealedSecret: 'sealed', allowedOrigins: ['https://a.example', 'https://b.example'],
  retentionDays: null, createUsers: false, linkPreviews: false, textMax: 10_000, issuers: [], identity: null, createdMs: 2, ...fields,
});
const keyRow = (world: World, app: string | null, fields: Partial<KeyRow> = {}): KeyRow => ({
  id: world.ids.id('key'), app, name: 'server', prefix: 'tk_1', hash: 'hash', scopes: ['read', 'write'], createdMs: 3, expiresMs: null, revokedMs: null, lastUsedMs: null, ...fields,
});
const ISSUER = { issuer: 'https://a.example', audiences: ['one', 'two'], jwksUrl: 'https://a.example/keys', userClaim: 'sub', userPrefix: 'a:', algorithms: ['RS256'], createUsers: true };
const IDENTITY = { register: true, guests: false, tokenS: 900, sessionDays: 30 };
const taken = { code: 'invalid_argument', message: 'The database does not take these values.' };

async function allPages<T extends { readonly id: string }>(ask: (after: string | null) => Promise<Paged<T>>): Promise<T[]> {
  const seen: T[] = [];
  for (let after: string | null = null; ;) {
    const page = await ask(after);
    seen.push(...page.items);
    if (!page.more) return seen;
    after = seen.at(-1)!.id;
  }
}

/** Tenants, apps and keys. */
export function tenancyContract(open: OpenHarness): void {
  describe('tenants, apps and keys', () => {
    const stage = useStage(open);

    it('[ISO1] are made, found, changed and refused when they are there already', async () => {
      const world = stage.world();
      const { storage } = world;
      const tenant = tenantRow(world);
      expect(await storage.createTenant(tenant)).toEqual(tenant);
      expect(await storage.tenant(tenant.id)).toEqual(tenant);
      await expect(storage.createTenant(tenant)).rejects.toMatchObject(taken);
      expect(await storage.updateTenant(tenant.id, { status: 'suspended' })).toEqual({ ...tenant, status: 'suspended' });
      expect(await storage.updateTenant(tenant.id, { name: 'New' })).toEqual({ ...tenant, name: 'New', status: 'suspended' });
      expect(await storage.tenant(tenant.id)).toEqual({ ...tenant, name: 'New', status: 'suspended' });

      const app = appRow(world, tenant.id);
      expect(await storage.createApp(app)).toEqual(app);
      expect(await storage.app(app.id)).toEqual(app);
      expect(await storage.appByPublicKey(app.publicKey)).toEqual(app);
      expect(await storage.appByPublicKey('pk_none')).toBeNull();
      await expect(storage.createApp({ ...app, publicKey: 'pk_other' })).rejects.toMatchObject(taken);
      await expect(storage.createApp(appRow(world, tenant.id, { publicKey: app.publicKey }))).rejects.toMatchObject(taken);
      await expect(storage.createApp(appRow(world, world.ids.id('tenant')))).rejects.toMatchObject(taken);
      const changed = { ...app, name: 'New', allowedOrigins: [], retentionDays: 30, createUsers: true, linkPreviews: true, textMax: 9_000 };
      expect(await storage.updateApp(app.id, { name: 'New', allowedOrigins: [], retentionDays: 30, createUsers: true, linkPreviews: true, textMax: 9_000 })).toEqual(changed);
      expect(await storage.app(app.id)).toEqual(changed);
      expect(await storage.updateApp(app.id, { retentionDays: null })).toEqual({ ...changed, retentionDays: null });

      const auth = { issuers: [ISSUER, { ...ISSUER, issuer: 'https://b.example', jwksUrl: null }], identity: IDENTITY };
      const named = { ...changed, retentionDays: null, ...auth };
      expect(await storage.updateApp(app.id, { issuers: auth.issuers })).toEqual({ ...named, identity: null });
      expect(await storage.updateApp(app.id, { identity: IDENTITY })).toEqual(named);
      expect(await storage.updateApp(app.id, { name: 'New' })).toEqual(named);
      for (const row of [await storage.app(app.id), await storage.appByPublicKey(app.publicKey), (await storage.apps(tenant.id, 1, null)).items[0]]) expect(row).toEqual(named);
      expect(await storage.updateApp(app.id, { issuers: [], identity: null })).toEqual({ ...named, issuers: [], identity: null });
      expect(await storage.app(app.id)).toEqual({ ...named, issuers: [], identity: null });
      const second = appRow(world, tenant.id, auth);
      expect(await storage.createApp(second)).toEqual(second);
      expect(await storage.app(second.id)).toEqual(second);
      expect(await storage.deleteApp(second.id)).toBe(true);
      // What it had set is gone with it.
      expect(await storage.createApp({ ...second, issuers: [], identity: null })).toMatchObject({ id: second.id });
      expect(await storage.app(second.id)).toMatchObject({ issuers: [], identity: null });

      const key = keyRow(world, app.id);
      expect(await storage.createKey(key)).toEqual(key);
      expect(await storage.key(key.id)).toEqual(key);
      await expect(storage.createKey(key)).rejects.toMatchObject(taken);
      expect(await storage.updateKey(key.id, { revokedMs: 9, lastUsedMs: 8 })).toEqual({ ...key, revokedMs: 9, lastUsedMs: 8 });
      expect(await storage.updateKey(key.id, { expiresMs: 7 })).toEqual({ ...key, expiresMs: 7, revokedMs: 9, lastUsedMs: 8 });
      const admin = keyRow(world, null);
      expect(await storage.createKey(admin)).toEqual(admin);
      expect(await storage.key(admin.id)).toEqual(admin);
    });

    it('[ISO1] give nothing under ids that are not there', async () => {
      const { storage, ids } = stage.world();
      expect(await storage.tenant(ids.id('tenant'))).toBeNull();
      expect(await storage.updateTenant(ids.id('tenant'), { name: 'x' })).toBeNull();
      expect(await storage.deleteTenant(ids.id('tenant'))).toBe(false);
      expect(await storage.app(ids.id('app'))).toBeNull();
      expect(await storage.updateApp(ids.id('app'), { name: 'x' })).toBeNull();
      expect(await storage.deleteApp(ids.id('app'))).toBe(false);
      expect(await storage.key(ids.id('key'))).toBeNull();
      expect(await storage.updateKey(ids.id('key'), { revokedMs: 1 })).toBeNull();
    });

    it('[ISO1] are listed page by page, each list with its own', async () => {
      const world = stage.world();
      const { storage } = world;
      const before = { tenants: (await allPages((after) => storage.tenants(50, after))).length, apps: (await allPages((after) => storage.apps(null, 50, after))).length, keys: (await allPages((after) => storage.keys(null, 50, after))).length };
      const tenants = [await storage.createTenant(tenantRow(world)), await storage.createTenant(tenantRow(world))];
      const apps: AppRow[] = [];
      for (const at of [0, 1, 0, 0, 1]) apps.push(await storage.createApp(appRow(world, tenants[at]!.id)));
      const keys: KeyRow[] = [];
      for (const at of [0, 1, 0, 0]) keys.push(await storage.createKey(keyRow(world, apps[at]!.id)));
      keys.push(await storage.createKey(keyRow(world, null)));
      for (const limit of [1, 2, 3, 10]) {
        expect(await allPages((after) => storage.tenants(limit, after))).toHaveLength(before.tenants + 2);
        expect(await allPages((after) => storage.apps(null, limit, after))).toHaveLength(before.apps + 5);
        expect(await allPages((after) => storage.keys(null, limit, after))).toHaveLength(before.keys + 5);
        expect(await allPages((after) => storage.apps(tenants[0]!.id, limit, after))).toEqual([apps[0], apps[2], apps[3]]);
        expect(await allPages((after) => storage.keys(apps[0]!.id, limit, after))).toEqual([keys[0], keys[2], keys[3]]);
        expect(await allPages((after) => storage.keys(apps[4]!.id, limit, after))).toEqual([]);
      }
    });

    it('[ISO1] a deleted app takes everything of its own with it and nothing of another', async () => {
      const { storage } = stage.harness();
      const scenes = [];
      for (const world of [stage.world(), stage.world()]) {
        const tenant = await storage.createTenant(tenantRow(world));
        const app = await storage.createApp(appRow(world, tenant.id, { id: world.app }));
        const key = await storage.createKey(keyRow(world, app.id));
        const [ann, ben] = await world.users(2) as [string, string];
        const group = await world.group(ann, [ben]);
        const sent = world.message({ user: ann, conversation: group, text: 'x' });
        await world.done(sent);
        const lease = (await storage.lease(`usage ${world.app}`, 'me', 1, 1))!;
        await storage.commitProgress(lease, 1, [{ app: world.app, hourMs: 0, messages: 1, facts: 2, bytes: 3 }]);
        await storage.addDeadLetter({ name: 'letters', position: (await storage.info()).position, app: world.app, stream: group, seq: 4, error: 'e', timeMs: 1 });
        scenes.push({ world, tenant, app, key, ann, group, sent, facts: await world.facts(group, ann) });
      }
      // A client id is its maker's own: that of another app may be the same one.
      const twin = { ...scenes[0]!.world.message({ user: scenes[0]!.ann, conversation: scenes[0]!.group, text: 'twin' }), clientId: scenes[1]!.sent.clientId };
      await scenes[0]!.world.done(twin);
      scenes[0]!.facts = await scenes[0]!.world.facts(scenes[0]!.group, scenes[0]!.ann);
      // The last facts of the store go with it: their positions are not given again.
      const [kept, gone] = scenes as [typeof scenes[0], typeof scenes[0]];
      const { position } = await storage.info();
      expect(await storage.deleteApp(gone.app.id)).toBe(true);
      expect((await kept.world.done(twin)).duplicate).toBe(true);

      expect(await storage.app(gone.app.id)).toBeNull();
      expect(await storage.key(gone.key.id)).toBeNull();
      expect(await storage.user(gone.app.id, gone.ann)).toBeNull();
      expect(await storage.conversation(gone.app.id, null, gone.group)).toBeNull();
      expect(await storage.head(gone.app.id, gone.group)).toBeNull();
      expect(await storage.intervals(gone.app.id, gone.group, gone.ann)).toEqual([]);
      expect(await storage.userByExternalId(gone.app.id, 'user-1')).toBeNull();
      expect((await storage.inbox(gone.app.id, gone.ann, 10, null)).items).toEqual([]);
      expect(await storage.usage(gone.app.id, 0, 1)).toEqual([]);
      expect((await storage.deadLetters('letters', 10)).map((letter) => letter.app)).toEqual([kept.app.id]);
      expect((await storage.factsAfterPosition(0, 100_000)).filter((fact) => fact.app === gone.app.id)).toEqual([]);
      expect((await storage.info()).position).toBe(position);
      // Its key has gone, too: the repeat is a new command, about nothing.
      expect(refusedWith(await gone.world.append(gone.sent))).toBe('not_found');
      expect((await kept.world.done(kept.sent)).duplicate).toBe(true);

      expect(await storage.key(kept.key.id)).toEqual(kept.key);
      expect(await kept.world.facts(kept.group, kept.ann)).toEqual(kept.facts);
      expect(await storage.usage(kept.app.id, 0, 1)).toHaveLength(1);
      // The same ids can come again, as new ones.
      const again = createWorld(storage, 77_777);
      const user = await again.user();
      await again.group(user, []);
      expect(await storage.deleteTenant(kept.tenant.id)).toBe(true);
      expect(await storage.app(kept.app.id)).toBeNull();
      expect(await storage.conversation(kept.app.id, null, kept.group)).toBeNull();
      expect(await storage.tenant(gone.tenant.id)).toEqual(gone.tenant);
    });
  });
}
