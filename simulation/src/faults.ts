/** What goes wrong, and when. Each fault waits until it hits work in flight. */
import type { Dice } from './dice.js';
import type { Failpoint } from './node.js';
import { streamsOf } from './stage.js';
import { devicesOf, inFlight, type World } from './world.js';

type Fault = (world: World, dice: Dice) => Promise<void> | void;

const FAILPOINTS: readonly Failpoint[] = ['before_commit', 'after_commit', 'before_announce', 'before_ack'];
const MONTH_MS = 31 * 86_400_000;
/** How long a fault waits for work that it could hit. */
const WAIT_MS = 600;

const faults: Readonly<Record<string, Fault>> = {
  async crash(world, dice) {
    world.cluster.any().crash();
    await again(world, dice);
  },
  async 'crash at a failpoint'(world, dice) {
    const node = world.cluster.any();
    node.arm(dice.pick(FAILPOINTS));
    await world.scheduler.sleep(dice.between(100, 1_500), 'armed');
    node.crash();
    await again(world, dice);
  },
  async 'drain and start'(world, dice) {
    await world.cluster.any().drain(dice.between(0, 1_500));
    await again(world, dice);
  },
  'connections reset'(world, dice) {
    for (const wire of world.network.standing()) if (dice.chance(0.5)) wire.reset();
  },
  'connections half open'(world, dice) {
    for (const wire of world.network.standing()) if (dice.chance(0.4)) wire.sever();
  },
  async 'slow readers'(world, dice) {
    const slow = world.network.standing().filter(() => dice.chance(0.5));
    for (const wire of slow) wire.pause();
    await world.scheduler.sleep(dice.between(200, 6_000), 'slow');
    for (const wire of slow) wire.resume();
  },
  async 'bus trouble'(world, dice) {
    const { cluster, scheduler } = world;
    const node = cluster.any();
    node.busTroublePct = dice.between(20, 100);
    if (!cluster.single) cluster.hub.troublePct = dice.between(20, 100);
    await scheduler.sleep(dice.between(300, 4_000), 'bus trouble');
    node.busTroublePct = 0;
    cluster.hub.usual();
  },
  async 'node off the bus'(world, dice) {
    const { cluster, scheduler } = world;
    if (cluster.single) return;
    const at = dice.below(cluster.nodes.length);
    cluster.hub.cutOff(at);
    await scheduler.sleep(dice.between(300, 6_000), 'off the bus');
    cluster.hub.heal(at);
  },
  async 'all nodes at once'(world, dice) {
    if (world.cluster.single) return;
    world.cluster.crash();
    await again(world, dice);
  },
  async 'slow network'(world, dice) {
    world.network.slowPct = dice.between(10, 60);
    await world.scheduler.sleep(dice.between(500, 5_000), 'slow network');
    world.network.slowPct = 2;
  },
  async 'facts dropped'(world, dice) {
    world.network.droppedPct = dice.between(5, 40);
    await world.scheduler.sleep(dice.between(300, 3_000), 'facts dropped');
    world.network.droppedPct = 0;
  },
  async 'answers lost'(world, dice) {
    const backends = [world.stage.main.backend, world.stage.other.backend];
    for (const backend of backends) backend.lossPct = 60;
    await world.scheduler.sleep(dice.between(500, 4_000), 'answers lost');
    for (const backend of backends) backend.lossPct = 0;
  },
  'disk stalls': (world, dice) => world.cluster.any().stallDisk(dice.between(100, 3_000)),
  'store fails': (world, dice) => world.cluster.any().failStore(dice.between(100, 4_000)),
  async 'app killed'(world, dice) {
    const device = dice.pick(devicesOf(world));
    if (!device.up) return;
    device.kill();
    await world.scheduler.sleep(dice.between(50, 5_000), 'app is off');
    device.start();
  },
  async 'a month passes'(world) {
    world.jump(MONTH_MS);
    await world.cluster.anyUp().maintain();
  },
  'back-up': (world) => world.disk.backUp(),
  async 'old copy restored'(world, dice) {
    if (!world.disk.backedUp) return;
    world.cluster.crash();
    const before = world.disk.restore();
    world.chronicle.closeEra(before, streamsOf(world.stage, before));
    world.watch.restored();
    for (const app of [world.stage.main, world.stage.other]) app.backend.enter();
    await again(world, dice);
  },
};

/** How often each comes, in parts. */
const WEIGHTS: Readonly<Record<keyof typeof faults, number>> = {
  crash: 6, 'crash at a failpoint': 12, 'drain and start': 4, 'connections reset': 8, 'connections half open': 6, 'slow readers': 6, 'bus trouble': 6, 'slow network': 4, 'facts dropped': 5,
  'answers lost': 5, 'disk stalls': 4, 'app killed': 10, 'a month passes': 1, 'back-up': 2, 'old copy restored': 2,
  'node off the bus': 5, 'store fails': 5, 'all nodes at once': 1,
};

/** One fault after the other, until the day is over. */
export async function troubles(world: World, dice: Dice): Promise<void> {
  const { scheduler } = world;
  const pause_ms = dice.between(500, 3_000);
  while (!world.over) {
    await scheduler.sleep(dice.between(0, 2 * pause_ms), 'trouble');
    if (world.over) return;
    for (const untilMs = scheduler.nowMs + WAIT_MS; inFlight(world) === 0 && scheduler.nowMs < untilMs;) await scheduler.sleep(5, 'wait for work');
    const name = weighted(dice);
    world.chronicle.fault(name, inFlight(world));
    world.trace.note(scheduler.nowMs, `FAULT ${name}`);
    await faults[name]!(world, dice);
  }
}

async function again(world: World, dice: Dice): Promise<void> {
  await world.scheduler.sleep(dice.between(20, 3_000), 'node is off');
  await world.cluster.start();
}

function weighted(dice: Dice): string {
  const all = Object.entries(WEIGHTS);
  let left = dice.fraction() * all.reduce((sum, [, weight]) => sum + weight, 0);
  return all.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'crash';
}
