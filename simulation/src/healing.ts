/** Liveness: when nothing goes wrong any more, everything that was accepted arrives, within a time. */
import type { Device } from './device.js';
import type { AppStage } from './stage.js';
import { devicesOf, inFlight, type World } from './world.js';

/** The longest waits of the SDK (30 s) and of the server (three heartbeats) come one after the other. */
const DRAIN_MS = 120_000;
/** Longer than the slowest message, and the answer to it. */
const SETTLE_MS = 4_000;
/** What is to happen of itself before long is waited for: then nothing moves any more. */
const SOON_MS = 3_600_000;

/** Mends what is broken. */
export async function heal(world: World): Promise<void> {
  const { cluster, network, stage } = world;
  network.slowPct = 0;
  network.droppedPct = 0;
  cluster.hub.usual();
  for (const node of cluster.nodes) {
    node.busTroublePct = 0;
    node.stallDisk(0);
    node.failStore(0);
  }
  for (const backend of [stage.main.backend, stage.other.backend]) backend.lossPct = 0;
  for (const wire of network.standing()) wire.resume();
  await cluster.start();
  for (const app of [stage.main, stage.other]) await letEverybodyIn(world, app);
  for (const device of devicesOf(world)) if (!device.up) device.start();
}

/** What keeps people from talking is over: they have things to say yet. */
async function letEverybodyIn({ disk }: World, { id, backend, users, conversations }: AppStage): Promise<void> {
  for (const user of users.values()) {
    if (disk.store.calls.user(id, user)?.deactivatedMs !== null) await backend.command('users.reactivate', { user_id: user }, { op: 'users.reactivate', stream: '' });
  }
  for (const conversation of conversations) {
    await backend.command('conversations.settings', { conversation_id: conversation, frozen: false, slow_mode_s: 0 }, { op: 'conversations.settings', stream: conversation });
  }
}

/**
 * Waits until everything rests, and has done so for a while: a mark, or the revocation that is to close a connection, may be on its
 * way and is nothing that anybody waits for.
 *
 * @returns what has not come to rest in time
 */
export async function drain(world: World): Promise<string[]> {
  const { scheduler } = world;
  let restsFromMs = Number.POSITIVE_INFINITY;
  const done = await scheduler.until(() => {
    restsFromMs = unfinished(world).length > 0 ? Number.POSITIVE_INFINITY : Math.min(restsFromMs, scheduler.nowMs);
    return scheduler.nowMs - restsFromMs >= SETTLE_MS;
  }, DRAIN_MS);
  return done ? [] : unfinished(world);
}

function unfinished(world: World): string[] {
  const waits = devicesOf(world).flatMap((device) => [
    ...(device.connected ? [] : [`${device.owner.name} is not connected${device.problem === undefined ? '' : ` (${device.problem})`}`]),
    ...(device.pending > 0 ? [`${device.owner.name} has ${device.pending} commands without an answer`] : []),
    ...(device.idle ? [] : [`a handler of ${device.owner.name} still runs`]),
    ...behind(world, device),
  ]);
  const due = world.disk.store.calls.due(world.wallMs() + SOON_MS, 1).items;
  return [...waits, ...due.map(({ type, stream, targetSeq }) => `what has a time waits for it: ${type} of ${stream} ${targetSeq}`), ...(inFlight(world) > 0 ? [`${inFlight(world)} commands have no answer`] : [])];
}

/** Who only looks may have nothing of a stream yet; what it has begun it must be at the end of. */
function behind(world: World, device: Device): string[] {
  return [...endsOf(world, device)].flatMap(([stream, end]) => {
    const reached = device.reachedIn(stream) ?? (device.owner.kind === 'consumer' ? 0 : undefined);
    return reached === undefined || reached >= end ? [] : [`${device.owner.name} is at ${reached} of ${end} in ${stream}`];
  });
}

/** Where the device's streams end for its user. */
export function endsOf({ disk, stage }: World, { owner: { app, user, kind } }: Device): Map<string, number> {
  const ends = new Map<string, number>();
  const { conversations } = app === stage.main.id ? stage.main : stage.other;
  for (const stream of [...conversations, user]) {
    const page = disk.store.calls.facts({ app, stream, viewer: user, afterSeq: 0, limit: 1 });
    // Who only looks is not told of what was said before it left, if it was away then.
    if (page && (page.active || kind === 'consumer')) ends.set(stream, page.endSeq);
  }
  return ends;
}
