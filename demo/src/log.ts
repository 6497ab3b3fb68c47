/** The server's log of a conversation, over HTTP with the app's key, as the checker wants it. */
import { logEntry, type HistoryWriter, type LoggedFact } from '@talaria/checker';
import type { AppStage } from './stage.js';

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
      history.write(logEntry(app.id, app.group, fact));
      facts.push(fact);
    }
  }
  return facts;
}
