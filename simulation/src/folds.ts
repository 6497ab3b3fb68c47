/** What an app makes of the facts that it is shown, as `@talaria/sdk/state` folds them. */
import type { Fact, Skipped } from '@talaria/sdk';
import { emptyConversation, emptyUser, foldConversation, foldUser, type ConversationState } from '@talaria/sdk/state';

export class Folds {
  readonly user;
  readonly conversations = new Map<string, ConversationState>();
  /** Where each stream began for this app. */
  private readonly began = new Map<string, number>();
  /** Streams of which it was told that a part is not shown, behind where they began. */
  private readonly torn = new Set<string>();

  /** @param forgets types that are left out */
  constructor(private readonly userId: string, private readonly forgets: (type: string) => boolean = () => false) {
    this.user = emptyUser(userId);
  }

  take(fact: Fact): void {
    const { stream, seq } = fact;
    const own = stream === this.userId;
    const state = own ? this.user : this.conversationOf(stream);
    // ORD2: a fact may be seen again when the process died on it; what it came to was kept.
    if (seq <= state.head_seq) return;
    if (!this.began.has(stream)) this.began.set(stream, seq);
    if (this.forgets(fact.type)) state.head_seq = seq;
    else if (own) foldUser(this.user, fact);
    else foldConversation(this.conversationOf(stream), fact);
  }

  skip({ stream, cause }: Skipped): void {
    if (this.began.has(stream) || cause !== 'membership') this.torn.add(stream);
  }

  /** Whether everything has been seen of a stream from its first fact on. */
  isWhole(stream: string): boolean {
    return this.began.get(stream) === 1 && !this.torn.has(stream);
  }

  /** Whether everything has been seen of it from where it began. */
  isUnbroken(stream: string): boolean {
    return this.began.has(stream) && !this.torn.has(stream);
  }

  private conversationOf(stream: string): ConversationState {
    const known = this.conversations.get(stream) ?? emptyConversation(stream, this.userId);
    this.conversations.set(stream, known);
    return known;
  }
}
