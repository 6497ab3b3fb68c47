import { contentHash } from './content.js';
import type { HistoryPolicy, LogEntry } from './entries.js';

/** A fact as `facts.list` shows it. */
export interface LoggedFact {
  readonly seq: number;
  readonly event_id: string;
  readonly type: string;
  readonly actor: string | null;
  readonly time_ms: number;
  readonly target_seq: number | null;
  readonly client_id: string | null;
  readonly redacted: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A row of the server's log as a line of `log.ndjson`. */
export function logEntry(app: string, stream: string, fact: LoggedFact): LogEntry {
  const { body, type, redacted } = fact;
  return {
    k: 'log', app, stream, seq: fact.seq, event_id: fact.event_id, type, client_id: fact.client_id ?? '', actor: fact.actor ?? '',
    target_seq: fact.target_seq ?? 0, redacted, time_ms: fact.time_ms, body: redacted ? undefined : contentHash(type, body),
    user: type.startsWith('member.') ? text(body['user_id']) : undefined, role: text(body['role']),
    ordinal: count(body['ordinal']), sender_ordinal: count(body['sender_ordinal']), ...(type === 'message.created' ? counted(fact) : ofOwn(fact)),
    history: type.startsWith('conversation.') ? policy(body['history']) : undefined,
  };
}

/** CNT1, CNT2: a reply counts in its thread; in the conversation only when it stands there, too. */
function counted({ actor, redacted, body }: LoggedFact): Pick<LogEntry, 'countable' | 'thread' | 'thread_countable'> {
  const thread = count(body['thread_seq']);
  const loud = body['silent'] !== true;
  // What a reply was is still to be seen when it is gone (VIS4); what another message was is not.
  if (thread === undefined) return { countable: redacted ? undefined : loud && body['system'] !== true };
  return { thread, thread_countable: loud && actor !== null, countable: loud && actor !== null && body['in_main'] === true };
}

/** What a user's own stream says of how far they have read. */
function ofOwn({ type, body }: LoggedFact): Pick<LogEntry, 'thread' | 'conversation' | 'mark_seq'> {
  const thread = type.startsWith('thread.') ? count(body['thread_seq']) : undefined;
  return { thread, conversation: text(body['conversation_id']), mark_seq: thread === undefined ? ofUnread(type, body) : count(body['read_seq']) };
}

const ofUnread = (type: string, body: LoggedFact['body']): number | undefined => (type === 'conversation.unread_set' ? count(body['from_seq']) : undefined);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const count = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const policy = (value: unknown): HistoryPolicy | undefined => (value === 'all' || value === 'from_join' ? value : undefined);
