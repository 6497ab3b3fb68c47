/** Many users who come online and go offline, beside a Map and an event to whoever watches. */
import { readFileSync } from 'node:fs';
import { sleep } from '../clock.js';
import { openHttpLine, type HttpLine } from '../http-line.js';
import type { Rig } from '../rig.js';
import { portOf } from '../subject.js';
import { scenario, withRatios } from './scenario.js';

/** Asked about at once. */
const BATCH = 100;
const ASK_AGAIN_MS = 25;
/** Users who do not come or go are a mistake, not a figure. */
const SEEN_MS_MAX = 60_000;
/** These come first, and bring in code and caches that the others share. */
const FIRST = 500;
const USERS = 10_000;
/** Files that a process has open beside its sockets. */
const FILES = 500;

/** As many sockets as one process may have; Linux only. */
function usersMax(): number {
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return soft === undefined ? USERS : Math.min(USERS, Number(soft) - FIRST - FILES);
}

const measured = scenario('presence', ['talaria', 'socketio-presence'], ({ quick, progress }) => [quick ? 2_000 : usersMax()].map((users) => ({
  params: { users },
  async measure(rig) {
    // The first client watches: it shares a conversation with everybody.
    const end = 1 + FIRST + users;
    await rig.prepare({ clients: end, senders: 1, rooms: [Array.from({ length: end - 1 }, (_, at) => 1 + at)] });
    // To make users takes memory, too, which would then be there for the connections.
    if (rig.subject === 'talaria') {
      await rig.stop();
      await rig.startAgain();
    }
    await rig.connect(0, 1 + FIRST);
    const line = openHttpLine(portOf(rig.target, 0), rig.target.tokens[0]!);
    try {
      const coming = rig.target.users.slice(1 + FIRST);
      await allSeen(line, coming, false);
      const beforeBytes = await rig.serverMemory();
      progress(`presence, ${users} come`);
      const online = await change(rig, () => rig.connect(1 + FIRST, end), () => allSeen(line, coming, true));
      const onlineBytes = await rig.serverMemory();
      progress(`presence, ${users} go`);
      const offline = await change(rig, () => rig.hangUp(), () => allSeen(line, coming, false));
      return {
        online_ms: online.seen_ms, online_lag_ms: online.seen_ms - online.done_ms, cpu_us_per_online: online.cpu_us / users,
        offline_ms: offline.seen_ms, cpu_us_per_offline: offline.cpu_us / (users + FIRST), kb_per_user: (onlineBytes - beforeBytes) / users / 1_024,
      };
    } finally {
      line.close();
    }
  },
})));

export const presence = withRatios(measured, 'socketio-presence', ['online_ms', 'cpu_us_per_online', 'cpu_us_per_offline', 'kb_per_user']);

/** @returns when it was done, when all of it was seen, and what both cost the server, with the questions */
async function change(rig: Rig, does: () => Promise<void>, seen: () => Promise<void>): Promise<{ readonly done_ms: number; readonly seen_ms: number; readonly cpu_us: number }> {
  const [beforeUs, sinceMs] = [rig.serverCpuUs(), performance.now()];
  const elapsed = (): number => performance.now() - sinceMs;
  const [done_ms, seen_ms] = await Promise.all([does().then(elapsed), seen().then(elapsed)]);
  return { done_ms, seen_ms, cpu_us: rig.serverCpuUs() - beforeUs };
}

/** Asks about a hundred at a time until all of them are there, or none is. */
async function allSeen(line: HttpLine, users: readonly string[], online: boolean): Promise<void> {
  const sinceMs = performance.now();
  for (let at = 0; at < users.length;) {
    const { items } = await line.call<{ readonly items: readonly { readonly online: boolean }[] }>('POST', '/v1/users/presence', { user_ids: users.slice(at, at + BATCH) });
    if (items.length !== Math.min(BATCH, users.length - at)) throw new Error(`${items.length} of ${BATCH} users may be seen`);
    if (items.every((item) => item.online === online)) at += BATCH;
    else if (performance.now() - sinceMs > SEEN_MS_MAX) throw new Error(`not all users were seen ${online ? 'online' : 'offline'} in time`);
    else await sleep(ASK_AGAIN_MS);
  }
}
