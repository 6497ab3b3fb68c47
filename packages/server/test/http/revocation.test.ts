/** Tokens that are revoked by their id, their session or their device: at once, for requests and for what is open. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forge, hmac } from './support/jwt.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { expectOk, expectProblem, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;
let clock: ManualClock;

beforeAll(async () => {
  clock = manualClock();
  stage = await startStage({ clock });
});
beforeEach(async () => {
  scene = await stage.scene();
});
afterAll(() => stage.stop());

const mint = (more: object = {}) => stage.done('auth.token', { external_id: 'alice', ...more }, { as: scene.key });
const revoke = (more: object) => stage.done('auth.revoke', { user_id: 'ext:alice', ...more }, { as: scene.key });
const me = (as: string): Promise<Reply> => stage.call('users.get', { user_id: 'me' }, { as });
const nowS = (): number => Math.floor(clock.now() / 1_000);
const own = (claims: object): string => forge({ alg: 'HS256' }, { aud: scene.id, sub: 'alice', iat: nowS(), exp: nowS() + 600, ...claims }, hmac(Buffer.from(scene.signingSecret, 'base64url')));

describe('a token that is revoked', () => {
  it('[RES6] by its id is refused, also where it was just used, and no other is', async () => {
    const [one, two] = [await mint(), await mint()];
    expect(one.token_id).not.toBe(two.token_id);
    for (const { token } of [one, two]) expectOk(await me(token));
    await revoke({ token_id: one.token_id });
    expectProblem(await me(one.token), 'revoked');
    expectOk(await me(two.token));
    expectOk(await me(scene.alice.token));
    expectOk(await me(scene.bob.token));
  });

  it('[RES6] with all that came before is refused, and one that is asked for a moment later is good', async () => {
    const before = await mint();
    await revoke({});
    const after = await mint();
    expectProblem(await me(before.token), 'revoked');
    expectOk(await me(after.token));
  });

  it('[RES6] by deactivating the user is refused, none is minted, and one that is minted after reactivating is good', async () => {
    const before = await mint();
    await stage.done('users.deactivate', { user_id: 'ext:alice' }, { as: scene.key });
    expectProblem(await me(before.token), 'revoked');
    expectProblem(await stage.call('auth.token', { external_id: 'alice' }, { as: scene.key }), 'forbidden');
    await stage.done('users.reactivate', { user_id: 'ext:alice' }, { as: scene.key });
    expectProblem(await me(before.token), 'revoked');
    expectOk(await me((await mint()).token));
  });

  it('[RES6] by its device is refused, and the device goes on with a later one', async () => {
    const [phone, other] = [await mint({ device_id: 'phone' }), await mint({ device_id: 'laptop' })];
    await revoke({ device_id: 'phone' });
    expectProblem(await me(phone.token), 'revoked');
    for (const token of [other.token, scene.alice.token]) expectOk(await me(token));
    clock.advance(1_000);
    expectOk(await me((await mint({ device_id: 'phone' })).token));
    expectProblem(await me(phone.token), 'revoked');
  });

  it('[RES6] by its session is refused, whatever the clock of its maker said', async () => {
    const [ahead, later] = [own({ sid: 's1', iat: nowS() + 29 }), own({ sid: 's1' })];
    await revoke({ session_id: 's1' });
    for (const token of [ahead, later]) expectProblem(await me(token), 'revoked');
    expectOk(await me(own({ sid: 's2' })));
  });

  it('[RES6] from before a moment is refused, and a later one is not', async () => {
    const early = own({ device_id: 'd', iat: nowS() - 100 });
    await revoke({ device_id: 'd', issued_before_ms: (nowS() - 50) * 1_000 });
    expectProblem(await me(early), 'revoked');
    expectOk(await me(own({ device_id: 'd', iat: nowS() - 50 })));
  });

  it('[ISO1] of another user, or of another app, is left alone', async () => {
    const other = await stage.scene();
    const names = { jti: 'j', sid: 's', device_id: 'd' };
    const bob = forge({ alg: 'HS256' }, { aud: scene.id, sub: 'bob', iat: nowS(), exp: nowS() + 600, ...names }, hmac(Buffer.from(scene.signingSecret, 'base64url')));
    const there = forge({ alg: 'HS256' }, { aud: other.id, sub: 'alice', iat: nowS(), exp: nowS() + 600, ...names }, hmac(Buffer.from(other.signingSecret, 'base64url')));
    await revoke({ token_id: 'j', session_id: 's', device_id: 'd' });
    for (const token of [bob, there]) expectOk(await me(token));
    expectProblem(await me(own(names)), 'revoked');
  });

  it('needs a user that there is', async () => {
    for (const user_id of ['ext:nobody', 'u_00000000000000000000000000']) {
      expectProblem(await stage.call('auth.revoke', { user_id, token_id: 'x' }, { as: scene.key }), 'not_found');
    }
  });
});

it('[RES6] a token stays revoked for as long as any can live, and is then forgotten', async () => {
  const later = manualClock();
  const own = await startStage({ clock: later });
  try {
    const app = await own.scene();
    const { token_id } = await own.done('auth.token', { external_id: 'alice' }, { as: app.key });
    await own.done('auth.revoke', { user_id: 'ext:alice', token_id }, { as: app.key });
    const { storage } = own.world.server.domain;
    later.advance(366 * 86_400_000);
    expect(await storage.pruneIdentity(later.now(), 100)).toBe(0);
    later.advance(61_000);
    expect(await storage.pruneIdentity(later.now(), 100)).toBe(1);
  } finally {
    await own.stop();
  }
});

describe('a connection', () => {
  it.each<[string, (token: { readonly token_id: string }) => object]>([
    ['its token', ({ token_id }) => ({ token_id })], ['its device', () => ({ device_id: 'phone' })],
  ])('[RES6] is closed when %s is revoked, and no other is', async (_, named) => {
    const [one, two] = [await mint({ device_id: 'phone' }), await mint({ device_id: 'laptop' })];
    const closing = await stage.world.client(scene, one.token);
    const staying = await stage.world.client(scene, two.token);
    await revoke(named(one));
    expect(await closing.end()).toEqual({ code: 4403, reason: 'revoked' });
    await staying.say(scene.group, 'still here');
  });

  it('[RES6] that is being opened while its token is revoked is closed, too', async () => {
    const held: (() => void)[] = [];
    let hold = false;
    const slow = await startStage({
      wrapStorage: (storage) => ({
        ...storage,
        async resume(query) {
          const answer = await storage.resume(query);
          if (hold) await new Promise<void>((resolve) => void held.push(resolve));
          return answer;
        },
      }),
    });
    try {
      const app = await slow.scene();
      const { token, token_id } = await slow.done('auth.token', { external_id: 'alice' }, { as: app.key });
      hold = true;
      const socket = await slow.world.socket(app);
      const welcomed = socket.hello(token).catch((error: unknown) => error);
      while (held.length === 0) await new Promise(setImmediate);
      await slow.done('auth.revoke', { user_id: 'ext:alice', token_id }, { as: app.key });
      hold = false;
      for (const go of held) go();
      await welcomed;
      expect(await socket.end()).toEqual({ code: 4403, reason: 'revoked' });
    } finally {
      await slow.stop();
    }
  });
});
