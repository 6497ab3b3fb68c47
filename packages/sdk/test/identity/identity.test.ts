/** The client of the built-in identity, against a real server. */
import { connectAdmin } from '@talaria/sdk/admin';
import { createServer, ensureAdminKey, type RunningServer } from '@talaria/server';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIdentity, memoryIdentityStore, webIdentityStore, type Identity, type IdentityOptions, type IdentityStore } from '../../src/identity/index.js';
import { connect } from '../../src/node.js';

let data: string;
let server: RunningServer;
let app: { readonly id: string; readonly public_key: string };
let backend: ReturnType<typeof connectAdmin>;
let installation: ReturnType<typeof connectAdmin>;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'talaria-identity-'));
  server = await createServer({ data, port: 0 });
  const { path } = await ensureAdminKey(server, data);
  installation = connectAdmin({ url: server.url, key: readFileSync(path, 'utf8').trim() });
});
beforeEach(async () => {
  const tenant = await installation.tenants.create({ name: 'identity' });
  app = await installation.apps.create({ tenant_id: tenant.id, name: 'identity', identity: { guests: true } });
  backend = connectAdmin({ url: server.url, key: (await installation.keys.create({ app_id: app.id })).secret });
});
afterAll(async () => {
  await server.stop();
  rmSync(data, { recursive: true });
});

/** What the client asks the server. */
function scene(options: Partial<IdentityOptions> = {}) {
  const asked: string[] = [];
  let ended = 0;
  let lost = 0;
  const counting = (async (url: URL, init: RequestInit) => {
    asked.push(url.pathname.slice('/v1/identity/'.length));
    const response = await fetch(url, init);
    if (lost > 0) {
      lost -= 1;
      throw new TypeError('the answer was lost');
    }
    return response;
  }) as typeof globalThis.fetch;
  const identity = createIdentity({ url: `${server.url}/`, app: app.public_key, fetch: counting, onEnd: () => (ended += 1), ...options });
  return { identity, asked, ended: () => ended, lose: () => (lost = 1) };
}
const PASSWORD = 'correct horse';
const sessionsOf = async (identity: Identity): Promise<number> => (await backend.sessions.list({ user_id: (await identity.current())!.userId })).items.length;

describe('an identity', () => {
  it('registers, connects, and is who it was after a restart', async () => {
    const store = memoryIdentityStore();
    const { identity } = scene({ store });
    expect(await identity.current()).toBeNull();
    await expect(identity.token()).rejects.toMatchObject({ code: 'unauthenticated' });
    const ann = await identity.register('ann', PASSWORD, { deviceId: 'phone', deviceName: 'Phone' });
    expect(ann).toEqual({ userId: expect.stringMatching(/^u_/), sessionId: expect.stringMatching(/^s_/), deviceId: 'phone', guest: false });
    const client = connect({ url: server.url, app: app.public_key, token: identity.token });
    await client.ready();
    await client.close();
    const later = scene({ store });
    expect(await later.identity.current()).toEqual(ann);
    expect(await later.identity.token()).toBe(await identity.token());
    expect(later.asked).toEqual([]);
  });

  it('exchanges its token before it ends, once for all who ask', async () => {
    let nowMs = Date.now();
    const { identity, asked } = scene({ now: () => nowMs });
    await identity.login('ann', PASSWORD).catch(() => undefined);
    await identity.register('ann', PASSWORD);
    const first = await identity.token();
    nowMs += 900_000 - 31_000;
    expect(await identity.token()).toBe(first);
    nowMs += 2_000;
    asked.length = 0;
    const all = await Promise.all(Array.from({ length: 10 }, () => identity.token()));
    // The server's clock stands nearly still, so that the new one ends early, too, for this one.
    expect(all.every((token) => token !== first)).toBe(true);
    expect(new Set(asked)).toEqual(new Set(['refresh']));
    expect(await sessionsOf(identity)).toBe(1);
  });

  it('exchanges a token that the server has refused, whatever its time', async () => {
    const { identity, asked } = scene();
    await identity.register('ann', PASSWORD);
    const first = await identity.token();
    asked.length = 0;
    expect(await identity.token({ reason: 'connect' })).toBe(first);
    expect(await identity.token({ reason: 'rejected' })).not.toBe(first);
    expect(asked).toEqual(['refresh']);
  });

  it('survives an answer that was lost', async () => {
    const { identity, lose, ended } = scene();
    await identity.register('ann', PASSWORD);
    lose();
    await expect(identity.token({ reason: 'expired' })).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(await identity.token({ reason: 'expired' })).toMatch(/^eyJ/);
    expect(ended()).toBe(0);
    expect(await sessionsOf(identity)).toBe(1);
  });

  it('shares a session with another tab', async () => {
    const values = new Map<string, string>();
    const storage = { getItem: (key: string) => values.get(key) ?? null, setItem: (key: string, value: string) => void values.set(key, value), removeItem: (key: string) => void values.delete(key) };
    const [one, two] = [scene({ store: webIdentityStore(storage) }), scene({ store: webIdentityStore(storage) })];
    await one.identity.register('ann', PASSWORD);
    for (let turn = 0; turn < 3; turn += 1) await Promise.all([one.identity.token({ reason: 'expired' }), two.identity.token({ reason: 'expired' })]);
    expect([one.ended(), two.ended(), await sessionsOf(two.identity)]).toEqual([0, 0, 1]);
    await two.identity.logout();
    expect([await one.identity.current(), values.size]).toEqual([null, 0]);
  });

  it('ends when the server says so, and tells it once', async () => {
    const { identity, ended } = scene();
    const { userId } = await identity.register('ann', PASSWORD);
    await backend.sessions.clear({ user_id: userId });
    await expect(identity.token({ reason: 'rejected' })).rejects.toMatchObject({ code: 'revoked' });
    await expect(identity.token()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect([ended(), await identity.current()]).toEqual([1, null]);
  });

  it('of a guest becomes an account, as the same user', async () => {
    const { identity } = scene();
    const guest = await identity.guest('Guest 7');
    expect(guest.guest).toBe(true);
    const ann = await identity.register('ann', PASSWORD);
    expect(ann).toMatchObject({ userId: guest.userId, guest: false });
    expect(await sessionsOf(identity)).toBe(1);
    await identity.logout();
    expect((await identity.login('ANN', PASSWORD)).userId).toBe(guest.userId);
  });

  it('cannot take a login, and says what a wrong password says', async () => {
    const [ann, other] = [scene().identity, scene().identity];
    await ann.register('ann', PASSWORD);
    await expect(other.register('ann', 'another password')).rejects.toMatchObject({ code: 'invalid_credentials' });
    await expect(other.login('nobody', PASSWORD)).rejects.toMatchObject({ code: 'invalid_credentials' });
    expect(await other.current()).toBeNull();
    expect(await ann.token()).toMatch(/^eyJ/);
  });

  it.each(['{', 'null', '"text"', '{}'])('takes %s in its store for nobody', async (text) => {
    const store: IdentityStore = { get: () => Promise.resolve(text), set: () => Promise.resolve() };
    expect(await scene({ store }).identity.current()).toBeNull();
  });
});
