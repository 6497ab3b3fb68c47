/** Users by their ids: read together, and kept for the client. */
import type { User } from '@talaria/protocol/types';
import type { Core } from '../core.js';
import { Emitter } from '../emitter.js';
import { sameMap } from './cell.js';
import type { Own } from './own.js';
import { ask, connected } from './source.js';

/** A user, as HTTP shows them. */
export type UserView = User;

const BATCH_ITEMS = 100;
/** Users who are kept; those who were asked for longest ago go. */
const USERS_MAX = 1_000;
/** After so long they are read again when they are shown: others are not told of a change. */
const FRESH_MS = 300_000;
const RETRY_MS = 5_000;

interface Kept {
  readonly user: UserView | undefined;
  readonly untilMs: number;
}

export class People {
  readonly events = new Emitter<{ changed: undefined }>();
  private readonly kept = new Map<string, Kept>();
  private readonly wanted = new Set<string>();
  private queued = false;
  private closed = false;
  private cancel: () => void = () => undefined;
  private readonly stop: () => void;

  constructor(private readonly core: Core, own: Own) {
    this.stop = own.events.on('fact', ({ type }) => {
      if (type !== 'user.updated') return;
      const id = core.info?.user_id ?? '';
      if (this.kept.has(id)) this.want(id);
    });
  }

  /** Undefined when they are not known yet, or do not exist; asked for then, and when what is known is old. */
  get(id: string): UserView | undefined {
    const kept = this.kept.get(id);
    if (!kept || kept.untilMs < this.core.runtime.now()) this.want(id);
    return kept?.user;
  }

  close(): void {
    this.closed = true;
    this.stop();
    this.cancel();
  }

  private want(id: string): void {
    if (id === '') return;
    this.wanted.add(id);
    if (this.queued) return;
    this.queued = true;
    // All that is shown at once is asked for at once.
    queueMicrotask(() => void this.load());
  }

  private async load(): Promise<void> {
    try {
      await connected(this.core);
      while (this.wanted.size > 0 && !this.closed) await this.loadSome([...this.wanted].slice(0, BATCH_ITEMS));
      this.queued = false;
    } catch {
      // What is shown is missing a name for a while.
      if (!this.closed) this.cancel = this.core.runtime.after(RETRY_MS, () => void this.load());
    }
  }

  private async loadSome(ids: readonly string[]): Promise<void> {
    const { items } = await ask(this.core, 'users.batch', { user_ids: [...ids] });
    const found = new Map(items.flatMap((user) => [[user.id, user], [`ext:${user.external_id}`, user]] as const));
    const untilMs = this.core.runtime.now() + FRESH_MS;
    for (const id of ids) {
      this.wanted.delete(id);
      const before = this.kept.get(id)?.user;
      const user = found.get(id);
      this.kept.delete(id);
      this.kept.set(id, { untilMs, user: before && JSON.stringify(before) === JSON.stringify(user) ? before : user });
      if (this.kept.size > USERS_MAX) this.kept.delete(this.kept.keys().next().value!);
    }
    this.events.emit('changed', undefined);
  }
}

/** Those of the users who are known; the map before, where that is the same. */
export function usersOf(people: People, userIds: readonly string[], before: ReadonlyMap<string, UserView> | undefined): ReadonlyMap<string, UserView> {
  return sameMap(before, new Map(userIds.flatMap((id) => {
    const user = people.get(id);
    return user ? [[id, user] as const] : [];
  })));
}
