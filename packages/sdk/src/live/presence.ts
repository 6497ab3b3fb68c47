/** Who is there: one list for the connection, renewed while somebody wants it, and sent again after a reconnect. */
import type { limits, Presence as PresenceFrame, UserPresence as WireState } from '@talaria/protocol';
import type { Core } from '../core.js';
import { Emitter } from '../emitter.js';
import { requireUserIds } from './user-ids.js';

/** Whether a user is there, and on how many devices. */
export interface UserPresence {
  /** `away`: connected, and turned away from every device. */
  readonly state: 'online' | 'away' | 'offline';
  /** How many are connected. */
  readonly devices: number;
  /** Of who is offline, when they were last connected, in ms since 1970; undefined where that is not known, and while they are. */
  readonly lastSeenMs: number | undefined;
}

/** A user's presence as it is from now on. */
export interface PresenceChange {
  readonly userId: string;
  /** Undefined when it is not known any more: the user is not to be seen, or the connection is gone for too long. */
  readonly presence: UserPresence | undefined;
}

/** How long a watch holds. */
export interface WatchOptions {
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** Users whom a part of the app follows. */
export interface PresenceWatch {
  /** Follows these from now on, in the place of those before. @throws TalariaError invalid_argument for what is no id of Talaria's */
  set(userIds: readonly string[]): void;
  /** @returns undefined when it is not known: for a moment after the user was named, and of who is not to be seen */
  get(userId: string): UserPresence | undefined;
  /** Changes from now on, of users of this watch. @returns how to stop */
  on(listener: (change: PresenceChange) => void): () => void;
  close(): void;
  [Symbol.dispose](): void;
}

const WATCH_MAX: (typeof limits)['watch_max'] = 200;
/** Changes of the list of so long go together: while a user scrolls there are many. */
const SETTLE_MS = 50;
/** When a watch was not answered. */
const RETRY_MS = 5_000;

interface Wanted {
  users: ReadonlySet<string>;
  readonly changes: Emitter<{ change: PresenceChange }>;
}

export class PresenceStore {
  private readonly watches = new Set<Wanted>();
  private readonly states = new Map<string, UserPresence>();
  /** As the server was told, or is about to be. */
  private wanted: ReadonlySet<string> = new Set();
  private id = 0;
  /** The next time at which the list is sent: it has changed, was not answered, or is to be renewed. */
  private cancelSend: () => void = () => undefined;
  private cancelExpiry: () => void = () => undefined;
  private readonly stops: readonly (() => void)[];

  constructor(private readonly core: Core) {
    this.stops = [
      core.events.on('presence', (frame) => this.receive(frame)),
      core.events.on('status', ({ state }) => {
        if (state === 'connected' && this.wanted.size > 0) this.send();
        else if (state === 'closed') this.end();
      }),
    ];
  }

  watch(userIds: readonly string[], { signal }: WatchOptions): PresenceWatch {
    const wanted: Wanted = { users: new Set(requireUserIds(userIds)), changes: new Emitter() };
    const close = (): void => {
      signal?.removeEventListener('abort', close);
      if (this.watches.delete(wanted)) this.gather();
    };
    if (!signal?.aborted) {
      this.watches.add(wanted);
      signal?.addEventListener('abort', close, { once: true });
      this.gather();
    }
    return {
      set: (next) => {
        wanted.users = new Set(requireUserIds(next));
        this.gather();
      },
      get: (userId) => (this.watches.has(wanted) && wanted.users.has(userId) ? this.states.get(userId) : undefined),
      on: (listener) => wanted.changes.on('change', listener),
      close,
      [Symbol.dispose]: close,
    };
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.end();
    this.watches.clear();
    if (this.wanted.size > 0) this.core.send({ watch: { id: this.nextId() } });
    this.wanted = new Set();
  }

  /** The lists together, those of the newest watches first. */
  private gather(): void {
    const all = new Set([...this.watches].reverse().flatMap(({ users }) => [...users]));
    const wanted = new Set([...all].slice(0, WATCH_MAX));
    if (wanted.size === this.wanted.size && [...wanted].every((user) => this.wanted.has(user))) return;
    this.wanted = wanted;
    for (const user of this.states.keys()) if (!wanted.has(user)) this.states.delete(user);
    this.sendIn(SETTLE_MS);
  }

  private sendIn(ms: number): void {
    this.cancelSend();
    this.cancelSend = this.core.runtime.after(ms, () => this.send());
  }

  private nextId(): number {
    this.id = (this.id % 0xffff_ffff) + 1;
    return this.id;
  }

  /** Without a connection nothing is sent: the next one begins with it. */
  private send(): void {
    this.cancelSend();
    const sent = this.core.send({ watch: { id: this.nextId(), user_ids: [...this.wanted] } });
    if (sent && this.wanted.size > 0) this.sendIn(RETRY_MS * (1 + this.core.runtime.fraction()));
  }

  private receive({ id, lifetime_ms: lifetimeMs, users }: PresenceFrame): void {
    if (id !== 0) {
      // To a list that is not the newest.
      if (id !== this.id) return;
      const seen = new Set(users.map((user) => user.user_id));
      for (const userId of this.states.keys()) if (!seen.has(userId)) this.put(userId, undefined);
      this.cancelExpiry();
      if (this.wanted.size === 0) return;
      // Clients that have connected together do not renew together.
      this.sendIn(lifetimeMs * (0.5 + this.core.runtime.fraction() / 4));
      this.cancelExpiry = this.core.runtime.after(lifetimeMs, () => this.forget());
    }
    for (const user of users) if (this.wanted.has(user.user_id)) this.put(user.user_id, presenceOf(user));
  }

  /** Nothing more would be told of them. */
  private forget(): void {
    for (const userId of this.states.keys()) this.put(userId, undefined);
  }

  private put(userId: string, presence: UserPresence | undefined): void {
    const before = this.states.get(userId);
    if (presence?.state === before?.state && presence?.devices === before?.devices && presence?.lastSeenMs === before?.lastSeenMs) return;
    if (presence) this.states.set(userId, presence);
    else this.states.delete(userId);
    for (const { users, changes } of this.watches) if (users.has(userId)) changes.emit('change', { userId, presence });
  }

  private end(): void {
    this.cancelSend();
    this.cancelExpiry();
    this.forget();
  }
}

function presenceOf({ state, devices, last_seen_ms: lastSeenMs }: WireState): UserPresence {
  return { state: state as UserPresence['state'], devices, lastSeenMs: lastSeenMs || undefined };
}
