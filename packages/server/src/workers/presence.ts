/**
 * Who is connected, over all nodes. A node tells what changes at once, and each second its version; whoever misses something asks for
 * the whole, and has it a moment later. Silence for 3 s means that a node is gone (CLU2: what the bus loses is made good by then).
 */
import type { Bus, UserDevices } from '../bus/port.js';
import { LocalUsers } from '../domain/presence/local-users.js';
import { markOf, presenceOf, type Presence, type PresenceListener, type UserPresence } from '../domain/presence/presence.js';
import { RemoteNodes, type Lost } from '../domain/presence/remote-nodes.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Storage } from '../storage/port.js';
import { createLastSeen } from './last-seen.js';

/** Changes of so long are told together. */
export const TELL_MS = 100;
export const DIGEST_MS = 1_000;
/** Users in one message. */
export const USERS_MAX = 1_000;
/** A node says all its users at most so often, to all who have asked. */
const LIST_MS = 1_000;
/** While a user is connected, that is written down so often. */
export const SEEN_EVERY_MS = 60_000;
const SEEN_LOOK_MS = 5_000;

export interface PresenceWorker extends Presence {
  run(): void;
  /** Users who are connected to this node, and those that the other nodes have told of. */
  counts(): { readonly here: number; readonly elsewhere: number };
  /** Says goodbye, and writes down when the users here were seen last. Sockets have been closed by then. */
  stop(): Promise<void>;
}

export interface PresenceParts {
  readonly storage: Pick<Storage, 'addSeen'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this start of the node. */
  readonly node: string;
  /** The same after a restart of the same node, and no other's. */
  readonly place: string;
}

export function createPresence({ storage, bus, clock, log, node, place }: PresenceParts): PresenceWorker {
  const listeners = new Set<PresenceListener>();
  const told: PresenceListener = {
    changed(app, user) {
      for (const listener of listeners) listener.changed(app, user);
    },
    changedMany() {
      for (const listener of listeners) listener.changedMany();
    },
  };
  const local = new LocalUsers(told.changed);
  const remote = new RemoteNodes(told);
  const seen = createLastSeen(storage, log);
  const ends: (() => void)[] = [];
  let version = 0;
  let listedMs = Number.NEGATIVE_INFINITY;
  let listAsked = false;

  function tell(): void {
    for (const { app, user, closedMs } of local.release(clock.monotonic())) seen.note(app, user, wallOf(closedMs));
    const changes = local.changes();
    if (bus.lossless) return;
    for (const some of chunks(changes)) bus.publish({ kind: 'presence', node, place, version: ++version, changes: some });
    if (listAsked && clock.monotonic() - listedMs >= LIST_MS) list();
  }

  /** What has changed has just been told, so this is what the version stands for. */
  function list(): void {
    listAsked = false;
    listedMs = clock.monotonic();
    const parts = chunks(local.all());
    if (parts.length === 0) parts.push([]);
    for (const [part, users] of parts.entries()) bus.publish({ kind: 'presence_list', node, place, version, part, parts: parts.length, users });
  }

  function digest(gone = false): void {
    for (const one of remote.expire(clock.monotonic())) lose(one);
    if (!bus.lossless) bus.publish({ kind: 'presence_digest', node, place, version, gone });
  }

  /** One of the nodes that are left writes down when the users of a lost one were seen last; twice would do no harm. */
  function lose({ users, heardMs }: Lost): void {
    if (remote.ids().some((id) => id < node)) return;
    const seenMs = wallOf(heardMs);
    for (const [app, user] of users.entries()) if (of(app, user).state === 'offline') seen.note(app, user, seenMs);
  }

  const wallOf = (monotonicMs: number): number => Math.round(clock.now() - (clock.monotonic() - monotonicMs));

  function of(app: string, user: string): UserPresence {
    const here = local.devices(app, user);
    const elsewhere = remote.devices(app, user);
    return presenceOf(here ? [here, ...elsewhere] : [...elsewhere]);
  }

  function noteOnline(): void {
    for (const [app, user] of local.unnoted(clock.monotonic(), SEEN_EVERY_MS)) seen.note(app, user, clock.now());
  }

  return {
    of,
    // Spread over the minute, so that those who have come together are not written down together.
    opened: (app, user, device, away) => local.opened(app, user, markOf(device, away), clock.monotonic() - (device % SEEN_EVERY_MS)),
    turned: (app, user, device, away) => local.turned(app, user, markOf(device, !away), markOf(device, away)),
    closed: (app, user, device, away) => local.closed(app, user, markOf(device, away), clock.monotonic()),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    counts: () => ({ here: local.size, elsewhere: remote.users }),
    run() {
      ends.push(
        bus.listen((message) => {
          switch (message.kind) {
            case 'presence':
            case 'presence_digest':
            case 'presence_list': {
              if (message.node === node) return;
              const { ask, lost } = remote.hear(message, clock.monotonic());
              for (const one of lost) lose(one);
              if (ask) bus.publish({ kind: 'presence_ask', node: message.node });
              return;
            }
            case 'presence_ask':
              if (message.node === node) listAsked = true;
              return;
            default:
          }
        }),
        clock.every(TELL_MS, tell), clock.every(DIGEST_MS, () => {
          digest();
          void seen.flush();
        }), clock.every(SEEN_LOOK_MS, noteOnline),
      );
      digest();
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      for (const { app, user, closedMs } of local.end(clock.monotonic())) seen.note(app, user, wallOf(closedMs));
      digest(true);
      // What is being written, and what came behind it.
      await seen.flush();
      await seen.flush();
    },
  };
}

function chunks(users: readonly UserDevices[]): (readonly UserDevices[])[] {
  const list: (readonly UserDevices[])[] = [];
  for (let at = 0; at < users.length; at += USERS_MAX) list.push(users.slice(at, at + USERS_MAX));
  return list;
}
