/** Who is there, as a client follows it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PresenceChange, UserPresence } from '../../src/live/index.js';
import { until } from '../client/stage.js';
import { setLiveStage, type LiveStage, type Person } from './stage.js';

let stage: LiveStage;
let alice: Person;
let bob: Person;

beforeEach(async () => {
  stage = await setLiveStage();
  [alice, bob] = [await stage.person('alice'), await stage.person('bob')];
  await stage.token('carol');
  await alice.client.conversations.create({ kind: 'group', members: ['ext:bob', 'ext:carol'] });
});
afterEach(() => stage.stop());

const carolId = async (): Promise<string> => (await alice.client.call('users.get', { user_id: 'ext:carol' })).id;
/** What waits for a moment goes out. */
const settle = (...persons: readonly Person[]): void => {
  for (const { runtime } of persons) runtime.advance(50);
};
const here: UserPresence = { state: 'online', devices: 1, lastSeenMs: undefined };

/** Connects again, as time passes. */
async function reconnect({ client, runtime }: Person): Promise<void> {
  while (client.status.state !== 'connected') {
    runtime.advance(500);
    await new Promise<void>((resolve) => void setTimeout(resolve, 2));
  }
}

describe('a watch', () => {
  it('[PRS3] knows who is there now, and is told when somebody comes, turns away, turns back and leaves', async () => {
    const carol = await carolId();
    const watch = alice.live.watch([bob.id, carol]);
    const changes: PresenceChange[] = [];
    watch.on((change) => void changes.push(change));
    expect(watch.get(bob.id)).toBeUndefined();
    settle(alice);
    await until(() => watch.get(bob.id) !== undefined);
    expect([watch.get(bob.id), watch.get(carol)]).toEqual([here, { state: 'offline', devices: 0, lastSeenMs: undefined }]);
    expect(changes).toHaveLength(2);
    const she = await stage.person('carol');
    await until(() => watch.get(carol)?.state === 'online');
    bob.live.setAway(true);
    bob.live.setAway(true);
    await until(() => watch.get(bob.id)?.state === 'away');
    bob.live.setAway(false);
    await until(() => watch.get(bob.id)?.state === 'online');
    await she.client.close();
    await until(() => watch.get(carol)?.state === 'offline');
    expect(Math.abs(watch.get(carol)!.lastSeenMs! - Date.now())).toBeLessThan(30_000);
    expect(changes.slice(2).map(({ userId, presence }) => `${userId === bob.id ? 'bob' : 'carol'} ${presence?.state}`)).toEqual(['carol online', 'bob away', 'bob online', 'carol offline']);
  });

  it('refuses what is no id of Talaria at once, and goes on with the others', async () => {
    const watch = alice.live.watch([bob.id]);
    const refusal = expect.objectContaining({ code: 'invalid_argument', message: 'ext:carol is no id of a user here.' }) as Error;
    expect(() => alice.live.watch(['ext:carol'])).toThrow(refusal);
    expect(() => watch.set([bob.id, 'ext:carol'])).toThrow(refusal);
    expect(() => alice.live.signal('ext:carol', 'wave')).toThrow(refusal);
    settle(alice);
    await until(() => watch.get(bob.id) !== undefined);
  });

  it('[PRS2] learns at once who is not to be seen any more, and who may be seen again when it is renewed', async () => {
    const watch = alice.live.watch([bob.id]);
    const changes: (string | undefined)[] = [];
    watch.on(({ presence }) => void changes.push(presence?.state));
    settle(alice);
    await until(() => watch.get(bob.id) !== undefined);
    await bob.client.command('blocks.add', { user_id: 'me', blocked_user_id: alice.id });
    await until(() => watch.get(bob.id) === undefined);
    await bob.client.command('blocks.remove', { user_id: 'me', blocked_user_id: alice.id });
    alice.runtime.advance(45_000);
    await until(() => watch.get(bob.id) !== undefined);
    expect(changes).toEqual(['online', undefined, 'online']);
  });

  it('goes on after a reconnect, is away as before, and knows nothing when the connection is gone for too long', async () => {
    const watch = alice.live.watch([bob.id]);
    settle(alice);
    await until(() => watch.get(bob.id) !== undefined);
    bob.live.setAway(true);
    await until(() => watch.get(bob.id)?.state === 'away');
    stage.proxy.cut();
    await until(() => [alice, bob].every(({ client }) => client.status.state !== 'connected'));
    expect(watch.get(bob.id)?.state).toBe('away');
    await reconnect(bob);
    await reconnect(alice);
    bob.live.setAway(false);
    await until(() => watch.get(bob.id)?.state === 'online');
    stage.proxy.hold();
    stage.proxy.cut();
    await until(() => alice.client.status.state !== 'connected');
    alice.runtime.advance(61_000);
    expect(watch.get(bob.id)).toBeUndefined();
    stage.proxy.release();
    await reconnect(alice);
    await until(() => watch.get(bob.id) !== undefined);
  });

  it('is one list with the others of the client: each is told of its own users, and what nobody wants is not followed', async () => {
    const carol = await carolId();
    const controller = new AbortController();
    const [one, other] = [alice.live.watch([bob.id]), alice.live.watch([carol], { signal: controller.signal })];
    const told: string[] = [];
    one.on(({ userId }) => void told.push(`one ${userId === bob.id ? 'bob' : 'carol'}`));
    other.on(({ userId }) => void told.push(`other ${userId === bob.id ? 'bob' : 'carol'}`));
    settle(alice);
    await until(() => told.length === 2);
    expect(told.toSorted()).toEqual(['one bob', 'other carol']);
    expect([one.get(carol), other.get(bob.id)]).toEqual([undefined, undefined]);
    other.set([carol, bob.id]);
    expect(other.get(bob.id)).toEqual(here);
    controller.abort();
    expect(other.get(bob.id)).toBeUndefined();
    one.close();
    one.close();
    settle(alice);
    const third = alice.live.watch([alice.id]);
    settle(alice);
    await until(() => third.get(alice.id) !== undefined);
    bob.live.setAway(true);
    await until(() => told.length === 2 && third.get(alice.id)?.state === 'online');
    alice.live.setAway(true);
    await until(() => third.get(alice.id)?.state === 'away');
    expect(told).toHaveLength(2);
  });

  it('[FLW3] names 200 users, and of more those of the newest watches', async () => {
    const strangers = Array.from({ length: 200 }, (_, at) => `u_${String(at).padStart(24, '0')}00`);
    const first = alice.live.watch([bob.id]);
    const second = alice.live.watch(strangers);
    settle(alice);
    const third = alice.live.watch([alice.id]);
    settle(alice);
    await until(() => third.get(alice.id) !== undefined);
    expect(first.get(bob.id)).toBeUndefined();
    second.close();
    settle(alice);
    await until(() => first.get(bob.id) !== undefined);
  });

  it('is sent again when it was not answered', async () => {
    stage.proxy.hold();
    const watch = alice.live.watch([bob.id]);
    settle(alice);
    alice.runtime.advance(8_000);
    stage.proxy.release();
    await until(() => watch.get(bob.id) !== undefined);
    expect(watch.get(bob.id)).toEqual(here);
  });

  it('ends with the whole, and with the client', async () => {
    const watch = alice.live.watch([bob.id]);
    const changes: (UserPresence | undefined)[] = [];
    watch.on(({ presence }) => void changes.push(presence));
    settle(alice);
    await until(() => changes.length === 1);
    await alice.client.close();
    expect([watch.get(bob.id), changes.at(-1)]).toEqual([undefined, undefined]);
    const own = bob.live.watch([bob.id]);
    settle(bob);
    await until(() => own.get(bob.id) !== undefined);
    bob.live[Symbol.dispose]();
    expect(own.get(bob.id)).toBeUndefined();
    expect(bob.client.status.state).toBe('connected');
  });
});

describe('signals to a user', () => {
  it('[SIG2] reach them, and not those who may not be reached', async () => {
    const eve = await stage.person('eve');
    const got: string[] = [];
    const stop = bob.live.onSignal(({ userId, type, data, lifetimeMs }) => void got.push(`${userId === alice.id ? 'alice' : 'somebody'} ${type} ${JSON.stringify(data)} ${lifetimeMs}`));
    expect(eve.live.signal(bob.id, 'wave')).toBe(true);
    expect(alice.live.signal(bob.id, 'ring', { room: 7 }, 900)).toBe(true);
    alice.live.signal(bob.id, 'ring');
    expect(alice.live.signal(alice.id, 'ring')).toBe(false);
    await until(() => got.length === 2);
    await eve.client.call('users.get', { user_id: 'me' });
    expect(got).toEqual(['alice ring {"room":7} 900', 'alice ring {} 30000']);
    stop();
    alice.live.signal(bob.id, 'ring');
    await alice.client.call('users.get', { user_id: 'me' });
    await bob.client.call('users.get', { user_id: 'me' });
    expect(got).toHaveLength(2);
    stage.proxy.cut();
    await until(() => alice.client.status.state !== 'connected');
    expect(alice.live.signal(bob.id, 'ring')).toBe(false);
  });
});
