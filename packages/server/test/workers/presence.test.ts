/** Presence over several nodes, on a clock that the test moves and a bus that it spoils. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLocalBus } from '../../src/bus/local/local-bus.js';
import type { Bus, BusMessage } from '../../src/bus/port.js';
import { GRACE_MS } from '../../src/domain/presence/local-users.js';
import { deviceOf } from '../../src/domain/presence/presence.js';
import { SILENT_MS } from '../../src/bus/node-silence.js';
import { silentLog } from '../../src/runtime/log.js';
import type { SeenRow } from '../../src/storage/port.js';
import { createPresence, DIGEST_MS, SEEN_EVERY_MS, TELL_MS, USERS_MAX, type PresenceWorker } from '../../src/workers/presence.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';

const STEP_MS = 50;
const LATE_MS_MAX = 2_500;

/** After how many ms a message arrives at another node: never when there is none, twice when there are two. */
type Fate = readonly number[];

class Scene {
  readonly clock: ManualClock = manualClock();
  readonly nodes: (Node | undefined)[] = [];
  readonly written: SeenRow[] = [];
  readonly told: BusMessage[] = [];
  fate: () => Fate = () => [0];
  private starts = 0;
  private readonly living = new Set<Node>();

  constructor(count: number, private readonly places = (at: number) => `place ${at}`) {
    for (let at = 0; at < count; at += 1) this.start(at);
  }

  start(at: number): Node {
    const node: Node = { handlers: new Set(), open: [], alive: true, presence: undefined as unknown as PresenceWorker };
    const { clock } = this;
    // The timers of a process that was killed end with it.
    const mortal: ManualClock = {
      ...clock,
      after: (ms, callback) => clock.after(ms, () => node.alive && callback()),
      every: (ms, callback) => clock.every(ms, () => node.alive && callback()),
    };
    const bus: Bus = {
      lossless: false, alive: () => true, follow: () => () => undefined, inbox: () => () => undefined, stop: () => Promise.resolve(),
      publish: (message) => {
        this.told.push(message);
        for (const handler of node.handlers) handler(message);
        for (const other of this.living) {
          if (other !== node) for (const ms of this.fate()) clock.after(ms, () => other.alive && other.handlers.forEach((handler) => handler(message)));
        }
      },
      listen: (handler) => {
        node.handlers.add(handler);
        return () => void node.handlers.delete(handler);
      },
    };
    this.living.add(node);
    this.starts += 1;
    node.presence = createPresence({
      storage: { addSeen: (rows) => Promise.resolve(void this.written.push(...rows)) }, bus, clock: mortal, log: silentLog(),
      node: `node ${String(this.starts).padStart(4, '0')}`, place: this.places(at),
    });
    node.presence.run();
    this.nodes[at] = node;
    return node;
  }

  kill(at: number): void {
    const node = this.nodes[at];
    if (!node) return;
    node.alive = false;
    this.living.delete(node);
    this.nodes[at] = undefined;
  }

  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed += STEP_MS) this.clock.advance(STEP_MS);
  }

  open(at: number, user: string, device = 1, app = 'a', away = false): void {
    this.nodes[at]?.open.push([app, user, device, away]);
    this.nodes[at]?.presence.opened(app, user, device, away);
  }

  /** The user turns away from a device, or to it. */
  turn(at: number, user: string, device = 1, away = true, app = 'a'): void {
    const node = this.nodes[at];
    const found = node?.open.find((one) => one[0] === app && one[1] === user && one[2] === device && one[3] !== away);
    if (!node || !found) return;
    found[3] = away;
    node.presence.turned(app, user, device, away);
  }

  close(at: number, user: string, device = 1, app = 'a'): void {
    const node = this.nodes[at];
    const found = node?.open.findIndex((one) => one[0] === app && one[1] === user && one[2] === device) ?? -1;
    if (!node || found < 0) return;
    const [[, , , away] = [app, user, device, false]] = node.open.splice(found, 1);
    node.presence.closed(app, user, device, away);
  }

  /** What every living node says of a user, which is to be the same. */
  says(user: string, app = 'a'): string {
    const answers = new Set(this.nodes.flatMap((node) => (node ? [JSON.stringify(node.presence.of(app, user))] : [])));
    return [...answers].join(' or ');
  }

  /** What is really so. */
  truth(user: string, app = 'a'): string {
    const sockets = this.nodes.flatMap((node) => node?.open.filter((one) => one[0] === app && one[1] === user) ?? []);
    const devices = new Set(sockets.map((one) => one[2])).size;
    return JSON.stringify({ state: devices === 0 ? 'offline' : sockets.every((one) => one[3]) ? 'away' : 'online', devices });
  }

  lastSeen(user: string, app = 'a'): number | undefined {
    return this.written.filter((row) => row.user === user && row.app === app).reduce<number | undefined>((most, { seenMs }) => Math.max(most ?? 0, seenMs), undefined);
  }
}

interface Node {
  readonly handlers: Set<(message: BusMessage) => void>;
  /** Sockets. */
  readonly open: [app: string, user: string, device: number, away: boolean][];
  alive: boolean;
  presence: PresenceWorker;
}

const ONLINE = '{"state":"online","devices":1}';
const AWAY = '{"state":"away","devices":1}';
const OFFLINE = '{"state":"offline","devices":0}';

describe('presence', () => {
  it('is the same on all nodes a moment after a socket has opened, and after the last has closed and stayed so', () => {
    const scene = new Scene(3);
    scene.open(0, 'ann', 1);
    scene.advance(2 * TELL_MS);
    expect(scene.says('ann')).toBe(ONLINE);
    scene.open(1, 'ann', 2);
    scene.open(1, 'ann', 2);
    scene.advance(2 * TELL_MS);
    expect(scene.says('ann')).toBe('{"state":"online","devices":2}');
    scene.close(0, 'ann', 1);
    scene.close(1, 'ann', 2);
    scene.advance(GRACE_MS + 2 * TELL_MS);
    expect(scene.says('ann')).toBe(ONLINE);
    scene.close(1, 'ann', 2);
    scene.advance(GRACE_MS - TELL_MS);
    expect(scene.says('ann')).toBe(ONLINE);
    scene.advance(3 * TELL_MS);
    expect(scene.says('ann')).toBe(OFFLINE);
  });

  it('does not flicker when a client connects again in time', () => {
    const scene = new Scene(2);
    scene.open(0, 'ann');
    scene.advance(2 * TELL_MS);
    const told = () => scene.told.filter((message) => message.kind === 'presence').length;
    const before = told();
    for (let turn = 0; turn < 5; turn += 1) {
      scene.close(0, 'ann');
      scene.advance(GRACE_MS - STEP_MS);
      expect(scene.nodes[1]!.presence.of('a', 'ann')).toEqual({ state: 'online', devices: 1 });
      scene.open(0, 'ann');
      scene.advance(STEP_MS);
    }
    expect(told()).toBe(before);
  });

  it('[PRS3] is away on all nodes when the user has turned away from every device, and online again when they turn to one', () => {
    const scene = new Scene(3);
    scene.open(0, 'ann', 1);
    scene.open(1, 'ann', 2);
    scene.turn(0, 'ann', 1);
    scene.advance(2 * TELL_MS);
    expect(scene.says('ann')).toBe('{"state":"online","devices":2}');
    scene.turn(1, 'ann', 2);
    scene.advance(2 * TELL_MS);
    expect(scene.says('ann')).toBe('{"state":"away","devices":2}');
    scene.turn(0, 'ann', 1, false);
    scene.advance(2 * TELL_MS);
    expect(scene.says('ann')).toBe('{"state":"online","devices":2}');
    scene.close(0, 'ann', 1);
    scene.advance(GRACE_MS + 2 * TELL_MS);
    expect(scene.says('ann')).toBe(AWAY);
  });

  it('counts one device of two sockets, which is away when both are, on one node or on two', () => {
    for (const other of [0, 1]) {
      const scene = new Scene(2);
      scene.open(0, 'ann', 1, 'a', true);
      scene.open(other, 'ann', 1);
      scene.advance(2 * TELL_MS);
      expect(scene.says('ann')).toBe(ONLINE);
      scene.turn(other, 'ann', 1);
      scene.advance(2 * TELL_MS);
      expect(scene.says('ann')).toBe(AWAY);
    }
  });

  it('stays away, and is not seen to come, when an away client connects again in time, or says so as it connects', () => {
    const scene = new Scene(2);
    scene.open(0, 'ann', 1, 'a', true);
    scene.advance(2 * TELL_MS);
    const states = new Set<string>();
    for (let turn = 0; turn < 3; turn += 1) {
      scene.close(0, 'ann');
      for (let passed = 0; passed < GRACE_MS - STEP_MS; passed += STEP_MS) {
        scene.advance(STEP_MS);
        states.add(scene.says('ann'));
      }
      scene.open(0, 'ann', 1, 'a', true);
      scene.advance(STEP_MS);
      states.add(scene.says('ann'));
    }
    expect([...states]).toEqual([AWAY]);
  });

  it('tells who listens of each user who changes, and of nobody else', () => {
    const scene = new Scene(2);
    const heard: string[] = [];
    const stop = scene.nodes[1]!.presence.listen({ changed: (app, user) => void heard.push(`${app}/${user}`), changedMany: () => void heard.push('many') });
    scene.open(0, 'ann');
    scene.open(1, 'ben');
    scene.advance(2 * TELL_MS);
    expect(heard.splice(0).sort()).toEqual(['a/ann', 'a/ben']);
    scene.open(0, 'ann');
    scene.advance(2 * TELL_MS);
    expect(heard).toEqual([]);
    scene.turn(0, 'ann');
    scene.turn(0, 'ann');
    scene.advance(2 * TELL_MS);
    expect(heard.splice(0)).toEqual(['a/ann']);
    scene.kill(0);
    scene.advance(SILENT_MS + 2 * DIGEST_MS);
    expect(heard.splice(0)).toEqual(['many']);
    stop();
    scene.turn(1, 'ben');
    expect(heard).toEqual([]);
  });

  it('[ISO1] of a user says nothing of a user with the same id in another app', () => {
    const scene = new Scene(2);
    scene.open(0, 'ann', 1, 'a');
    scene.advance(2 * TELL_MS);
    expect([scene.says('ann', 'a'), scene.says('ann', 'b')]).toEqual([ONLINE, OFFLINE]);
    scene.open(1, 'ann', 1, 'b');
    scene.close(0, 'ann', 1, 'a');
    scene.advance(GRACE_MS + 2 * TELL_MS);
    expect([scene.says('ann', 'a'), scene.says('ann', 'b')]).toEqual([OFFLINE, ONLINE]);
  });

  it('ends with its node: at once when that says goodbye, after 3 s when it is killed, and at once when it starts anew', async () => {
    const scene = new Scene(3);
    for (const [at, user] of ['ann', 'ben', 'carol'].entries()) scene.open(at, user);
    scene.advance(2 * TELL_MS);
    const leaving = scene.nodes[0]!;
    const stopped = leaving.presence.stop();
    scene.kill(0);
    scene.advance(TELL_MS);
    expect([scene.says('ann'), scene.says('ben'), scene.says('carol')]).toEqual([OFFLINE, ONLINE, ONLINE]);
    await stopped;
    expect(scene.lastSeen('ann')).toBeDefined();

    scene.kill(1);
    scene.advance(SILENT_MS - DIGEST_MS);
    expect(scene.says('ben')).toBe(ONLINE);
    scene.advance(2 * DIGEST_MS + STEP_MS);
    expect(scene.says('ben')).toBe(OFFLINE);

    scene.start(0);
    scene.advance(DIGEST_MS);
    scene.kill(2);
    scene.start(2);
    scene.advance(TELL_MS);
    expect(scene.says('carol')).toBe(OFFLINE);
  });

  it('survives that two nodes call themselves the same', () => {
    const scene = new Scene(3, () => 'one place');
    for (const [at, user] of ['ann', 'ben', 'carol'].entries()) scene.open(at, user);
    scene.advance(3 * DIGEST_MS);
    for (let turn = 0; turn < 100; turn += 1) {
      expect(['ann', 'ben', 'carol'].map((user) => scene.says(user))).toEqual([ONLINE, ONLINE, ONLINE]);
      scene.advance(STEP_MS);
    }
  });

  it('of a node that has started anew is not touched by what its former life still says', async () => {
    const scene = new Scene(2);
    scene.open(0, 'ann');
    scene.advance(DIGEST_MS);
    const late = scene.told.filter((message) => (message.kind === 'presence' || message.kind === 'presence_digest') && message.node === 'node 0001');
    await scene.nodes[0]!.presence.stop();
    scene.kill(0);
    scene.start(0);
    scene.open(0, 'ben');
    scene.advance(2 * TELL_MS);
    expect([scene.says('ann'), scene.says('ben')]).toEqual([OFFLINE, ONLINE]);
    expect(new Set(late.map(({ kind }) => kind))).toEqual(new Set(['presence', 'presence_digest']));
    for (const message of late) for (const handler of scene.nodes[1]!.handlers) handler(message);
    expect([scene.says('ann'), scene.says('ben')]).toEqual([OFFLINE, ONLINE]);
  });

  it('comes to a node that starts later, in messages of bounded length', () => {
    const scene = new Scene(1);
    const users = Array.from({ length: 2 * USERS_MAX + 1 }, (_, at) => `u${at}`);
    for (const user of users) scene.open(0, user);
    scene.advance(2 * TELL_MS);
    scene.told.length = 0;
    scene.start(1);
    scene.advance(2 * DIGEST_MS);
    expect(scene.nodes[1]!.presence.counts()).toEqual({ here: 0, elsewhere: users.length });
    const lists = scene.told.flatMap((message) => (message.kind === 'presence_list' ? [message.users.length] : []));
    expect(lists).toEqual([USERS_MAX, USERS_MAX, 1]);
    // Whoever knows everything is told a digest of a fixed size, and nothing else.
    scene.told.length = 0;
    scene.advance(5 * DIGEST_MS);
    expect(scene.told.every((message) => message.kind === 'presence_digest')).toBe(true);
    expect(scene.told.length).toBeLessThanOrEqual(12);
  });

  it('says nothing on the only node, and knows who is there', () => {
    const bus = createLocalBus();
    const heard: BusMessage[] = [];
    bus.listen((message) => void heard.push(message));
    const clock = manualClock();
    const presence = createPresence({ storage: { addSeen: () => Promise.resolve() }, bus, clock, log: silentLog(), node: 'n', place: 'p' });
    presence.run();
    presence.opened('a', 'ann', 1, false);
    for (let step = 0; step < 100; step += 1) clock.advance(STEP_MS);
    expect([heard, presence.of('a', 'ann')]).toEqual([[], { state: 'online', devices: 1 }]);
  });

  it('tells devices apart by what clients call them', () => {
    expect(new Set(Array.from({ length: 10_000 }, (_, at) => deviceOf(`device-${at}`))).size).toBeGreaterThan(9_990);
    expect(deviceOf('phone')).toBe(deviceOf('phone'));
  });
});

describe('last seen', () => {
  /** What waits is written, promise by promise. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const pass = async (scene: Scene, ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      scene.advance(STEP_MS);
      await settle();
    }
  };

  it('is written once a minute while a user is connected, and when the last socket has closed', async () => {
    const scene = new Scene(2);
    const startMs = scene.clock.now();
    scene.open(0, 'ann');
    await pass(scene, 150_000);
    expect(scene.written.length).toBeGreaterThanOrEqual(2);
    expect(scene.written.length).toBeLessThanOrEqual(Math.ceil(150_000 / SEEN_EVERY_MS));
    scene.close(0, 'ann');
    const closedMs = scene.clock.now();
    await pass(scene, GRACE_MS + DIGEST_MS + TELL_MS);
    expect(scene.lastSeen('ann')).toBe(closedMs);
    expect(closedMs).toBeGreaterThanOrEqual(startMs + 150_000);
    const count = scene.written.length;
    await pass(scene, 2 * SEEN_EVERY_MS);
    expect(scene.written.length).toBe(count);
  });

  it('is written by one of the others when a node was killed, but not of those who are still connected', async () => {
    const scene = new Scene(3);
    scene.open(0, 'ann');
    scene.open(0, 'ben');
    scene.open(1, 'ben');
    await pass(scene, DIGEST_MS);
    scene.written.length = 0;
    const killedMs = scene.clock.now();
    scene.kill(0);
    await pass(scene, SILENT_MS + 3 * DIGEST_MS);
    expect(scene.written.map(({ user }) => user)).toEqual(['ann']);
    expect(Math.abs(scene.lastSeen('ann')! - killedMs)).toBeLessThanOrEqual(DIGEST_MS);
  });

  it('is kept when the storage does not take it, and written in pieces', async () => {
    const clock = manualClock();
    const pieces: number[] = [];
    let down = true;
    const presence = createPresence({
      storage: { addSeen: (rows) => (down ? Promise.reject(new Error('away')) : Promise.resolve(void pieces.push(rows.length))) },
      bus: createLocalBus(), clock, log: silentLog(), node: 'n', place: 'p',
    });
    presence.run();
    for (let user = 0; user < 1_200; user += 1) presence.opened('a', `u${user}`, 1, false);
    for (let user = 0; user < 1_200; user += 1) presence.closed('a', `u${user}`, 1, false);
    for (let step = 0; step < 80; step += 1) {
      clock.advance(STEP_MS);
      await settle();
    }
    expect(pieces).toEqual([]);
    down = false;
    for (let step = 0; step < 25; step += 1) {
      clock.advance(STEP_MS);
      await settle();
    }
    expect(pieces).toEqual([500, 500, 200]);
  });
});

type Act =
  | { readonly kind: 'close'; readonly node: number; readonly user: number; readonly device: number }
  | { readonly kind: 'open' | 'turn'; readonly node: number; readonly user: number; readonly device: number; readonly away: boolean }
  | { readonly kind: 'kill' | 'start'; readonly node: number }
  | { readonly kind: 'wait'; readonly ms: number };

const acts: fc.Arbitrary<readonly Act[]> = fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('open' as const), node: fc.nat(3), user: fc.nat(5), device: fc.nat(2), away: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('turn' as const), node: fc.nat(3), user: fc.nat(5), device: fc.nat(2), away: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('close' as const), node: fc.nat(3), user: fc.nat(5), device: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('kill' as const, 'start' as const), node: fc.nat(3) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 50, max: 2_000 }) }) },
), { minLength: 5, maxLength: 80 });

const fates: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 5, arbitrary: fc.constant([0]) }, { weight: 2, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(LATE_MS_MAX)) }, { weight: 1, arbitrary: fc.tuple(fc.nat(LATE_MS_MAX), fc.nat(LATE_MS_MAX)) },
);

it('[PRS3,CLU2] all nodes agree with the truth after 3 s and one digest of quiet, whatever was lost, late, repeated or reordered, and whoever was killed', () => {
  let wrong = 0;
  fc.assert(fc.property(fc.integer({ min: 2, max: 4 }), acts, fc.infiniteStream(fates), (count, plan, stream) => {
    const scene = new Scene(count);
    scene.fate = () => stream.next().value!;
    for (const act of plan) {
      switch (act.kind) {
        case 'open': scene.open(act.node % count, `u${act.user}`, act.device, 'a', act.away); break;
        case 'turn': scene.turn(act.node % count, `u${act.user}`, act.device, act.away); break;
        case 'close': scene.close(act.node % count, `u${act.user}`, act.device); break;
        case 'kill': scene.kill(act.node % count); break;
        case 'start': if (!scene.nodes[act.node % count]) scene.start(act.node % count); break;
        case 'wait': scene.advance(act.ms); break;
        default:
      }
    }
    const users = Array.from({ length: 6 }, (_, at) => `u${at}`);
    if (scene.nodes.some(Boolean) && users.some((user) => scene.says(user) !== scene.truth(user))) wrong += 1;
    // From here on nothing goes wrong; what is on its way arrives first.
    scene.fate = () => [0];
    scene.advance(LATE_MS_MAX);
    scene.advance(SILENT_MS + DIGEST_MS + 2 * STEP_MS);
    if (scene.nodes.some(Boolean)) for (const user of users) expect(scene.says(user)).toBe(scene.truth(user));
  }), { numRuns: 500 });
  // The bus has really been bad.
  expect(wrong).toBeGreaterThan(100);
});
