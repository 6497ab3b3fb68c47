/**
 * A part of a conversation's messages: pages, and the facts since. A page says up to which seq it knows everything; facts that it
 * knows are not folded into it again, and those that came before it, and that it does not know, are folded afterwards.
 */
import { parseMessageId, type MessageState } from '@talaria/protocol';
import type { MessagesListOutput } from '@talaria/protocol/types';
import { emptyConversation, foldConversation, type ConversationState, type MessageView } from '../state/index.js';
import type { Fact } from '../streams/fact.js';

export type Page = Pick<MessagesListOutput, 'items' | 'from_seq' | 'to_seq' | 'has_before' | 'has_after' | 'head_seq'>;
/** What becomes of the messages that are there. `patch`: those of the page that are there are replaced. */
export type PageKind = 'replace' | 'older' | 'newer' | 'patch';

export class MessageWindow {
  /** What is shown ends where the conversation does. */
  atEnd = false;
  hasOlder = false;
  /** Seqs of messages that must be read again: a fact about them cannot be folded. */
  readonly stale = new Set<number>();
  private readonly state: ConversationState;
  /** Of messages whose page knew more than the facts that had come: up to where. */
  private readonly knownTo = new Map<number, number>();
  /** Every fact up to here has come, or is not shown. */
  private position = 0;
  /** Of a window at the end: what comes behind this is new. */
  private end = 0;
  private from = 1;
  private to = 0;

  /**
   * @param viewer whose reactions are one's own
   * @param thread the seq of the message that the thread began with; 0 for the conversation's own history
   */
  constructor(conversationId: string, viewer: string, private readonly thread: number, private readonly messages_max: number) {
    this.state = emptyConversation(conversationId, viewer);
  }

  /** Ascending; of a thread also the message that it began with. */
  get messages(): Iterable<MessageView> {
    return this.state.messages.values();
  }

  get size(): number {
    return this.state.messages.size;
  }

  get range(): { readonly from: number; readonly to: number } {
    return { from: this.from, to: this.to };
  }

  get(seq: number): MessageView | undefined {
    return this.state.messages.get(seq);
  }

  /** Changes what only the viewer is shown of a message. */
  patch(seq: number, change: (message: MessageView) => MessageView): void {
    const message = this.get(seq);
    if (message) this.state.messages.set(seq, change(message));
  }

  /** The next fact of the conversation. @returns whether anything that is shown is another */
  take(fact: Fact): boolean {
    if (fact.seq <= this.position) return false;
    const changed = this.fold(fact, (seq) => (this.knownTo.get(seq) ?? 0) < fact.seq);
    this.advance(fact.seq);
    return changed;
  }

  /** Up to here nothing else comes. */
  advance(seq: number): void {
    this.position = Math.max(this.position, seq);
    for (const [known, to] of this.knownTo) if (to <= this.position) this.knownTo.delete(known);
  }

  /** The log is another one (RES5). */
  forget(): void {
    this.position = 0;
    this.end = 0;
    this.knownTo.clear();
  }

  /** @param since the facts since the page was asked for, in order */
  put(kind: PageKind, page: Page, since: readonly Fact[]): void {
    const { messages } = this.state;
    const items = kind === 'patch' ? page.items.filter(({ seq }) => messages.has(seq)) : page.items;
    // The message that a thread began with stays where it is.
    const root = kind === 'patch' ? undefined : messages.get(this.thread);
    if (kind === 'replace') messages.clear();
    if (root) messages.set(this.thread, root);
    const fresh = new Map(items.map(({ seq }) => [seq, page.head_seq]));
    for (const item of items) {
      messages.set(item.seq, item);
      this.stale.delete(item.seq);
      this.knownTo.set(item.seq, page.head_seq);
    }
    this.reach(kind, page);
    this.sort();
    for (const fact of since) {
      if (fact.seq <= page.head_seq || fact.seq > this.position) continue;
      const known = messages.has(fact.seq);
      this.fold(fact, (seq) => (fresh.get(seq) ?? this.position) < fact.seq);
      if (!known && messages.has(fact.seq)) fresh.set(fact.seq, fact.seq);
    }
    this.advance(this.position);
    this.trim(kind === 'older' ? 'newer' : 'older');
  }

  /** The message that a thread began with. */
  putRoot(page: Page, since: readonly Fact[]): void {
    const root = page.items.find(({ seq }) => seq === this.thread);
    if (!root) return;
    this.state.messages.set(root.seq, root);
    this.put('patch', { ...page, items: [root] }, since);
  }

  private reach(kind: PageKind, page: Page): void {
    if (kind === 'patch') return;
    if (kind !== 'newer') {
      this.from = page.from_seq;
      this.hasOlder = page.has_before;
    }
    if (kind === 'older') return;
    this.to = page.to_seq;
    this.atEnd = !page.has_after;
    this.end = page.head_seq;
  }

  private sort(): void {
    const { messages } = this.state;
    const all = [...messages].sort(([left], [right]) => left - right);
    messages.clear();
    for (const [seq, message] of all) messages.set(seq, message);
  }

  /** Keeps what the screen is most likely to show: the far end goes. */
  private trim(far: 'older' | 'newer'): void {
    const { messages } = this.state;
    const seqs = [...messages.keys()].filter((seq) => seq !== this.thread);
    const over = seqs.length - this.messages_max;
    if (over <= 0) return;
    const gone = far === 'older' ? seqs.slice(0, over) : seqs.slice(-over);
    for (const seq of gone) {
      messages.delete(seq);
      this.knownTo.delete(seq);
      this.stale.delete(seq);
    }
    if (far === 'older') {
      this.hasOlder = true;
      this.from = gone.at(-1)! + 1;
    } else {
      this.atEnd = false;
      this.to = gone[0]! - 1;
    }
  }

  /** @param folds whether the fact is news to a message @returns whether anything is another */
  private fold(fact: Fact, folds: (seq: number) => boolean): boolean {
    const { messages, states } = this.state;
    const created = fact.type === 'message.created';
    const target = created ? fact.seq : fact.targetSeq;
    if (target === 0) return false;
    const threadOf = created ? fact.body['thread_seq'] as number | undefined : parseMessageId(messages.get(target)?.thread_id ?? '')?.seq;
    const gone = fact.type === 'message.deleted' || fact.type === 'message.expired';
    if (gone) this.doubtThreads(target, threadOf, folds);
    const added = created && !messages.has(target);
    if (added ? !this.adds(fact, threadOf) && !(threadOf !== undefined && messages.has(threadOf)) : !messages.has(target)) return false;
    const involved = [target, threadOf].flatMap((seq) => {
      const message = seq === undefined ? undefined : messages.get(seq);
      return message ? [message] : [];
    });
    for (const message of involved) states.set(message.seq, stateOf(message));
    const adds = added && this.adds(fact, threadOf);
    foldConversation(this.state, fact);
    states.clear();
    for (const message of involved) if (!folds(message.seq)) messages.set(message.seq, message);
    if (added && !adds) messages.delete(target);
    if (adds) {
      this.end = this.to = fact.seq;
      this.trim('older');
    }
    return adds || involved.some((message) => messages.get(message.seq) !== message);
  }

  /** Whether a new message belongs here. */
  private adds(fact: Fact, threadOf: number | undefined): boolean {
    const here = this.thread > 0 ? threadOf === this.thread : threadOf === undefined || fact.body['in_main'] === true;
    return here && this.atEnd && fact.seq > this.end;
  }

  /** A reply that is gone counts in its thread no more. Where the reply is not there, or its page has seen that already, the thread is read again. */
  private doubtThreads(target: number, threadOf: number | undefined, folds: (seq: number) => boolean): void {
    const reply = this.state.messages.get(target);
    if (threadOf !== undefined) {
      if (folds(threadOf) && !folds(target)) this.stale.add(threadOf);
      return;
    }
    if (reply) return;
    for (const { seq, thread } of this.state.messages.values()) if (thread && seq < target && target <= thread.last_seq) this.stale.add(seq);
  }
}

/** What the facts about a message came to, as far as it shows it. */
function stateOf({ reactions, pinned, thread, poll, previews }: MessageView): MessageState {
  return {
    reactions: Object.fromEntries(reactions.map(({ reaction, count }) => [reaction, count])),
    ...(pinned && { pinned }), ...(thread && { thread: { ...thread, ordinal: 0 } }), previews: previews as NonNullable<MessageState['previews']>,
    ...(poll && { poll: { votes: Object.fromEntries(poll.options.map(({ id, votes }) => [id, votes])), voters: poll.voters, ...(poll.closed_ms !== null && { closed_ms: poll.closed_ms }) } }),
  };
}
