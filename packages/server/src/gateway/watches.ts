/**
 * Whose presence connections follow. What a watch may tell is decided once for its lifetime, in one read, so that a change costs nothing
 * for whom nobody watches, and one entry of a frame for each who does. It is decided anew when a fact passes by which somebody may have
 * become invisible, and when the client renews it.
 */
import { isId, limits, ProtocolError, type UserPresence as WireState, type Watch } from '@talaria/protocol';
import type { Domain } from '../domain/domain.js';
import { GRACE_MS } from '../domain/presence/local-users.js';
import type { PresenceListener, UserPresence } from '../domain/presence/presence.js';
import { UserTable } from '../domain/presence/user-table.js';
import { mayHide, perhapsHiddenFrom, visibleTo } from '../domain/presence/visible.js';
import { errorFields } from '../runtime/log.js';
import type { Session } from './session.js';

/** Changes of so long are told together. */
export const TELL_MS = 100;
/** How often watches that nobody has renewed are let go of; they tell nothing before that. */
const EXPIRE_MS = 5_000;

/** A user whom somebody watches here. */
interface Watched {
  readonly app: string;
  readonly user: string;
  /** As everybody was told who watches. */
  told: UserPresence;
  seenMs: number;
  readonly by: Set<Session>;
}

interface Granted {
  /** Of the frame that asked. */
  readonly id: number;
  readonly users: readonly Watched[];
  /** On the monotonic clock. */
  readonly untilMs: number;
}

export interface WatchesParts {
  readonly domain: Domain;
  /** The connections of a user to this node. */
  readonly ofUser: (app: string, user: string) => readonly Session[];
  /** Something was written to sockets: they may have become slow (FLW1). */
  readonly wrote: () => void;
  /** A watch could not be answered. */
  readonly refused: (session: Session, error: unknown) => void;
}

export interface WatchCounts {
  /** Users whom somebody watches. */
  readonly users: number;
  /** Connections that watch somebody. */
  readonly connections: number;
  /** States that connections were told since the start, without answers. */
  readonly told: number;
}

export class Watches implements PresenceListener {
  private readonly watched = new UserTable<Watched>();
  private readonly granted = new Map<Session, Granted>();
  /** The newest watch of each connection for which the storage is being asked. */
  private readonly asked = new Map<Session, Watch>();
  private dirty = new Set<Watched>();
  private anybody = false;
  /** Connections that were not told something, because their sockets took nothing (FLW1). */
  private readonly behind = new Set<Session>();
  private told = 0;
  /** Users who may be visible no more, to those who watch them or of those whom they watch. */
  private doubted = new UserTable<true>();
  private deciding = false;

  constructor(private readonly parts: WatchesParts) {}

  /** Answers a watch with who is visible, and tells changes from then on. One that comes meanwhile takes its place. @throws ProtocolError invalid_argument, rate_limited */
  watch(session: Session, frame: Watch): void {
    if (!frame.user_ids.every((id) => isId('user', id))) throw new ProtocolError('invalid_argument', 'user_ids must be ids of users, u_…; the operation users.batch tells those of your own.', { field: 'user_ids' });
    this.parts.domain.limits.take(session.app.row.id, session.userId, null);
    const reading = this.asked.has(session);
    this.asked.set(session, frame);
    if (!reading) void this.read(session);
  }

  /** The connection has ended. */
  end(session: Session): void {
    this.asked.delete(session);
    this.release(session);
  }

  changed(app: string, user: string): void {
    const watched = this.watched.get(app, user);
    if (watched) this.dirty.add(watched);
  }

  changedMany(): void {
    this.anybody = this.watched.size > 0;
  }

  /**
   * A fact of a user's own stream has passed (ISO3, PRS2).
   *
   * @param type undefined when only its place is known
   */
  passed(app: string, user: string, type: string | undefined): void {
    if (!mayHide(type)) return;
    if (this.asked.size > 0 || this.watched.get(app, user) || this.parts.ofUser(app, user).some((session) => this.granted.has(session))) this.doubted.set(app, user, true);
  }

  /** Tells what has changed since the last time. */
  tell(): void {
    if (this.doubted.size > 0 && !this.deciding) void this.decide();
    if (this.dirty.size === 0 && !this.anybody && this.behind.size === 0) return;
    const nowMs = this.parts.domain.clock.monotonic();
    const frames = new Map<Session, Watched[]>();
    for (const watched of this.anybody ? this.everybody() : this.dirty) {
      if (!this.refresh(watched)) continue;
      for (const session of watched.by) {
        const granted = this.granted.get(session);
        if (!granted || granted.untilMs <= nowMs) continue;
        if (session.open?.stalled) this.behind.add(session);
        else listAt(frames, session).push(watched);
      }
    }
    this.dirty = new Set();
    this.anybody = false;
    for (const [session, users] of frames) this.write(session, { id: 0, lifetime_ms: 0 }, users);
    this.tellBehind(nowMs);
  }

  /** Lets go of what has not been renewed. */
  expire(): void {
    const nowMs = this.parts.domain.clock.monotonic();
    for (const [session, { untilMs }] of this.granted) if (untilMs <= nowMs) this.release(session);
  }

  counts(): WatchCounts {
    return { users: this.watched.size, connections: this.granted.size, told: this.told };
  }

  /** @returns how to stop */
  run(): () => void {
    const { clock, presence } = this.parts.domain;
    const stops = [presence.listen(this), clock.every(TELL_MS, () => this.tell()), clock.every(EXPIRE_MS, () => this.expire())];
    return () => {
      for (const stop of stops) stop();
    };
  }

  private async read(session: Session): Promise<void> {
    const { domain } = this.parts;
    const app = session.app.row.id;
    try {
      for (let frame = this.asked.get(session); frame; frame = this.asked.get(session)) {
        const visible = await visibleTo(domain, app, session.userId, frame.user_ids);
        if (this.asked.get(session) !== frame) continue;
        this.asked.delete(session);
        this.grant(session, frame, visible);
      }
    } catch (error) {
      if (this.asked.delete(session)) this.parts.refused(session, error);
    }
  }

  /** Decides anew what may have changed, one user after the other. */
  private async decide(): Promise<void> {
    const { doubted } = this;
    this.doubted = new UserTable();
    this.deciding = true;
    for (const [app, user] of doubted.entries()) {
      try {
        await this.decideAbout(app, user);
      } catch (error) {
        // It could not be read: the next round asks again.
        this.doubted.set(app, user, true);
        this.parts.domain.log.debug('watch.not_decided', errorFields(error));
      }
    }
    this.deciding = false;
  }

  private async decideAbout(app: string, user: string): Promise<void> {
    // What is being read may be from before.
    for (const [session, frame] of this.asked) if (session.app.row.id === app && (session.userId === user || frame.user_ids.includes(user))) this.asked.set(session, { ...frame });
    const sessions = new Set(this.parts.ofUser(app, user));
    const viewers = new Map<string, Session[]>();
    for (const session of this.watched.get(app, user)?.by ?? []) listAt(viewers, session.userId).push(session);
    const names = [...viewers.keys()];
    for (let at = 0; at < names.length; at += limits.watch_max) {
      const hidden = await perhapsHiddenFrom(this.parts.domain, app, user, names.slice(at, at + limits.watch_max));
      for (const viewer of hidden) for (const session of viewers.get(viewer) ?? []) sessions.add(session);
    }
    for (const session of sessions) await this.grantAgain(session);
  }

  /** Answers the watch once more when somebody in it is visible no more. */
  private async grantAgain(session: Session): Promise<void> {
    const granted = this.granted.get(session);
    if (!granted) return;
    const ids = granted.users.map(({ user }) => user);
    const visible = await visibleTo(this.parts.domain, session.app.row.id, session.userId, ids);
    if (this.granted.get(session) === granted && visible.size < ids.length) this.grant(session, { id: granted.id }, visible);
  }

  private grant(session: Session, frame: Pick<Watch, 'id'>, visible: ReadonlyMap<string, number | null>): void {
    const app = session.app.row.id;
    const users = [...visible].map(([user, seenMs]) => this.enter(app, user, seenMs ?? 0, session));
    const before = this.granted.get(session);
    const kept = new Set(users);
    for (const watched of before?.users ?? []) if (!kept.has(watched)) this.leave(watched, session);
    this.behind.delete(session);
    if (users.length === 0) this.granted.delete(session);
    else this.granted.set(session, { id: frame.id, users, untilMs: this.parts.domain.clock.monotonic() + limits.watch_lifetime_ms });
    this.write(session, { id: frame.id, lifetime_ms: limits.watch_lifetime_ms }, users);
  }

  private enter(app: string, user: string, seenMs: number, session: Session): Watched {
    const { presence } = this.parts.domain;
    const known = this.watched.get(app, user);
    const watched = known ?? { app, user, told: presence.of(app, user), seenMs: 0, by: new Set<Session>() };
    if (!known) this.watched.set(app, user, watched);
    watched.seenMs = Math.max(watched.seenMs, seenMs);
    watched.by.add(session);
    return watched;
  }

  private release(session: Session): void {
    for (const watched of this.granted.get(session)?.users ?? []) this.leave(watched, session);
    this.granted.delete(session);
    this.behind.delete(session);
  }

  private leave(watched: Watched, session: Session): void {
    watched.by.delete(session);
    if (watched.by.size > 0) return;
    this.watched.delete(watched.app, watched.user);
    this.dirty.delete(watched);
  }

  /** @returns whether it is another state than was told */
  private refresh(watched: Watched): boolean {
    const { clock, presence } = this.parts.domain;
    const { told } = watched;
    const now = presence.of(watched.app, watched.user);
    if (now.state === told.state && now.devices === told.devices) return false;
    // When the last socket has closed: the grace ago. The storage knows it better a moment later.
    if (now.state === 'offline') watched.seenMs = Math.max(watched.seenMs, Math.round(clock.now() - GRACE_MS));
    watched.told = now;
    return true;
  }

  /** Who takes frames again is told everything: it is less than what was missed may be. */
  private tellBehind(nowMs: number): void {
    for (const session of this.behind) {
      const granted = this.granted.get(session);
      if (granted && granted.untilMs > nowMs && session.open?.stalled) continue;
      this.behind.delete(session);
      if (granted && granted.untilMs > nowMs) this.write(session, { id: 0, lifetime_ms: 0 }, granted.users);
    }
  }

  private write(session: Session, frame: { readonly id: number; readonly lifetime_ms: number }, users: readonly Watched[]): void {
    if (frame.id === 0) this.told += users.length;
    session.write({ presence: { ...frame, users: users.map(stateOf) } });
    this.parts.wrote();
  }

  private *everybody(): Generator<Watched> {
    for (const [, , watched] of this.watched.entries()) yield watched;
  }
}

function stateOf({ user, told: { state, devices }, seenMs }: Watched): WireState {
  return { user_id: user, state, devices, last_seen_ms: state === 'offline' ? seenMs : 0 };
}

function listAt<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const known = lists.get(key);
  if (known) return known;
  const fresh: Item[] = [];
  lists.set(key, fresh);
  return fresh;
}
