/** The server's log of a conversation, over HTTP with the app's key, as the checker wants it. */
import type { HistoryPolicy, HistoryWriter, LogEntry } from '@talaria/checker';
import { contentHash } from './content.js';
import type { AppStage } from './stage.js';

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

interface FactsPage {
  readonly items: readonly LoggedFact[];
  readonly to_seq: number;
  readonly head_seq: number;
  readonly floor_seq: number;
}

const PAGE_ITEMS = 200;

/** The facts of the app's group after a seq, in pages. */
export async function* factPages({ api, group }: AppStage, afterSeq = 0): AsyncGenerator<FactsPage> {
  for (let after = afterSeq; ;) {
    const page = await api.call<FactsPage>('GET', `/v1/conversations/${group}/facts?after_seq=${after}&limit=${PAGE_ITEMS}`);
    yield page;
    if (page.to_seq >= page.head_seq || page.to_seq <= after) return;
    after = page.to_seq;
  }
}

/** Writes the group's whole log. @returns its facts */
export async function dumpLog(app: AppStage, history: HistoryWriter): Promise<LoggedFact[]> {
  const facts: LoggedFact[] = [];
  for await (const page of factPages(app)) {
    if (facts.length === 0 && page.floor_seq > 1) history.write({ k: 'floor', stream: app.group, floor_seq: page.floor_seq });
    for (const fact of page.items) {
      history.write(logEntry(app, fact));
      facts.push(fact);
    }
  }
  return facts;
}

function logEntry(app: AppStage, fact: LoggedFact): LogEntry {
  const { body, type, redacted } = fact;
  return {
    k: 'log', app: app.id, stream: app.group, seq: fact.seq, event_id: fact.event_id, type, client_id: fact.client_id ?? '', actor: fact.actor ?? '',
    target_seq: fact.target_seq ?? 0, redacted, time_ms: fact.time_ms, body: redacted ? undefined : contentHash(type, body),
    user: type.startsWith('member.') ? text(body['user_id']) : undefined, role: text(body['role']),
    ordinal: count(body['ordinal']), sender_ordinal: count(body['sender_ordinal']),
    history: type.startsWith('conversation.') ? policy(body['history']) : undefined,
  };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const count = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const policy = (value: unknown): HistoryPolicy | undefined => (value === 'all' || value === 'from_join' ? value : undefined);
