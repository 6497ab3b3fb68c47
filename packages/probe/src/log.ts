/** The server's log of an app's conversations, over HTTP, as the checker wants it. Users' own streams have no reading of their own. */
import { logEntry, openHistory, type HistoryWriter } from '@talaria/checker';
import { connectAdmin, type Fact } from '@talaria/sdk/admin';
import type { Heads } from './setup.js';
import type { AppStage } from './stage.js';

const PAGE_ITEMS = 200;

/** Up to where each user may see each conversation: the head, or where they left. By the user's id. */
export type UserHeads = ReadonlyMap<string, Heads>;

/**
 * Writes the whole log of these apps to a history. Call it when nothing is sent any more.
 *
 * @param url where the server is now @returns by the name of each user, up to where they are to see each conversation
 */
export async function dumpLogs(url: string, stages: readonly AppStage[], historyDir: string): Promise<Record<string, Heads>> {
  const log = openHistory(historyDir, 'log');
  const heads: Record<string, Heads> = {};
  for (const stage of stages) {
    const byUser = await dumpLog(url, stage, log);
    for (const { name, id } of stage.users) heads[name] = byUser.get(id) ?? {};
  }
  log.close();
  return heads;
}

/**
 * Writes the whole log of the stage's conversations. Call it when nothing is sent any more.
 *
 * @param url where the server is now @returns up to where each user is to see it
 */
export async function dumpLog(url: string, stage: AppStage, history: HistoryWriter): Promise<UserHeads> {
  const heads = new Map<string, Record<string, number>>();
  for (const stream of stage.conversations) {
    const members = new Map<string, 'in' | number>();
    let head = 0;
    for await (const fact of factsOf(url, stage, stream, (floor) => history.write({ k: 'floor', stream, floor_seq: floor }))) {
      history.write(logEntry(stage.appId, stream, fact));
      head = fact.seq;
      const user = fact.body['user_id'];
      if (typeof user !== 'string') continue;
      if (fact.type === 'member.joined') members.set(user, 'in');
      if (fact.type === 'member.left') members.set(user, fact.seq);
    }
    for (const [user, until] of members) heads.set(user, { ...heads.get(user), [stream]: until === 'in' ? head : until });
  }
  return heads;
}

/** The facts of a conversation, in order. @param floored is told once of a floor that is not the beginning */
export async function* factsOf(url: string, { key }: Pick<AppStage, 'key'>, conversation: string, floored: (seq: number) => void = () => undefined): AsyncGenerator<Fact> {
  const backend = connectAdmin({ url, key });
  for (let after = 0; ;) {
    const page = await backend.facts.list({ conversation_id: conversation, after_seq: after, limit: PAGE_ITEMS });
    if (after === 0 && page.floor_seq > 1) floored(page.floor_seq);
    yield* page.items;
    if (page.to_seq >= page.head_seq || page.to_seq <= after) return;
    after = page.to_seq;
  }
}
