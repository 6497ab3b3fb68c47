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
    ordinal: count(body['ordinal']), sender_ordinal: count(body['sender_ordinal']),
    countable: type === 'message.created' && !redacted ? body['system'] !== true && body['silent'] !== true : undefined,
    history: type.startsWith('conversation.') ? policy(body['history']) : undefined,
  };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const count = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const policy = (value: unknown): HistoryPolicy | undefined => (value === 'all' || value === 'from_join' ? value : undefined);
