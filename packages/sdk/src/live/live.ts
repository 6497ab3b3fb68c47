/** The entry `@talaria/sdk/live`: who is there, who is typing, and what goes to those who listen at this moment. */
import type { Client } from '../client.js';
import type { Conversation } from '../conversation/conversation.js';
import { PresenceStore, type PresenceWatch, type WatchOptions } from './presence.js';
import { ConversationTyping, type Typing, type TypingOptions } from './typing.js';
import { requireUserIds } from './user-ids.js';

/** A signal that is for this user alone. */
export interface UserSignal {
  /** Who sent it; empty for the backend itself. */
  readonly userId: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** After so long it no longer holds. */
  readonly lifetimeMs: number;
}

/** What is live of a client. */
export interface Live {
  /**
   * Follows who of these users is there: those whom one sees on the screen. By Talaria's ids, `u_…`. All watches of a client name at most 200 users together; of
   * more, those of the newest watches are followed. Who shares no conversation with the user, has blocked them or is blocked by them, or
   * does not let it be known, is never seen; who is hidden from now on is gone within a second or so, and who may be seen again comes
   * within a minute.
   *
   * @param userIds Talaria's ids, `u_…`
   */
  watch(userIds: readonly string[], options?: WatchOptions): PresenceWatch;
  /** The user has turned away from this device, or back to it: the app is in the background, say. Kept over reconnects. */
  setAway(away: boolean): void;
  /** Typing in a conversation that is followed: one's own, and that of others. */
  typing(conversation: Pick<Conversation, 'id'>, options?: TypingOptions): Typing;
  /**
   * Sends a signal to all devices of another user that are connected. It is lost if none is, and when the two may not reach each other
   * directly: then they share no conversation, or there is a block. Nobody says so.
   *
   * @param userId Talaria's id, `u_…`
   * @param type 1 to 32 characters
   * @param data at most 4,096 bytes as JSON
   * @param lifetimeMs how long it holds, at most 30,000
   * @returns whether it was sent; false while there is no connection
   * @throws TalariaError too_large
   */
  signal(userId: string, type: string, data?: object, lifetimeMs?: number): boolean;
  /** Signals to this user, from now on. @returns how to stop */
  onSignal(listener: (signal: UserSignal) => void): () => void;
  /** Ends all of it; the client stays connected. */
  close(): void;
  [Symbol.dispose](): void;
}

const SIGNAL_MS = 30_000;

/**
 * What is live of a client. One for each client: what it watches is one list on the server.
 *
 * @param client of `connect`
 */
export function live(client: Client): Live {
  const core = client['core'];
  const presence = new PresenceStore(core);
  const ends = new Set<() => void>([() => presence.close()]);
  const close = (): void => {
    for (const end of ends) end();
    ends.clear();
  };
  return {
    watch: (userIds, options = {}) => presence.watch(userIds, options),
    setAway(away) {
      if (core.away === away) return;
      core.away = away;
      // Without a connection, the next hello says it.
      core.send({ away: { away } });
    },
    typing(conversation, options = {}) {
      const end = (): void => typing.close();
      ends.add(end);
      const typing = new ConversationTyping(core, conversation.id, options, () => ends.delete(end));
      return typing;
    },
    // One's own id would be refused, in the name of the own stream.
    signal(userId, type, data = {}, lifetimeMs = SIGNAL_MS) {
      requireUserIds([userId]);
      return userId !== core.info?.user_id && core.signal(userId, type, data, lifetimeMs);
    },
    onSignal(listener) {
      const stop = core.events.on('signal', ({ stream, userId, type, data, lifetimeMs }) => {
        if (stream === core.info?.user_id) listener({ userId, type, data, lifetimeMs });
      });
      ends.add(stop);
      return () => {
        ends.delete(stop);
        stop();
      };
    },
    close,
    [Symbol.dispose]: close,
  };
}
