/**
 * What the later facts about a message come to. The server keeps it beside the message and an app can make it from the facts: both
 * by this one function, so that they are the same (ORD5).
 */

export interface MessageState {
  /** How many have reacted with what. */
  readonly reactions?: Readonly<Record<string, number>>;
  readonly pinned?: { readonly user_id: string | null; readonly time_ms: number };
  readonly thread?: ThreadSummary;
  readonly poll?: PollResult;
  readonly previews?: readonly LinkPreview[];
}

export interface ThreadSummary {
  /** Replies that count and have not been deleted. */
  readonly replies: number;
  /** Replies that count, deleted ones too: the ordinal of the last (CNT2). */
  readonly ordinal: number;
  readonly last_seq: number;
  readonly last_ms: number;
  /** Who replied last, the latest first. */
  readonly user_ids: readonly string[];
}

export interface PollResult {
  /** By the id of the option. */
  readonly votes: Readonly<Record<string, number>>;
  /** How many have chosen at least one. */
  readonly voters: number;
  readonly closed_ms?: number;
}

export interface LinkPreview {
  readonly url: string;
  readonly title?: string;
  readonly description?: string;
  readonly image_url?: string;
}

/** Of a fact, what the state depends on. */
export interface StateFact {
  readonly seq: number;
  readonly type: string;
  /** Null for the backend. */
  readonly actor: string | null;
  readonly time_ms: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Whose replies a thread shows by name. */
const THREAD_USERS_MAX = 5;

/** Facts about a message that change its state. */
export const STATE_FACTS = [
  'reaction.added', 'reaction.removed', 'message.pinned', 'message.unpinned', 'poll.voted', 'poll.closed', 'message.previewed', 'message.deleted', 'message.expired',
] as const;

const counted = (counts: Readonly<Record<string, number>>, key: string, by: number): Record<string, number> => {
  const { [key]: before, ...others } = counts;
  // A name that every object has, such as `constructor`, counts nothing yet.
  const count = (Object.hasOwn(counts, key) ? before! : 0) + by;
  return count > 0 ? { ...others, [key]: count } : others;
};

/** @returns the state after a fact about the message; the same state when the fact says nothing of it */
export function foldState(state: MessageState, fact: StateFact): MessageState {
  const { type, actor, time_ms, body } = fact;
  switch (type) {
    case 'reaction.added': return { ...state, reactions: counted(state.reactions ?? {}, body['reaction'] as string, 1) };
    case 'reaction.removed': return { ...state, reactions: counted(state.reactions ?? {}, body['reaction'] as string, -1) };
    case 'message.pinned': return { ...state, pinned: { user_id: actor, time_ms } };
    case 'message.unpinned': return without(state, 'pinned');
    case 'poll.voted': return { ...state, poll: voted(state.poll ?? { votes: {}, voters: 0 }, body) };
    case 'poll.closed': return { ...state, poll: { ...state.poll ?? { votes: {}, voters: 0 }, closed_ms: time_ms } };
    case 'message.previewed': return { ...state, previews: body['previews'] as LinkPreview[] };
    // Replies stay when the message that they answer goes (VIS4).
    case 'message.deleted':
    case 'message.expired': return state.thread ? { thread: state.thread } : {};
    default: return state;
  }
}

/** @param state of the message that the thread began with @param counts whether the reply counts (CNT2) @returns its state after a reply */
export function foldReply(state: MessageState, reply: StateFact, counts: boolean): MessageState {
  const before: ThreadSummary = state.thread ?? { replies: 0, ordinal: 0, last_seq: 0, last_ms: 0, user_ids: [] };
  const ordinal = (reply.body['thread_ordinal'] as number | undefined) ?? before.ordinal;
  const users = reply.actor === null ? before.user_ids : [reply.actor, ...before.user_ids.filter((user) => user !== reply.actor)].slice(0, THREAD_USERS_MAX);
  return { ...state, thread: { replies: before.replies + (counts ? 1 : 0), ordinal, last_seq: reply.seq, last_ms: reply.time_ms, user_ids: users } };
}

/** @param countable whether the reply that is gone had counted */
export function foldReplyGone(state: MessageState, countable: boolean): MessageState {
  return state.thread && countable ? { ...state, thread: { ...state.thread, replies: state.thread.replies - 1 } } : state;
}

function voted(poll: PollResult, body: StateFact['body']): PollResult {
  let { votes } = poll;
  for (const id of body['removed'] as string[]) votes = counted(votes, id, -1);
  for (const id of body['added'] as string[]) votes = counted(votes, id, 1);
  return { ...poll, votes, voters: poll.voters + (body['voters'] as number) };
}

function without<Key extends keyof MessageState>(state: MessageState, key: Key): MessageState {
  const { [key]: _gone, ...others } = state;
  return others;
}
