/** All that the screens of a client show. */
import type { Client } from '../client.js';
import type { Status } from '../connection/state.js';
import { EventView, type View } from './cell.js';
import { ConversationRow, type ConversationState } from './conversation.js';
import { InboxView, type Inbox, type InboxOptions } from './inbox.js';
import { live, type Live, type UserPresence } from '../live/index.js';
import { ConversationDraft, type Draft } from './draft.js';
import { presenceOf, TypingView } from './live-views.js';
import { MembersView, type Members, type MembersOptions } from './members.js';
import { Own } from './own.js';
import { People, usersOf, type UserView } from './people.js';
import { ReceiptsView, type Receipts } from './receipts.js';
import { TimelineView, type Timeline, type TimelineOptions } from './timeline.js';
import { UnreadView, type UnreadState } from './unread.js';

/** Views of a client. One for each client: what they have in common is read once. */
export interface Views {
  /** Where the connection is. */
  connection(): View<Status>;
  /**
   * The messages of a conversation, or of a thread, around a place or from the end: kept up by facts, with what waits in the outbox.
   * The conversation is followed until it is closed.
   */
  timeline(conversationId: string, options?: TimelineOptions): Timeline;
  /** The user's conversations, the latest activity first, with what is unread. */
  inbox(options?: InboxOptions): Inbox;
  /** One conversation, with what is unread. It is followed until the view is closed. */
  conversation(conversationId: string): View<ConversationState>;
  /** The members of a conversation, page by page. */
  members(conversationId: string, options?: MembersOptions): Members;
  /** How far the members of a conversation have seen and read. */
  receipts(conversationId: string): Receipts;
  /** What is unread in all conversations that are not archived. */
  unread(): View<UnreadState>;
  /** Users by id, also by `ext:` and the app's own: those that are known. Views of a client ask for each once. */
  users(userIds: readonly string[]): View<ReadonlyMap<string, UserView>>;
  /** Who of these users is there: those of whom it is known. */
  presence(userIds: readonly string[]): View<ReadonlyMap<string, UserPresence>>;
  /** Others who are typing in a conversation, and one's own typing. */
  typing(conversationId: string): TypingView;
  /** What the user is writing in a conversation, or in the thread of a message. */
  draft(conversationId: string, threadId?: string): Draft;
  /** What is live of the client: it has one. */
  readonly live: Live;
  /** Closes every view; the client stays connected. */
  close(): void;
  [Symbol.dispose](): void;
}

/** What views share with the app. */
export interface ViewsOptions {
  /** What the app has made of `live` itself: a client has one. By default it is made when it is needed. */
  readonly live?: Live;
}

/**
 * What an app's screens are made of. One for each client.
 *
 * @param client of `connect`
 */
export function views(client: Client, options: ViewsOptions = {}): Views {
  const core = client['core'];
  const own = new Own(core);
  const people = new People(core, own);
  let here = options.live;
  const open = new Set<{ close(): void }>();
  /** How many views look at a conversation. */
  const looks = new Map<string, number>();

  function look(conversationId: string): () => void {
    looks.set(conversationId, (looks.get(conversationId) ?? 0) + 1);
    core.tracker.follow(conversationId, { pin: true });
    return () => {
      const left = (looks.get(conversationId) ?? 1) - 1;
      if (left > 0) looks.set(conversationId, left);
      else {
        looks.delete(conversationId);
        // What the app has opened by itself stays followed.
        if (!client.conversations['opened'].has(conversationId)) core.tracker.unpin(conversationId);
      }
    };
  }

  function keep<T extends { close(): void }>(make: (ended: () => void) => T): T {
    const view: T = make(() => open.delete(view));
    open.add(view);
    return view;
  }

  /** The conversation is followed as long as the view is open. */
  function looking<T>(conversationId: string, make: (ended: () => void) => T): (ended: () => void) => T {
    return (ended) => {
      const leave = look(conversationId);
      return make(() => {
        leave();
        ended();
      });
    };
  }

  function close(): void {
    for (const view of open) view.close();
    own.close();
    people.close();
    if (here !== options.live) here?.close();
  }

  const liveOf = (): Live => (here ??= live(client));

  return {
    connection: () => keep((ended) => new EventView(() => core.status, (changed) => [core.events.on('status', changed), ended])),
    timeline: (conversationId, options = {}) => keep(looking(conversationId, (ended) => new TimelineView(core, own, conversationId, options, ended))),
    inbox: (options = {}) => keep((ended) => new InboxView(core, own, options, ended)),
    conversation: (conversationId) => keep(looking(conversationId, (ended) => new ConversationRow(core, own, conversationId, ended))),
    members: (conversationId, options = {}) => keep(looking(conversationId, (ended) => new MembersView(core, conversationId, options, ended))),
    receipts: (conversationId) => keep(looking(conversationId, (ended) => new ReceiptsView(core, conversationId, ended))),
    unread: () => keep((ended) => new UnreadView(core, own, ended)),
    users: (userIds) => keep((ended) => new EventView((before) => usersOf(people, userIds, before), (changed) => [people.events.on('changed', changed), ended])),
    presence: (userIds) => keep((ended) => presenceOf(liveOf(), userIds, ended)),
    typing: (conversationId) => keep(looking(conversationId, (ended) => new TypingView(liveOf(), own, conversationId, ended))),
    draft: (conversationId, threadId) => keep((ended) => new ConversationDraft(core, own, conversationId, threadId, ended)),
    get live() {
      return liveOf();
    },
    close,
    [Symbol.dispose]: close,
  };
}
