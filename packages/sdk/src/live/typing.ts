/** Who is typing in a conversation. It never sticks (SIG3): everything that is shown has an end of its own. */
import type { Core, SignalEvent } from '../core.js';
import { Emitter } from '../emitter.js';
import type { Fact } from '../streams/fact.js';

/** How one conversation is watched for typing. */
export interface TypingOptions {
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** Who is typing in one conversation, and whether the user is. Made by `live(client).typing(…)`. */
export interface Typing {
  /**
   * The user is typing: called at each key stroke. Others are told at once, and again every 3 s while it is called; when it was not called
   * for 3 to 6 s they are told that it has stopped.
   */
  start(): void;
  /** The user has stopped: the field is empty, or has lost the focus. A message that is sent says so by itself. */
  stop(): void;
  /** Others who are typing now, by id, in the order in which they began; at most 100. */
  readonly users: readonly string[];
  /** When others begin and end. @returns how to stop */
  on(listener: (users: readonly string[]) => void): () => void;
  close(): void;
  [Symbol.dispose](): void;
}

const TYPE = 'typing';
const LIFETIME_MS = 6_000;
const AGAIN_MS = 3_000;
/** Whatever a server says. */
const LIFETIME_MS_MAX = 10_000;
const USERS_MAX = 100;

export class ConversationTyping implements Typing {
  private readonly changes = new Emitter<{ users: readonly string[] }>();
  /** Others who are typing, each with what ends it. */
  private readonly others = new Map<string, () => void>();
  /** While others think that the user is typing: cancels the next look at whether it is still so. */
  private cancelAgain: (() => void) | undefined;
  /** Called since they were last told. */
  private called = false;
  private readonly stops: (() => void)[];

  /** @internal */
  constructor(private readonly core: Core, private readonly conversationId: string, { signal }: TypingOptions, private readonly closed: () => void) {
    const close = (): void => this.close();
    this.stops = [
      core.events.on('signal', (event) => {
        if (event.stream === conversationId && event.type === TYPE) this.receive(event);
      }),
      core.events.on('fact', (fact) => {
        if (fact.stream === conversationId) this.heard(fact);
      }),
      core.events.on('status', ({ state }) => {
        // Who begins, and who ends, is not told any more; and nobody has been told on the next connection.
        if (state !== 'connected') this.lost();
      }),
      () => signal?.removeEventListener('abort', close),
    ];
    if (signal?.aborted) close();
    else signal?.addEventListener('abort', close, { once: true });
  }

  get users(): readonly string[] {
    return [...this.others.keys()];
  }

  on(listener: (users: readonly string[]) => void): () => void {
    return this.changes.on('users', listener);
  }

  start(): void {
    this.called = true;
    if (!this.cancelAgain && this.stops.length > 0) this.tell();
  }

  stop(): void {
    if (this.cancelAgain) this.send('stop');
    this.ended();
  }

  close(): void {
    if (this.stops.length === 0) return;
    this.stop();
    for (const stop of this.stops.splice(0)) stop();
    this.endAll();
    this.closed();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private tell(): void {
    this.cancelAgain = undefined;
    // Without a connection nobody was told, and the next key stroke tries again.
    if (!this.called) this.send('stop');
    else if (this.send('start')) this.cancelAgain = this.core.runtime.after(AGAIN_MS, () => this.tell());
    this.called = false;
  }

  private send(state: 'start' | 'stop'): boolean {
    return this.core.signal(this.conversationId, TYPE, { state }, LIFETIME_MS);
  }

  /** Others do not think any more that the user is typing. */
  private ended(): void {
    this.cancelAgain?.();
    this.cancelAgain = undefined;
    this.called = false;
  }

  private receive({ userId, data, lifetimeMs }: SignalEvent): void {
    // A backend that names nobody does not type.
    if (userId === '') return;
    if (data['state'] === 'stop') {
      this.end(userId);
      return;
    }
    const known = this.others.get(userId);
    if (!known && this.others.size >= USERS_MAX) return;
    known?.();
    this.others.set(userId, this.core.runtime.after(Math.min(lifetimeMs || LIFETIME_MS, LIFETIME_MS_MAX), () => this.end(userId)));
    if (!known) this.changed();
  }

  private heard(fact: Fact): void {
    const user = fact.type === 'message.created' ? fact.actor : fact.type === 'member.left' ? String(fact.body['user_id']) : '';
    // On another device it ends there, too: it is one user to the others.
    if (user === this.core.info?.user_id) this.ended();
    else this.end(user);
  }

  private end(userId: string): void {
    const cancel = this.others.get(userId);
    if (!cancel) return;
    cancel();
    this.others.delete(userId);
    this.changed();
  }

  private lost(): void {
    this.ended();
    this.endAll();
  }

  private endAll(): void {
    for (const cancel of this.others.values()) cancel();
    if (this.others.size === 0) return;
    this.others.clear();
    this.changed();
  }

  private changed(): void {
    this.changes.emit('users', this.users);
  }
}
