/** The users who are connected to this node. Pure: time comes in, and what has changed goes out. */
import type { UserDevices } from '../../bus/port.js';
import { mergeMarks } from './presence.js';
import { UserTable } from './user-table.js';

/** How long a user stays online after their last socket has closed: a reconnect does not flicker. */
export const GRACE_MS = 2_000;
/** Devices of one user that others are told of. */
export const DEVICES_MAX = 8;

interface LocalUser {
  /** The mark of each open socket (`markOf`). */
  sockets: readonly number[];
  /** As others are told; the last of them stay for the grace. */
  devices: readonly number[];
  /** When the last socket has closed. */
  closedMs: number | undefined;
  /** When it was last put down that they are here. */
  notedMs: number;
}

export class LocalUsers {
  private readonly users = new UserTable<LocalUser>();
  /** In the order in which their last socket closed. */
  private readonly leaving = new Map<LocalUser, readonly [app: string, user: string]>();
  private readonly changed = new UserTable<true>();

  /** @param onChange is told at once who is another than before */
  constructor(private readonly onChange: (app: string, user: string) => void) {}

  get size(): number {
    return this.users.size;
  }

  /** @param notedMs as if it had been put down then that they are here */
  opened(app: string, user: string, mark: number, notedMs: number): void {
    const known = this.users.get(app, user);
    if (!known) {
      const sockets = [mark];
      this.users.set(app, user, { sockets, devices: sockets, closedMs: undefined, notedMs });
      this.change(app, user);
      return;
    }
    this.leaving.delete(known);
    known.closedMs = undefined;
    this.become(app, user, known, [...known.sockets, mark]);
  }

  /** A socket has another mark than before. */
  turned(app: string, user: string, from: number, to: number): void {
    const known = this.users.get(app, user);
    const at = known?.sockets.indexOf(from) ?? -1;
    if (known && at >= 0) this.become(app, user, known, known.sockets.with(at, to));
  }

  /** What is told of the last device stays for a moment. */
  closed(app: string, user: string, mark: number, nowMs: number): void {
    const known = this.users.get(app, user);
    const at = known?.sockets.indexOf(mark) ?? -1;
    if (!known || at < 0) return;
    const rest = known.sockets.filter((_, place) => place !== at);
    if (rest.length > 0) {
      this.become(app, user, known, rest);
      return;
    }
    known.sockets = rest;
    known.closedMs = nowMs;
    this.leaving.set(known, [app, user]);
  }

  /** @returns marks; undefined for who is not here. Who has just left has those that they had */
  devices(app: string, user: string): readonly number[] | undefined {
    return this.users.get(app, user)?.devices;
  }

  /** Lets go of those who have been away for long enough. @returns them, and when their last socket closed */
  release(nowMs: number): readonly { readonly app: string; readonly user: string; readonly closedMs: number }[] {
    const left: { app: string; user: string; closedMs: number }[] = [];
    for (const [known, [app, user]] of this.leaving) {
      const { closedMs = nowMs } = known;
      if (nowMs - closedMs < GRACE_MS) break;
      this.leaving.delete(known);
      this.users.delete(app, user);
      this.change(app, user);
      left.push({ app, user, closedMs });
    }
    return left;
  }

  /** Those of whom others do not know yet, as they are now. */
  changes(): readonly UserDevices[] {
    const list = [...this.changed.entries()].map(([app, user]): UserDevices => [app, user, this.users.get(app, user)?.devices ?? null]);
    this.changed.clear();
    return list;
  }

  /** Everybody, as others were told or will be. */
  all(): readonly UserDevices[] {
    return [...this.users.entries()].map(([app, user, { devices }]) => [app, user, devices]);
  }

  /** Those of whom it was put down longer ago than that that they are here; from now on it has been. */
  unnoted(nowMs: number, every_ms: number): readonly (readonly [app: string, user: string])[] {
    const list: (readonly [string, string])[] = [];
    for (const [app, user, one] of this.users.entries()) {
      if (one.closedMs !== undefined || nowMs - one.notedMs < every_ms) continue;
      one.notedMs = nowMs;
      list.push([app, user]);
    }
    return list;
  }

  /** Everybody, with the moment at which their last socket has closed, or now. */
  end(nowMs: number): readonly { readonly app: string; readonly user: string; readonly closedMs: number }[] {
    return [...this.users.entries()].map(([app, user, { closedMs = nowMs }]) => ({ app, user, closedMs }));
  }

  private become(app: string, user: string, known: LocalUser, sockets: readonly number[]): void {
    const distinct = mergeMarks(sockets, DEVICES_MAX);
    const same = distinct.length === known.devices.length && distinct.every((device) => known.devices.includes(device));
    known.sockets = sockets;
    if (same) return;
    known.devices = distinct;
    this.change(app, user);
  }

  private change(app: string, user: string): void {
    this.changed.set(app, user, true);
    this.onChange(app, user);
  }
}
