/** A conversation as it stood at one of its facts. */
import { emptyConversation, foldConversation, type ConversationState } from '@talaria/protocol/state';
import type { Conversation, Fact, FactRange } from '@talaria/protocol/types';

/**
 * What the facts up to a seq come to, by the same code that makes what the API shows.
 *
 * @param facts ascending, from the first that is kept
 * @param known what `conversations.get` says: where retention has removed the beginning, the rest is not known
 */
export function stateAt(conversation: string, facts: readonly Fact[], seq: number, known?: Conversation): ConversationState {
  const beginning = facts[0]?.seq === 1;
  const state = emptyConversation(conversation, null, beginning ? undefined : known);
  for (const fact of facts) {
    if (fact.seq > seq) break;
    foldConversation(state, fact);
  }
  return state;
}

export interface LoadedFacts {
  /** Ascending. */
  readonly facts: readonly Fact[];
  /** All up to it have been loaded. */
  readonly toSeq: number;
  readonly omitted: readonly FactRange[];
  /** There are more before `toSeq` than are loaded at once. */
  readonly full: boolean;
}

export const NOTHING_LOADED: LoadedFacts = { facts: [], toSeq: 0, omitted: [], full: false };
/** More than this a page does not hold. */
export const FACTS_MAX = 20_000;

interface FactsPage {
  readonly items: readonly Fact[];
  readonly to_seq: number;
  readonly head_seq: number;
  readonly omitted: readonly FactRange[];
}

/**
 * Loads on, page by page, until the facts up to a seq are there.
 *
 * @param before what is loaded already; it is not changed
 * @param page the facts after a seq
 * @param progress called after each page
 */
export async function loadUpTo(before: LoadedFacts, seq: number, page: (afterSeq: number) => Promise<FactsPage>, progress: (loaded: LoadedFacts) => void): Promise<LoadedFacts> {
  let loaded = before;
  while (loaded.toSeq < seq && !loaded.full) {
    const { items, to_seq, head_seq, omitted } = await page(loaded.toSeq);
    const facts = [...loaded.facts, ...items];
    // Nothing came though there should: the rest is left out, and must not be asked for without end.
    const toSeq = to_seq > loaded.toSeq ? to_seq : Math.max(head_seq, seq);
    loaded = { facts, toSeq, omitted: [...loaded.omitted, ...omitted], full: facts.length >= FACTS_MAX };
    progress(loaded);
  }
  return loaded;
}
