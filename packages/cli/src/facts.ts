/** Where `tail` gets facts from. It only knows the iterable, so that a socket can take the place of polling. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationOutput } from '@talaria/protocol/operations';
import type { Client } from './client.js';

export type Fact = OperationOutput<'facts.list'>['items'][number];

export interface FollowOptions {
  /** Facts after this seq. */
  readonly afterSeq: number;
  /** Whether to wait for more at the end. */
  readonly follow: boolean;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

const PAGE = 200;

/** The facts of a conversation in order, from the log by asking for more again and again. */
export async function* pollFacts(client: Client, conversation: string, options: FollowOptions): AsyncGenerator<Fact> {
  let afterSeq = options.afterSeq;
  while (!options.signal.aborted) {
    const page = await client.call(
      'facts.list',
      { conversation_id: conversation, after_seq: afterSeq, limit: PAGE },
      { signal: options.signal },
    );
    yield* page.items;
    const moved = page.to_seq > afterSeq;
    afterSeq = Math.max(afterSeq, page.to_seq);
    if (moved && afterSeq < page.head_seq) continue;
    if (!options.follow) return;
    await sleep(options.intervalMs, undefined, { signal: options.signal });
  }
}
