import { describe, expect, it } from 'vitest';
import type { RevocationRow } from '../../../src/storage/rows.js';
import type { OpenHarness } from '../harness.js';
import type { World } from '../world.js';
import { useStage } from './stage.js';

const revocation = (world: World, user: string, name: string, fields: Partial<RevocationRow> = {}): RevocationRow => ({
  app: world.app, user, name, beforeMs: 5_000, revokedMs: 4_000, untilMs: 9_000, ...fields,
});

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
}
