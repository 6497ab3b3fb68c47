/** Calls between clients of a real server. The time in which they ring is the test's. */
import { afterEach, expect, it } from 'vitest';
import { createCalls, type Calling, type CallsOptions, type StartCall } from '../../src/calling/calls.js';
import type { Call } from '../../src/calling/call.js';
import type { CallPeer } from '../../src/calling/peers.js';
import type { Client } from '../../src/client.js';
import type { ConnectOptions } from '../../src/options.js';
import { setStage, until, type Stage } from '../client/stage.js';
import { manualRuntime, type ManualRuntime } from '../manual-runtime.js';
import { PeerDouble } from './peer-double.js';

let stage: Stage;
const opened: Calling[] = [];
afterEach(async () => {
  for (const calls of opened.splice(0)) calls.close();
  await stage.stop();
});

interface Device {
  readonly client: Client;
  readonly calls: Calling;
  readonly incoming: Call[];
  /** What happens to what rings here, in order. */
  readonly heard: string[];
  readonly runtime: ManualRuntime;
  /** Connections that were made, the oldest first. */
  readonly made: { readonly peer: CallPeer; readonly connection: PeerDouble }[];
  connect(call: Call): () => void;
}

async function device(user: string, options: CallsOptions = {}, connect: Partial<ConnectOptions> = {}): Promise<Device> {
  const client = stage.client(user, connect);
  await client.ready();
  const runtime = manualRuntime(() => 0.5);
  // Two devices have different names.
  for (let at = opened.length; at >= 0; at -= 1) runtime.fill(new Uint8Array(7));
  const calls = createCalls(client, { runtime, ...options });
  opened.push(calls);
  const one: Device = {
    client, calls, runtime, incoming: [], heard: [], made: [],
    connect: (call) => call.connect((peer) => {
      const connection = new PeerDouble(`${user} ${one.made.length}`);
      one.made.push({ peer, connection });
      return connection;
    }, { onGone: (peer) => void one.heard.push(`gone ${peer.deviceId}`), onError: (error) => void one.heard.push(`error ${String(error)}`) }),
  };
  calls.onIncoming((call) => {
    one.incoming.push(call);
    one.heard.push('rings');
    call.on('stop', (reason) => void one.heard.push(reason));
  });
  return one;
}

/** Lets the time of devices pass until something holds: what comes over the sockets comes in between. */
async function pass(devices: readonly Device[], condition: () => boolean): Promise<void> {
  while (!condition()) {
    for (const { runtime } of devices) runtime.advance(20);
    await new Promise<void>((resolve) => void setTimeout(resolve, 2));
  }
}

async function duo(wanted: Partial<StartCall> = {}) {
  const [alice, bob] = [await device('alice'), await device('bob')];
  const direct = await alice.client.conversations.create({ kind: 'direct', members: ['ext:bob'] });
  const start = (): Promise<Call> => alice.calls.start(direct, { kind: 'data', data: { topic: 'plans' }, ...wanted });
  return { alice, bob, direct, start };
}

it('[ISO3] rings no more for who was removed from the conversation', async () => {
  stage = await setStage();
  const [alice, bob, carol] = [await device('alice'), await device('bob'), await device('carol')];
  const group = await alice.client.conversations.create({ name: 'Shifts', members: ['ext:bob', 'ext:carol'] });
  const call = await alice.calls.start(group, { kind: 'audio' });
  await pass([alice, bob, carol], () => bob.heard.includes('rings') && carol.heard.includes('rings'));
  await alice.client.command('members.remove', { conversation_id: group.id, user_id: bob.client.userId });
  await pass([bob], () => bob.heard.length === 2);
  expect([bob.heard, carol.heard, call.state.state]).toEqual([['rings', 'ended'], ['rings'], 'ringing']);
});

it('rings on every device of the user, is answered by one, and stops on the others', async () => {
  stage = await setStage();
  const { alice, bob, start } = await duo();
  const desk = await device('bob');
  const call = await start();
  expect(call.state).toMatchObject({ state: 'ringing', kind: 'data', data: { topic: 'plans' }, started_by: alice.client.userId });
  expect([call.joined, call.ringing, alice.heard]).toEqual([true, false, []]);
  await pass([bob, desk], () => bob.incoming.length === 1 && desk.incoming.length === 1);
  expect(bob.incoming[0]!.state).toEqual(call.state);
  // Both at once: exactly one wins.
  const answers = await Promise.allSettled([bob.incoming[0]!.accept(), desk.incoming[0]!.accept()]);
  const [winner, loser] = answers[0].status === 'fulfilled' ? [bob, desk] : [desk, bob];
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already_answered' } });
  await until(() => loser.heard.length === 2 && call.state.state === 'ongoing');
  expect([winner.heard, loser.heard]).toEqual([['rings', 'answered'], ['rings', 'answered_elsewhere']]);
  expect([winner.incoming[0]!.joined, loser.incoming[0]!.joined]).toEqual([true, false]);
  let ended = 0;
  winner.incoming[0]!.on('ended', ({ reason }) => {
    if (reason === 'hung_up') ended += 1;
  });
  await call.leave();
  await until(() => ended === 1);
});

it('is declined for all devices, and says so to whoever called', async () => {
  stage = await setStage();
  const { bob, start } = await duo();
  const desk = await device('bob');
  const call = await start();
  await pass([bob, desk], () => bob.incoming.length + desk.incoming.length === 2);
  await bob.incoming[0]!.decline();
  await until(() => desk.heard.length === 2 && call.state.state === 'ended');
  expect([bob.heard, desk.heard, call.state.reason]).toEqual([['rings', 'declined'], ['rings', 'declined'], 'declined']);
  await expect(bob.incoming[0]!.accept()).rejects.toMatchObject({ code: 'call_ended' });
});

it('stops when whoever called gives up, and when its time is over though nobody says so', async () => {
  stage = await setStage();
  const { bob, start } = await duo();
  const first = await start();
  await pass([bob], () => bob.incoming.length === 1);
  await first.end();
  await until(() => bob.heard.length === 2);
  await start();
  await pass([bob], () => bob.incoming.length === 2);
  // Nothing comes from the server any more.
  stage.proxy.hold();
  bob.runtime.advance(44_000);
  expect(bob.incoming[1]!.ringing).toBe(true);
  bob.runtime.advance(2_000);
  expect(bob.heard).toEqual(['rings', 'ended', 'rings', 'timeout']);
  stage.proxy.release();
});

it('a call that is over before it could ring rings for nobody', async () => {
  stage = await setStage();
  const { bob, start } = await duo();
  const call = await start();
  await call.end();
  await until(() => call.state.state === 'ended');
  const next = await start();
  await pass([bob], () => bob.heard.length > 0);
  expect(bob.incoming.map(({ id }) => id)).toEqual([next.id]);
});

it('rings on an app that is started while it rings, and on one whose conversations are more than it follows', async () => {
  stage = await setStage();
  const { bob, start } = await duo();
  const call = await start();
  await pass([bob], () => bob.incoming.length === 1);
  const [late, narrow] = [await device('bob'), await device('bob', {}, { follow: 0 })];
  await pass([late, narrow], () => late.incoming.length === 1 && narrow.incoming.length === 1);
  await call.end();
  await until(() => [late, narrow].every(({ heard }) => heard.length === 2));
  await start();
  await pass([late, narrow], () => late.incoming.length === 2 && narrow.incoming.length === 2);
  // A listener that comes later is told of what rings, too; and of nothing any more when it is gone.
  const told: string[] = [];
  const stop = late.calls.onIncoming(({ id }) => void told.push(id));
  expect(told).toEqual([late.incoming[1]!.id]);
  stop();
});

it('finds out what was missed: a call that ended among facts that were skipped does not ring on', async () => {
  stage = await setStage();
  const [alice, bob] = [await device('alice', {}, { url: stage.direct }), await device('bob')];
  const direct = await alice.client.conversations.create({ kind: 'direct', members: ['ext:bob'] });
  const call = await alice.calls.start(direct, { kind: 'data' });
  await pass([bob], () => bob.incoming.length === 1);
  const skipped: number[] = [];
  bob.client.on('skipped', ({ stream, fromSeq }) => {
    if (stream === direct.id) skipped.push(fromSeq);
  });
  stage.proxy.hold();
  stage.proxy.cut();
  await call.end();
  // More than is replayed.
  await Promise.all(Array.from({ length: 1_010 }, (_, at) => direct.send(`m${at}`).sent));
  stage.proxy.release();
  await pass([bob], () => bob.heard.length === 2);
  expect([skipped.length, bob.heard]).toEqual([1, ['rings', 'ended']]);
});

it('a start that waits for a connection longer than it would ring is refused', async () => {
  stage = await setStage();
  const { alice, direct } = await duo();
  stage.proxy.hold();
  stage.proxy.cut();
  const waiting = alice.calls.start(direct, { kind: 'audio', ringMs: 1_000 }).catch((error: unknown) => error);
  const lateMs = alice.client.now() + 1_000;
  await until(() => alice.client.now() > lateMs);
  stage.proxy.release();
  expect(await waiting).toMatchObject({ code: 'call_ended' });
});

it('one call at a time: the second start says which is on', async () => {
  stage = await setStage();
  const { alice, bob, direct, start } = await duo();
  const call = await start();
  await expect(bob.calls.start(direct.id, { kind: 'data' })).rejects.toMatchObject({ code: 'call_in_progress', message: expect.stringContaining(call.id) as string });
  expect((await alice.calls.open(call.id))).toBe(call);
  await expect(alice.calls.open('q_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m')).rejects.toMatchObject({ code: 'not_found' });
});

it('connects the devices that are in it, one with each other, and parts from who leaves', async () => {
  stage = await setStage();
  const all = [await device('alice'), await device('bob'), await device('carol')] as const;
  const [alice, bob, carol] = all;
  const group = await alice.client.conversations.create({ members: ['ext:bob', 'ext:carol'], name: 'all' });
  const call = await alice.calls.start(group, { kind: 'video' });
  alice.connect(call);
  await pass(all, () => bob.incoming.length === 1 && carol.incoming.length === 1);
  expect(alice.made).toEqual([]);
  for (const one of [bob, carol]) {
    await one.incoming[0]!.accept();
    one.connect(one.incoming[0]!);
  }
  await until(() => all.every(({ made }) => made.length === 2));
  expect(all.map(({ made }) => made.map(({ peer }) => peer.initiator))).toEqual([[true, true], [false, true], [false, false]]);
  for (const { made } of all) for (const { peer, connection } of made) if (peer.initiator) connection.negotiate();
  await pass(all, () => all.every(({ made }) => made.every(({ connection }) => connection.connectionState === 'connected')));
  for (const { made } of all) for (const { connection } of made) connection.find('host');
  await pass(all, () => all.every(({ made }) => made.every(({ connection }) => connection.candidates.length === 1)));
  await bob.incoming[0]!.leave();
  await until(() => [alice, carol].every(({ made }) => made.some(({ connection }) => connection.signalingState === 'closed')));
  expect(bob.made.every(({ connection }) => connection.signalingState === 'closed')).toBe(true);
  // Who comes again is connected with anew.
  await bob.incoming[0]!.accept();
  await until(() => alice.made.length === 3 && carol.made.length === 3);
  expect(all.flatMap(({ heard }) => heard).filter((one) => one.startsWith('error'))).toEqual([]);
});

it('a device that begins anew is connected with anew, whoever makes the connection', async () => {
  stage = await setStage();
  const { alice, bob, start } = await duo();
  const phone = await device('bob', { deviceId: 'phone' });
  const call = await start();
  alice.connect(call);
  await pass([phone], () => phone.incoming.length === 1);
  await phone.incoming[0]!.accept();
  phone.connect(phone.incoming[0]!);
  await until(() => alice.made.length === 1 && phone.made.length === 1);
  alice.made[0]!.connection.negotiate();
  await pass([alice, bob, phone], () => phone.made[0]!.connection.connectionState === 'connected');
  // As a page that is loaded again: another client, and the same device.
  phone.calls.close();
  const again = await device('bob', { deviceId: 'phone' });
  const same = await again.calls.open(call.id);
  expect([same.joined, same.ringing]).toEqual([true, false]);
  again.connect(same);
  await pass([alice, again], () => alice.made.length === 2);
  expect(alice.made.map(({ connection }) => connection.signalingState)).toEqual(['closed', 'stable']);
  alice.made[1]!.connection.negotiate();
  await pass([alice, again], () => again.made[0]!.connection.connectionState === 'connected');
  expect(alice.made).toHaveLength(2);
});

it('a device that does not answer is given up, and its connection closed', async () => {
  stage = await setStage();
  const { alice, bob, start } = await duo();
  const call = await start();
  alice.connect(call);
  await pass([bob], () => bob.incoming.length === 1);
  // It is in the call, and connects with nobody.
  await bob.incoming[0]!.accept();
  await until(() => alice.made.length === 1);
  alice.runtime.advance(40_000);
  expect([alice.made[0]!.connection.signalingState, alice.heard]).toEqual(['closed', [`gone ${bob.calls.deviceId}`]]);
});

it('signals of others, to others, and of what is no call are left', async () => {
  stage = await setStage();
  const { alice, bob, direct, start } = await duo();
  const call = await start();
  alice.connect(call);
  await pass([bob], () => bob.incoming.length === 1);
  await bob.incoming[0]!.accept();
  await until(() => alice.made.length === 1);
  const there = bob.client.conversations.open(direct.id);
  const signal = (change: object): void => there.signal('call.offer', {
    call: call.id, from: bob.calls.deviceId, to: { user: alice.client.userId, device: alice.calls.deviceId }, session: 's', ack_session: '', n: 1, part: 0, parts: 1, ack: 0, text: '{"type":"offer","sdp":"mine"}', ...change,
  });
  signal({ from: 'another device' });
  signal({ to: { user: bob.client.userId, device: alice.calls.deviceId } });
  signal({ to: { user: alice.client.userId, device: 'another device' } });
  signal({ call: 'q_06aqx7m4e5v2k8r0d1f3g5h7j80000000002m' });
  signal({ ack_session: 'of what was here before' });
  there.signal('call.offer', { call: call.id });
  there.signal('typing', {});
  signal({});
  await until(() => alice.made[0]!.connection.remoteDescription !== null);
  expect([alice.made.length, alice.made[0]!.connection.remoteDescription!.sdp, alice.heard]).toEqual([1, 'mine', []]);
});
